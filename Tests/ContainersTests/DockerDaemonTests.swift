internal import Containers
internal import Glibc
internal import Processes
internal import SystemIO
internal import TestSupport
internal import Testing
internal import WireGuard

/// Only where `DOCKER_HOST` names a daemon that is for tests: an operator's own is not to be touched.
@Suite(
    "Docker engine, with a real daemon",
    .enabled(if: Environment.value("DOCKER_HOST") != nil, "needs DOCKER_HOST, with an image curlimages/curl"),
    .timeLimit(.minutes(1))
)
struct DockerDaemonTests {
    let engine: DockerEngine

    init() async throws {
        engine = try DockerEngine.installed()
        try await engine.probe()
    }

    @Test("starts, finds and removes the default client, at once though it ignores TERM")
    func client() async throws {
        let spec = try clientSpec("wgsealtest-client-\(getpid())")
        #expect(try await engine.find(spec.name) == nil)
        let container = try await engine.start(spec, onProgress: nil)
        #expect(container.interface == spec.interface)
        #expect(container.role == "client")
        let pid = try #require(container.pid)
        #expect(ProcessIdentity(running: pid)?.isAlive == true)
        #expect(try await engine.find(spec.name) == container)
        #expect(try await engine.find(container.id) == container)
        await #expect(throws: ContainerError.nameInUse(spec.name)) {
            _ = try await engine.start(spec, onProgress: nil)
        }
        try await engine.remove(container.id, grace: .seconds(1000))
        #expect(try await engine.find(container.id) == nil)
        #expect(ProcessIdentity(running: pid) == nil)
        try await engine.remove(container.id, grace: .zero)
    }

    @Test("leaves alone what somebody else made, under the same name or one like it")
    func foreign() async throws {
        let name = "wgsealtest-foreign-\(getpid())"
        let made = try await Tool("docker").run(
            [
                "create", "--label", "org.wgseal.role=client", "--name", name, "--entrypoint", "sleep",
                "curlimages/curl", "9",
            ]
        )
        try #require(made.status == 0, "\(made.error)")
        let spec = try clientSpec(name)
        await #expect(throws: ContainerError.foreign(spec.name)) { _ = try await engine.start(spec, onProgress: nil) }
        #expect(try await engine.find(try #require(Name(String(name.dropLast())))) == nil)
        _ = try await Tool("docker").run(["rm", name])
    }

    @Test("keeps the last lines of a container")
    func lines() async throws {
        var spec = try clientSpec("wgsealtest-lines-\(getpid())")
        spec.entrypoint = "sh"
        spec.command = ["-c", "for i in 1 2 3; do echo line $i; done; exec sleep infinity"]
        let container = try await engine.start(spec, onProgress: nil)
        var lines: [String] = []
        while lines.isEmpty { lines = try await engine.lastLines(of: container.id, count: 2) }
        #expect(lines.last?.hasPrefix("line ") == true)
        try await engine.remove(container.id, grace: .zero)
    }

    @Test("says that an entry point is not there, and removes what was created")
    func noEntrypoint() async throws {
        var spec = try clientSpec("wgsealtest-entry-\(getpid())")
        spec.entrypoint = "/no/such/program"
        let error = try #require(await failure(starting: spec))
        #expect("\(error)".contains("/no/such/program"))
        #expect(try await engine.find(spec.name) == nil)
    }

    @Test("says that an image cannot be had", arguments: ["--privileged", "UPPER", "a b", "127.0.0.1:1/no/such"])
    func badImage(image: String) async throws {
        var spec = try clientSpec("wgsealtest-image-\(getpid())")
        spec.image = image
        guard case .imageUnavailable(image, _) = await failure(starting: spec) else {
            Issue.record("started, or another error")
            return
        }
        #expect(try await engine.find(spec.name) == nil)
    }

    private func failure(starting spec: ContainerSpec) async -> ContainerError? {
        do throws(ContainerError) {
            _ = try await engine.start(spec, onProgress: nil)
            return nil
        } catch {
            return error
        }
    }
}
