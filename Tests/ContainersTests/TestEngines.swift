import Containers
import Processes
import SystemIO
import TestSupport
import Testing
import WireGuard

/// An engine's tool, pointed at a place of the test's own.
struct TestEngine: ContainerEngine {
    let dialect: EngineDialect
    private let executable: ExecutablePath
    private let prefix: [String]
    private let variables: [String: String]

    /// Docker's, for a daemon that listens there.
    init(docker socket: String) throws {
        dialect = .docker
        executable = try #require(ExecutablePath.find("docker"))
        prefix = []
        variables = ["DOCKER_HOST": "unix://\(socket)"]
    }

    /// Podman's, in the namespaces of a process, with all that it keeps below a directory.
    init(podmanIn process: Int32, keeping directory: String) throws {
        dialect = .podman
        executable = try #require(ExecutablePath.find("nsenter"))
        let podman = try #require(ExecutablePath.find("podman"))
        prefix = [
            "--target", "\(process)", "--net", "--mount", "--", "\(podman)", "--root", "\(directory)/data",
            "--runroot", "/run/podman", "--tmpdir", "/run/podman-tmp",
        ]
        variables = ["CONTAINERS_CONF": "\(SourceTree.root)/Tests/Lab/containers.conf"]
    }

    func command(_ arguments: [String]) -> Command { Command(executable, prefix + arguments, variables: variables) }

    /// Runs the tool as an independent witness.
    ///
    /// - Returns: What it prints, without the last line's end.
    @discardableResult
    func tool(_ arguments: String...) async throws -> String { try await tool(arguments) }

    @discardableResult
    func tool(_ arguments: [String]) async throws -> String {
        let result = try await command(arguments).run()
        try #require(result.isSuccess, "\(arguments): \(result.error)")
        return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
    }

    /// A container of the default image.
    func spec(_ name: Name, _ owner: Owner) -> ContainerSpec {
        ContainerSpec(name: name, owner: owner, image: defaultImage(for: owner.role))
    }

    /// The identifiers of the containers of this name.
    func ids(_ name: Name) async throws -> String {
        try await tool("ps", "--all", "--no-trunc", "--quiet", "--filter", "name=^/?\(name)$")
    }

    @TaskLocal fileprivate static var all: [EngineDialect: TestEngine] = [:]

    /// The engine of the suite that runs.
    static func current(_ dialect: EngineDialect) throws -> TestEngine { try #require(all[dialect]) }

    fileprivate static func provide(_ engines: [TestEngine], _ body: () async throws -> Void) async throws {
        let all = Dictionary(uniqueKeysWithValues: engines.map { ($0.dialect, $0) })
        try await $all.withValue(all) { try await body() }
    }

    fileprivate func importImages(_ directory: String) async throws {
        let nginx = [#"CMD ["nginx", "-g", "daemon off;"]"#]
        let curl = [#"ENTRYPOINT ["/entrypoint.sh"]"#, #"CMD ["curl"]"#, "USER curl_user"]
        for (file, image, changes) in [("nginx", "library/nginx", nginx), ("curl", "curlimages/curl", curl)] {
            let options = changes.flatMap { ["--change", $0] }
            let result = try await command(
                ["import"] + options + ["\(directory)/\(file).tar", "docker.io/\(image):latest"]
            ).run()
            try #require(result.isSuccess, "\(result.error)")
        }
    }
}

/// A Docker daemon and a Podman for the tests of one suite: each in a network namespace of its own, with the two default
/// images.
struct RealEnginesTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let group = "wgseal-test-\(UInt32.random(in: 0 ... .max))"
        let images = directory.path(of: "images")
        let built = try await Tool("\(SourceTree.root)/Tests/Lab/images").run([images])
        try #require(built.status == 0, "\(built.error)")

        let docker = try TestEngine(docker: directory.path(of: "socket"))
        let daemon = try await dockerd(in: directory.path, controlGroup: group, socket: directory.path(of: "socket"))
        let host = try await podmanHost(in: directory.path)
        let podman = try TestEngine(podmanIn: host.identity.pid, keeping: directory.path(of: "podman"))
        var outcome = Result<Void, any Error>.success(())
        do {
            while await (try? docker.probe()) == nil { try #require(daemon.identity.isAlive, "dockerd has ended") }
            try await docker.importImages(images)
            try await podman.importImages(images)
            try await TestEngine.provide([docker, podman]) { try await body() }
        } catch {
            outcome = .failure(error)
        }
        _ = try await podman.command(["rm", "--all", "--force", "--time", "0"]).run()
        try await host.identity.terminate(grace: .seconds(5))
        try await daemon.identity.terminate(grace: .seconds(20))
        for name in [group, "libpod_parent"] {
            _ = try await Tool("find").run(["/sys/fs/cgroup", "-type", "d", "-path", "*/\(name)*", "-delete"])
        }
        try outcome.get()
    }

    private func dockerd(in directory: String, controlGroup: String, socket: String) async throws -> StartedProcess {
        try await start(
            // Whatever the options say, the daemon makes directories in /run.
            #"mount -t tmpfs tmpfs /run && exec "$0" "$@""#,
            [
                "dockerd", "--data-root", "\(directory)/data", "--exec-root", "\(directory)/exec",
                "--pidfile", "\(directory)/pid", "--host", "unix://\(socket)", "--iptables=false",
                "--cgroup-parent", "/\(controlGroup)",
            ],
            log: "\(directory)/log"
        )
    }

    /// A process in whose namespaces Podman may do what it likes.
    private func podmanHost(in directory: String) async throws -> StartedProcess {
        let ready = "\(directory)/ready"
        let script = """
            for path in /run /var/lib/cni; do mkdir -p $path; mount -t tmpfs tmpfs $path; done
            ip link set lo up && touch "$1" && exec sleep infinity
            """
        let host = try await start(script, ["sh", ready], log: "\(directory)/podman.log")
        while !FileEntry.exists(ready) { try #require(host.identity.isAlive, "no place for podman") }
        return host
    }

    private func start(_ script: String, _ words: [String], log: String) async throws -> StartedProcess {
        let unshare = try #require(ExecutablePath.find("unshare"))
        return try await Command(unshare, ["--net", "--mount", "--", "sh", "-c", script] + words).start(log: log)
    }
}

extension Trait where Self == RealEnginesTrait {
    /// Starts the engines before the suite's first test, and ends them after the last.
    static var realEngines: RealEnginesTrait { RealEnginesTrait() }
}
