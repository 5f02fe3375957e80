import Planning
import Testing
import WireGuard

@testable import Containers

@Suite("Engine command lines")
struct EngineArgumentsTests {
    private let id: ContainerID

    init() throws { id = try #require(ContainerID(String(repeating: "0a", count: 32))) }

    @Test("a server of the default image")
    func server() throws {
        let spec = ContainerSpec(name: try name("wgseal-server"), owner: try owner())
        #expect(
            EngineArguments.create(spec) == [
                "create", "--pull", "never", "--name", "wgseal-server",
                "--label", "org.wgseal.owner=wgup",
                "--label", "org.wgseal.interface=wg-tunnel",
                "--label", "org.wgseal.role=server",
                "--", "nginx",
            ]
        )
    }

    @Test("the engine's own network is found by its whole name, and asked for by its identifier")
    func network() {
        #expect(EngineArguments.findNetwork(.docker).contains("name=^bridge$"))
        #expect(EngineArguments.findNetwork(.podman).contains("name=^podman$"))
        for dialect in EngineDialect.allCases {
            #expect(EngineArguments.prefixes(ofNetwork: id, dialect).suffix(2) == ["--", id.description])
        }
    }

    @Test("a container in a namespace of ours has no network of the engine's")
    func namespace() throws {
        let tunnel = try name("tunnel")
        let spec = ContainerSpec(name: tunnel, owner: try owner(), isIsolated: true, namespace: tunnel)
        let arguments = EngineArguments.create(spec)
        #expect(arguments.filter { $0 == "--network" }.count == 1)
        #expect(arguments.contains("ns:/run/netns/tunnel"))
    }

    @Test("a container of the operator's is looked for by its whole name, or by all its labels")
    func selectors() throws {
        let named = try #require(ContainerSelector("web.1"))
        #expect(EngineArguments.find(named, isRunning: false).contains(#"name=^web\.1$"#))
        #expect(EngineArguments.find(named, isRunning: false).contains("--all"))
        let service = try #require(ContainerSelector("compose:shop/web"))
        let arguments = EngineArguments.find(service, isRunning: true)
        #expect(!arguments.contains("--all"))
        #expect(arguments.contains("label=com.docker.compose.project=shop"))
        #expect(arguments.contains("label=com.docker.compose.service=web"))
        #expect(EngineArguments.starts(of: service, since: 7).contains("event=start"))
    }

    @Test("a client of the default image")
    func client() throws {
        let spec = ContainerSpec(name: try name("wgseal-client"), owner: try owner(.client))
        #expect(
            EngineArguments.create(spec) == [
                "create", "--pull", "never", "--name", "wgseal-client",
                "--label", "org.wgseal.owner=wgup",
                "--label", "org.wgseal.interface=wg-tunnel",
                "--label", "org.wgseal.role=client",
                "--entrypoint", "sleep", "--stop-signal", "KILL",
                "--", "curlimages/curl", "infinity",
            ]
        )
    }

    @Test("the operator's options come before ours, the command after the image")
    func everything() throws {
        let publications = [
            ContainerSpec.Publication(address: IPAddress(10, 0, 0, 1), hostPort: 8080, containerPort: 80),
            ContainerSpec.Publication(address: try #require(IPAddress("fd00::1")), hostPort: 8443, containerPort: 443),
        ]
        let spec = ContainerSpec(
            name: try name("web"),
            owner: try owner(),
            image: try image("app:2"),
            command: ["serve", "--name", "x"],
            publications: publications,
            isIsolated: true,
            engineArguments: ["--memory", "64m", "--name", "y"]
        )
        #expect(
            EngineArguments.create(spec) == [
                "create", "--memory", "64m", "--name", "y", "--pull", "never", "--name", "web",
                "--label", "org.wgseal.owner=wgup",
                "--label", "org.wgseal.interface=wg-tunnel",
                "--label", "org.wgseal.role=server",
                "--network", "none",
                "--publish", "10.0.0.1:8080:80", "--publish", "[fd00::1]:8443:443",
                "--", "app:2", "serve", "--name", "x",
            ]
        )
    }

    @Test("a name is looked up whole")
    func find() throws {
        #expect(
            EngineArguments.find(try name("wgseal-server")) == [
                "container", "ls", "--all", "--no-trunc", "--filter", "name=^wgseal-server$", "--format", "{{.ID}}",
            ]
        )
    }

    @Test("all else goes by identifier, after the end of options")
    func byIdentifier() {
        for arguments in [
            EngineArguments.start(id), EngineArguments.inspect(id), EngineArguments.wait(id),
            EngineArguments.lastLine(of: id),
            EngineArguments.stop(id, seconds: 5), EngineArguments.remove(id),
        ] {
            #expect(arguments.suffix(2) == ["--", id.description])
        }
    }

    @Test("images come after the end of options")
    func images() throws {
        #expect(EngineArguments.pull(try image("app:2")) == ["pull", "--", "app:2"])
        #expect(EngineArguments.inspectImage(try image("app:2")).suffix(2) == ["--", "app:2"])
    }
}
