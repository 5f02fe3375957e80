import Planning
import Processes
import SystemIO
import TestSupport
import Testing
import WireGuard

@testable import Containers

private let canRun =
    User.isRoot && ["docker", "dockerd", "nginx", "podman", "unshare"].allSatisfy { ExecutablePath.find($0) != nil }

/// What every engine does, on the real ones.
@Suite("Container engine", .serialized, .enabled(if: canRun, "needs root, docker, podman and nginx"), .realEngines)
struct EngineContractTests {
    @Test(
        "starts a server that is a process of this host and has our labels, and removes it",
        arguments: EngineDialect.allCases
    )
    func server(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let name = try name("server")
        let container = try await engine.start(engine.spec(name, try owner()))
        #expect(try await engine.pid(of: name, for: owner()) == container.pid)
        #expect(
            try String(decoding: InputFile.read("/proc/\(container.pid)/comm", maximumByteCount: 64), as: UTF8.self)
                == "nginx\n"
        )
        let labels = try await engine.tool("inspect", "--format", "{{json .Config.Labels}}", "server")
        #expect(
            labels
                == #"{"org.wgseal.interface":"wg-tunnel","org.wgseal.owner":"wgup","org.wgseal.role":"server"}"#
        )
        try await engine.remove(name, of: try owner())
        #expect(try await engine.ids(name) == "")
    }

    @Test("knows the network that containers are in", arguments: EngineDialect.allCases)
    func network(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let description = try await engine.tool("network", "inspect", dialect == .docker ? "bridge" : "podman")
        let prefixes = try await engine.networkPrefixes()
        #expect(prefixes.count == 1)
        for prefix in prefixes { #expect(description.contains("\"\(prefix)\"")) }
    }

    @Test("starts a client that stays, and that ends at once when it is removed", arguments: EngineDialect.allCases)
    func client(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let name = try name("client")
        let container = try await engine.start(engine.spec(name, try owner(.client)))
        #expect(try await engine.running(container) == container)
        #expect(try await engine.tool("exec", "client", "curl", "--version").hasPrefix("curl "))
        let clock = ContinuousClock.now
        try await engine.remove(name, of: try owner(.client))
        #expect(ContinuousClock.now - clock < .seconds(4), "it was given five seconds, and used them")
    }

    @Test("finishes a start whose task was cancelled", arguments: EngineDialect.allCases)
    func cancelled(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let spec = ContainerSpec(name: try name("cancelled"), owner: try owner())
        let container = try await inCancelledTask { [engine] in try await engine.start(spec) }
        #expect(try await engine.running(container) == container)
        try await engine.remove(spec.name, of: spec.owner, force: true)
    }

    @Test("gives an isolated container no interface but loopback", arguments: EngineDialect.allCases)
    func isolated(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let spec = ContainerSpec(name: try name("isolated"), owner: try owner(.client), isIsolated: true)
        let container = try await engine.start(spec)
        let table = try InputFile.read("/proc/\(container.pid)/net/dev", maximumByteCount: 4096)
        let names = String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst(2)
            .map { $0.prefix { $0 != ":" }.drop { $0 == " " } }
        #expect(names == ["lo"])
        try await engine.remove(spec.name, of: spec.owner, force: true)
    }

    @Test("replaces what an earlier run of the same tunnel left", arguments: EngineDialect.allCases)
    func leftover(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let spec = ContainerSpec(name: try name("leftover"), owner: try owner())
        let first = try await engine.start(spec)
        try await engine.requireFree(spec.name, for: spec.owner)
        let second = try await engine.start(spec)
        #expect(first.id != second.id)
        #expect(try await engine.ids(spec.name) == second.id.description)
        try await engine.remove(spec.name, of: spec.owner, force: true)
    }

    @Test("touches no container that somebody else made", arguments: EngineDialect.allCases)
    func foreign(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let spec = ContainerSpec(name: try name("foreign"), owner: try owner())
        let id = try await engine.tool("create", "--name", "foreign", "nginx")
        await #expect(throws: ContainerError.foreign(spec.name)) {
            try await engine.requireFree(spec.name, for: spec.owner)
        }
        await #expect(throws: ContainerError.foreign(spec.name)) { try await engine.start(spec) }
        try await engine.remove(spec.name, of: spec.owner, force: true)
        #expect(try await engine.ids(spec.name) == id)
        try await engine.tool("rm", "foreign")
    }

    @Test("touches no container of another tunnel of this host", arguments: EngineDialect.allCases)
    func otherTunnel(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let name = try name("shared")
        let other = try owner(interface: "wg-other")
        let container = try await engine.start(engine.spec(name, other))
        await #expect(throws: ContainerError.inUse(name, interface: other.interface)) {
            try await engine.start(engine.spec(name, try owner()))
        }
        try await engine.remove(name, of: try owner(), force: true)
        #expect(try await engine.ids(name) == container.id.description)
        try await engine.remove(name, of: other, force: true)
    }

    @Test("takes no name for the beginning of an identifier", arguments: EngineDialect.allCases)
    func prefix(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let id = try await engine.tool("create", "--name", "whatever", "nginx")
        // Not every identifier begins with a letter, as a name must.
        if let name = Name(String(id.prefix(12))) { #expect(try await engine.pid(of: name, for: owner()) == nil) }
        #expect(try await engine.ids(try name("what")) == "")
        try await engine.tool("rm", "whatever")
    }

    @Test("leaves nothing of a container whose program does not exist", arguments: EngineDialect.allCases)
    func badCommand(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let spec = ContainerSpec(name: try name("bad"), owner: try owner(), command: ["/no/such/program"])
        let error = await #expect(throws: ContainerError.self) { try await engine.start(spec) }
        #expect(refusalToStart(error)?.contains("/no/such/program") == true)
        #expect(try await engine.ids(spec.name) == "")
    }

    @Test("leaves nothing of a container whose port is taken", arguments: EngineDialect.allCases)
    func portTaken(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let publication = ContainerSpec.Publication(address: IPAddress(0, 0, 0, 0), hostPort: 8080, containerPort: 80)
        let first = ContainerSpec(name: try name("port-a"), owner: try owner(), publications: [publication])
        let second = ContainerSpec(name: try name("port-b"), owner: try owner(), publications: [publication])
        _ = try await engine.start(first)
        let error = await #expect(throws: ContainerError.self) { try await engine.start(second) }
        #expect(refusalToStart(error) != nil)
        #expect(try await engine.ids(second.name) == "")
        try await engine.remove(first.name, of: first.owner, force: true)
    }

    @Test("says how a container ended, in its own last words", arguments: EngineDialect.allCases)
    func ended(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
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
        #expect(try await engine.ids(spec.name) == "")
    }

    @Test("says that a container is gone", arguments: EngineDialect.allCases)
    func gone(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let spec = ContainerSpec(name: try name("gone"), owner: try owner())
        let container = try await engine.start(spec)
        try await engine.tool("rm", "--force", "gone")
        await #expect(throws: ContainerError.missing(spec.name)) { try await engine.running(container) }
        try await engine.remove(spec.name, of: spec.owner)
    }

    @Test("has the image that is at hand, and fetches no other without a registry", arguments: EngineDialect.allCases)
    func images(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        #expect(try await engine.hasImage(engine.defaultImage(for: .client)))
        try await engine.pullIfMissing(engine.defaultImage(for: .server))
        let missing = try image("wgseal/no-such-image")
        #expect(try await !engine.hasImage(missing))
        await #expect {
            try await engine.pullIfMissing(missing)
        } throws: { error in
            guard case .imageUnavailable(missing, _)? = error as? ContainerError else { return false }
            return true
        }
    }

    @Test("does not fetch in a task that was cancelled", arguments: EngineDialect.allCases)
    func cancelledPull(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let missing = try image("wgseal/no-such-image")
        await #expect(throws: CancellationError.self) {
            try await inCancelledTask { [engine] in try await engine.pullIfMissing(missing) }
        }
    }

    @Test("finds a container of the operator's by name, identifier and labels", arguments: EngineDialect.allCases)
    func attached(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let image = "\(engine.defaultImage(for: .server))"
        let labels = ["--label", "shop=yes", "--label", "com.docker.compose.project=shop"]
        let (named, labelled) = (try selector("op.web"), try selector("label:shop=yes"))
        #expect(try await engine.attached(named) == nil)
        #expect(try await engine.attached(labelled) == nil)
        let id = try await engine.tool(["create", "--name", "op.web"] + labels + [image])
        #expect(try await engine.attached(named) == AttachedContainer(id: id, pid: nil))
        #expect(try await engine.attached(labelled) == AttachedContainer(id: id, pid: nil))
        // A dot stands for itself.
        try await engine.tool("run", "--detach", "--name", "opxweb", image)
        try await engine.tool("start", "op.web")
        let pid = try Int32(await engine.tool("inspect", "--format", "{{.State.Pid}}", "op.web"))
        for selector in [named, labelled, try selector(id)] {
            #expect(try await engine.attached(selector) == AttachedContainer(id: id, pid: pid))
        }
        try await engine.tool(["run", "--detach", "--name", "op.web2"] + labels + [image])
        await #expect(throws: ContainerError.ambiguous(labelled, count: 2)) { try await engine.attached(labelled) }
        try await engine.tool("stop", "--time", "0", "op.web")
        #expect(try await engine.attached(labelled)?.id != id)
        try await engine.tool("rm", "--force", "op.web", "op.web2", "opxweb")
    }

    @Test("gives no tunnel to a container of ours that has one", arguments: EngineDialect.allCases)
    func ours(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let (name, owner) = (try name("ours"), try owner())
        _ = try await engine.start(engine.spec(name, owner))
        let selector = ContainerSelector(name: name)
        await #expect(throws: ContainerError.attachedIsOurs(selector, interface: owner.interface)) {
            try await engine.attached(selector)
        }
        try await engine.remove(name, of: owner, force: true)
    }

    @Test("tells whenever a container is started, and of no other", arguments: EngineDialect.allCases)
    func starts(dialect: EngineDialect) async throws {
        let engine = try TestEngine.current(dialect)
        let image = "\(engine.defaultImage(for: .server))"
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let selector = try selector("label:watched=yes")
        let follower = Task { try await engine.followStarts(of: selector) { continuation.yield() } }
        var events = stream.makeAsyncIterator()
        try await engine.tool("run", "--detach", "--name", "other", image)
        try await engine.tool("run", "--detach", "--name", "watched", "--label", "watched=yes", image)
        await events.next()
        for _ in 0..<3 {
            try await engine.tool("restart", "--time", "0", "watched")
            await events.next()
        }
        follower.cancel()
        await #expect(throws: ContainerError.self) { try await follower.value }
        continuation.finish()
        #expect(await events.next() == nil)
        try await engine.tool("rm", "--force", "watched", "other")
    }

    private func selector(_ text: String) throws -> ContainerSelector { try #require(ContainerSelector(text)) }

    private func refusalToStart(_ error: ContainerError?) -> String? {
        if case .refused(_, "start", let reason) = error { reason } else { nil }
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
}

@Suite("Engines")
struct EnginesTests {
    @Test("an engine without a daemon is said to be not running")
    func notRunning() async throws {
        try #require(ExecutablePath.find("docker") != nil)
        let engine = try TestEngine(docker: "/nonexistent/socket")
        let expected = ContainerError.unavailable(engine: "docker", .notRunning)
        await #expect(throws: expected) { try await engine.probe() }
        await #expect(throws: expected) { try await engine.pullIfMissing(try image("nginx")) }
        await #expect(throws: expected) { try await engine.remove(try name("server"), of: try owner()) }
    }

    @Test("an engine that we do not know is unavailable", arguments: ["Docker", "lxc", ""])
    func unknown(name: String) {
        #expect(throws: ContainerError.unavailable(engine: name, .unsupported)) { try Engines.named(name) }
    }

    @Test("no engine is asked where none is wanted")
    func noEngine() async throws {
        guard case .none = try await Engines.choose(.none) else { throw ContainerError.noCommand }
        guard case .process = try await Engines.choose(.process) else { throw ContainerError.noCommand }
    }
}
