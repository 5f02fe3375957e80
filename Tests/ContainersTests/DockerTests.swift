import Planning
import Processes
import SystemIO
import TestSupport
import Testing
import WireGuard

@testable import Containers

private let canRun =
    User.isRoot && ["docker", "dockerd", "nginx", "unshare"].allSatisfy { ExecutablePath.find($0) != nil }

@Suite("Docker", .enabled(if: canRun, "needs root, docker, dockerd and nginx"), .dockerDaemon)
struct DockerTests {
    private let engine: TestEngine

    init() throws { engine = try #require(TestEngine.current) }

    @Test("starts a server that is a process of this host and has our labels, and removes it")
    func server() async throws {
        let name = try name("server")
        let container = try await engine.start(ContainerSpec(name: name, owner: try owner()))
        #expect(try await engine.pid(of: name, for: owner()) == container.pid)
        #expect(
            try String(decoding: InputFile.read("/proc/\(container.pid)/comm", maximumByteCount: 64), as: UTF8.self)
                == "nginx\n"
        )
        let labels = try await engine.docker("inspect", "--format", "{{json .Config.Labels}}", "server")
        #expect(
            labels
                == #"{"org.wgseal.interface":"wg-tunnel","org.wgseal.owner":"wgup","org.wgseal.role":"server"}"#
        )
        try await engine.remove(name, of: try owner())
        #expect(try await ids(name) == "")
    }

    @Test("knows the network that containers are in")
    func network() async throws {
        let text = try await engine.docker(
            "network",
            "inspect",
            "--format",
            "{{(index .IPAM.Config 0).Subnet}}",
            "bridge"
        )
        #expect(try await engine.networkPrefixes() == [#require(IPPrefix(text))])
    }

    @Test("starts a client that stays, and that ends at once when it is removed")
    func client() async throws {
        let name = try name("client")
        let container = try await engine.start(ContainerSpec(name: name, owner: try owner(.client)))
        #expect(try await engine.running(container) == container)
        #expect(try await engine.docker("exec", "client", "curl", "--version").hasPrefix("curl "))
        let clock = ContinuousClock.now
        try await engine.remove(name, of: try owner(.client))
        #expect(ContinuousClock.now - clock < .seconds(4), "it was given five seconds, and used them")
    }

    @Test("finishes a start whose task was cancelled")
    func cancelled() async throws {
        let spec = ContainerSpec(name: try name("cancelled"), owner: try owner())
        let container = try await inCancelledTask { [engine] in try await engine.start(spec) }
        #expect(try await engine.running(container) == container)
        try await engine.remove(spec.name, of: spec.owner, force: true)
    }

    @Test("gives an isolated container no interface but loopback")
    func isolated() async throws {
        let spec = ContainerSpec(name: try name("isolated"), owner: try owner(.client), isIsolated: true)
        let container = try await engine.start(spec)
        let table = try InputFile.read("/proc/\(container.pid)/net/dev", maximumByteCount: 4096)
        let names = String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst(2)
            .map { $0.prefix { $0 != ":" }.drop { $0 == " " } }
        #expect(names == ["lo"])
        try await engine.remove(spec.name, of: spec.owner, force: true)
    }

    @Test("replaces what an earlier run of the same tunnel left")
    func leftover() async throws {
        let spec = ContainerSpec(name: try name("leftover"), owner: try owner())
        let first = try await engine.start(spec)
        try await engine.requireFree(spec.name, for: spec.owner)
        let second = try await engine.start(spec)
        #expect(first.id != second.id)
        #expect(try await ids(spec.name) == second.id.description)
        try await engine.remove(spec.name, of: spec.owner, force: true)
    }

    @Test("touches no container that somebody else made")
    func foreign() async throws {
        let spec = ContainerSpec(name: try name("foreign"), owner: try owner())
        let id = try await engine.docker("create", "--name", "foreign", "nginx")
        await #expect(throws: ContainerError.foreign(spec.name)) {
            try await engine.requireFree(spec.name, for: spec.owner)
        }
        await #expect(throws: ContainerError.foreign(spec.name)) { try await engine.start(spec) }
        try await engine.remove(spec.name, of: spec.owner, force: true)
        #expect(try await ids(spec.name) == id)
        try await engine.docker("rm", "foreign")
    }

    @Test("touches no container of another tunnel of this host")
    func otherTunnel() async throws {
        let name = try name("shared")
        let other = try owner(interface: "wg-other")
        let container = try await engine.start(ContainerSpec(name: name, owner: other))
        await #expect(throws: ContainerError.inUse(name, interface: other.interface)) {
            try await engine.start(ContainerSpec(name: name, owner: try owner()))
        }
        try await engine.remove(name, of: try owner(), force: true)
        #expect(try await ids(name) == container.id.description)
        try await engine.remove(name, of: other, force: true)
    }

    @Test("takes no name for the beginning of an identifier")
    func prefix() async throws {
        let id = try await engine.docker("create", "--name", "whatever", "nginx")
        // Not every identifier begins with a letter, as a name must.
        if let name = Name(String(id.prefix(12))) { #expect(try await engine.pid(of: name, for: owner()) == nil) }
        #expect(try await ids(try name("what")) == "")
        try await engine.docker("rm", "whatever")
    }

    @Test("leaves nothing of a container whose program does not exist")
    func badCommand() async throws {
        let spec = ContainerSpec(name: try name("bad"), owner: try owner(), command: ["/no/such/program"])
        let error = await #expect(throws: ContainerError.self) { try await engine.start(spec) }
        #expect(refusalToStart(error)?.contains("/no/such/program") == true)
        #expect(try await ids(spec.name) == "")
    }

    @Test("leaves nothing of a container whose port is taken")
    func portTaken() async throws {
        let publication = ContainerSpec.Publication(address: IPAddress(0, 0, 0, 0), hostPort: 8080, containerPort: 80)
        let first = ContainerSpec(name: try name("port-a"), owner: try owner(), publications: [publication])
        let second = ContainerSpec(name: try name("port-b"), owner: try owner(), publications: [publication])
        _ = try await engine.start(first)
        let error = await #expect(throws: ContainerError.self) { try await engine.start(second) }
        #expect(refusalToStart(error)?.contains("port is already allocated") == true)
        #expect(try await ids(second.name) == "")
        try await engine.remove(first.name, of: first.owner, force: true)
    }

    @Test("says how a container ended, in its own last words")
    func ended() async throws {
        let spec = ContainerSpec(
            name: try name("ended"),
            owner: try owner(),
            command: ["sh", "-c", "echo one >&2; echo no luck >&2; exit 7"]
        )
        await #expect(throws: ContainerError.ended(spec.name, status: 7, lastLine: "no luck")) {
            // The engine may be fast enough to see it run.
            let container = try await engine.start(spec)
            while true { _ = try await engine.running(container) }
        }
        try await engine.remove(spec.name, of: spec.owner)
        #expect(try await ids(spec.name) == "")
    }

    @Test("says that a container is gone")
    func gone() async throws {
        let spec = ContainerSpec(name: try name("gone"), owner: try owner())
        let container = try await engine.start(spec)
        try await engine.docker("rm", "--force", "gone")
        await #expect(throws: ContainerError.missing(spec.name)) { try await engine.running(container) }
        try await engine.remove(spec.name, of: spec.owner)
    }

    @Test("has the image that is at hand, and fetches no other without a registry")
    func images() async throws {
        #expect(try await engine.hasImage(ContainerSpec.defaultImage(for: .client)))
        try await engine.pullIfMissing(ContainerSpec.defaultImage(for: .server))
        let missing = try image("wgseal/no-such-image")
        #expect(try await !engine.hasImage(missing))
        await #expect {
            try await engine.pullIfMissing(missing)
        } throws: { error in
            guard case .imageUnavailable(missing, _)? = error as? ContainerError else { return false }
            return true
        }
    }

    @Test("does not fetch in a task that was cancelled")
    func cancelledPull() async throws {
        let missing = try image("wgseal/no-such-image")
        await #expect(throws: CancellationError.self) {
            try await inCancelledTask { [engine] in try await engine.pullIfMissing(missing) }
        }
    }

    private func refusalToStart(_ error: ContainerError?) -> String? {
        if case .refused("docker", "start", let reason) = error { reason } else { nil }
    }

    private func inCancelledTask<Success: Sendable>(
        _ body: @escaping @Sendable () async throws -> Success
    ) async throws -> Success {
        let work = Task {
            // Ends when the task is cancelled, and no sooner.
            for await _ in AsyncStream<Never>.makeStream().stream {}
            return try await body()
        }
        work.cancel()
        return try await work.value
    }

    private func ids(_ name: Name) async throws -> String {
        try await engine.docker("ps", "--all", "--no-trunc", "--quiet", "--filter", "name=^/?\(name)$")
    }
}

@Suite("Engines")
struct EnginesTests {
    @Test("an engine without a daemon is said to be not running")
    func notRunning() async throws {
        try #require(ExecutablePath.find("docker") != nil)
        let engine = try TestEngine(socket: "/nonexistent/socket")
        let expected = ContainerError.unavailable(engine: "docker", .notRunning)
        await #expect(throws: expected) { try await engine.probe() }
        await #expect(throws: expected) { try await engine.pullIfMissing(try image("nginx")) }
        await #expect(throws: expected) { try await engine.remove(try name("server"), of: try owner()) }
    }

    @Test("an engine that we do not know is unavailable", arguments: ["podman", "lxc", ""])
    func unknown(name: String) {
        #expect(throws: ContainerError.unavailable(engine: name, .unsupported)) { try Engines.named(name) }
    }

    @Test("no engine is asked where none is wanted")
    func noEngine() async throws {
        guard case .none = try await Engines.choose(.none) else { throw ContainerError.noCommand }
        guard case .process = try await Engines.choose(.process) else { throw ContainerError.noCommand }
    }
}
