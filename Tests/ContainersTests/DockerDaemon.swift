import Containers
import Processes
import SystemIO
import TestSupport
import Testing

/// Docker's tool, pointed at a daemon of the test's own.
struct TestEngine: ContainerEngine {
    let dialect = EngineDialect.docker
    let executable: ExecutablePath
    let socket: String

    init(socket: String) throws {
        executable = try #require(ExecutablePath.find("docker"))
        self.socket = socket
    }

    func command(_ arguments: [String]) -> Command {
        Command(executable, arguments, variables: ["DOCKER_HOST": "unix://\(socket)"])
    }

    /// Runs the tool as an independent witness, and takes the first line that it prints.
    @discardableResult
    func docker(_ arguments: String...) async throws -> String {
        let result = try await command(arguments).run()
        try #require(result.isSuccess, "\(arguments): \(result.error)")
        return result.output.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// The engine of the suite that runs.
    @TaskLocal static var current: TestEngine?
}

/// A Docker daemon for the tests of one suite: in a network namespace of its own, with the two default images.
struct DockerDaemonTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let group = "wgseal-test-\(UInt32.random(in: 0 ... .max))"
        let engine = try TestEngine(socket: directory.path(of: "socket"))
        let daemon = try await start(in: directory.path, controlGroup: group, socket: engine.socket)
        var outcome = Result<Void, any Error>.success(())
        do {
            while await (try? engine.probe()) == nil { try #require(daemon.identity.isAlive, "dockerd has ended") }
            try await importImages(engine, directory.path(of: "images"))
            try await TestEngine.$current.withValue(engine) { try await body() }
        } catch {
            outcome = .failure(error)
        }
        try await daemon.identity.terminate(grace: .seconds(20))
        _ = try await Tool("find").run(["/sys/fs/cgroup", "-type", "d", "-path", "*/\(group)*", "-delete"])
        try outcome.get()
    }

    private func start(in directory: String, controlGroup: String, socket: String) async throws -> StartedProcess {
        let unshare = try #require(ExecutablePath.find("unshare"))
        // Whatever the options say, the daemon makes directories in /run.
        let script = #"mount -t tmpfs tmpfs /run && exec "$0" "$@""#
        return try await Command(
            unshare,
            [
                "--net", "--mount", "--", "sh", "-c", script,
                "dockerd", "--data-root", "\(directory)/data", "--exec-root", "\(directory)/exec",
                "--pidfile", "\(directory)/pid", "--host", "unix://\(socket)", "--iptables=false",
                "--cgroup-parent", "/\(controlGroup)",
            ]
        ).start(log: "\(directory)/log")
    }

    /// Makes the images as the lab does, of this machine's nginx and curl.
    private func importImages(_ engine: TestEngine, _ directory: String) async throws {
        let built = try await Tool("\(SourceTree.root)/Tests/Lab/images").run([directory])
        try #require(built.status == 0, "\(built.error)")
        try await engine.docker(
            "import",
            "--change",
            #"CMD ["nginx", "-g", "daemon off;"]"#,
            "\(directory)/nginx.tar",
            "nginx"
        )
        try await engine.docker(
            "import",
            "--change",
            #"ENTRYPOINT ["/entrypoint.sh"]"#,
            "--change",
            #"CMD ["curl"]"#,
            "--change",
            "USER curl_user",
            "\(directory)/curl.tar",
            "curlimages/curl"
        )
    }
}

extension Trait where Self == DockerDaemonTrait {
    /// Starts a Docker daemon before the suite's first test, and ends it after the last.
    static var dockerDaemon: DockerDaemonTrait { DockerDaemonTrait() }
}
