internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@testable internal import Processes

@Suite("Process identity", .timeLimit(.minutes(1)))
struct ProcessIdentityTests {
    @Test("is that of this process for its own number")
    func ourselves() throws {
        let identity = try #require(ProcessIdentity(running: getpid()))
        #expect(identity.isAlive)
        #expect(identity == ProcessIdentity(pid: getpid(), startTime: identity.startTime))
    }

    @Test("is none for a number that nobody has", arguments: [0, -1, 999_999_999, .max, .min] as [Int32])
    func nobody(pid: Int32) {
        #expect(ProcessIdentity(running: pid) == nil)
        #expect(!ProcessIdentity(pid: pid, startTime: 0).isAlive)
    }

    @Test("signals no later process of the same number")
    func recycled() async throws {
        let temporary = try TemporaryDirectory()
        let process = try await program("sleep", "1000").start(log: temporary.path(of: "log"))
        let earlier = ProcessIdentity(pid: process.identity.pid, startTime: process.identity.startTime - 1)
        #expect(!earlier.isAlive)
        try earlier.signal(.kill)
        try await earlier.terminate(grace: .zero)
        #expect(process.identity.isAlive)
        try process.identity.signal(.kill)
        #expect(try await process.exitStatus() == .signaled(SIGKILL))
    }

    @Test("is asked to end first")
    func graceful() async throws {
        let temporary = try TemporaryDirectory()
        let process = try await shell("trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done")
            .start(log: temporary.path(of: "log"))
        while try temporary.read("log").isEmpty { await Task.yield() }
        try await process.identity.terminate(grace: .seconds(60))
        #expect(try await process.exitStatus() == .exited(9))
    }

    @Test("is ended by force when it does not want to")
    func forced() async throws {
        let temporary = try TemporaryDirectory()
        let process = try await shell("trap '' TERM; echo ready; while :; do sleep 0.01; done")
            .start(log: temporary.path(of: "log"))
        while try temporary.read("log").isEmpty { await Task.yield() }
        try await process.identity.terminate(grace: .milliseconds(50))
        #expect(try await process.exitStatus() == .signaled(SIGKILL))
    }

    @Test("may be gone already")
    func gone() async throws {
        let temporary = try TemporaryDirectory()
        let process = try await program("true").start(log: temporary.path(of: "log"))
        _ = try await process.exitStatus()
        try process.identity.signal(.terminate)
        try await process.identity.terminate(grace: .zero)
        #expect(!process.identity.isAlive)
    }

    @Test("ends although the task that waits for it is cancelled")
    func cancelled() async throws {
        let temporary = try TemporaryDirectory()
        let process = try await program("sleep", "1000").start(log: temporary.path(of: "log"))
        try await Task {
            unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
            try await process.identity.terminate(grace: .seconds(60))
        }.value
        #expect(!process.identity.isAlive)
    }

    @Test(
        "is read from a line of the kernel, whatever the program is called",
        arguments: ["sleep", "a b", "a) S 1 2 (", ")", ""]
    )
    func line(name: String) throws {
        let rest = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21"
        #expect(ProcessStatus("42 (\(name)) S \(rest)\n")?.startTime == 4711)
        #expect(ProcessStatus("42 (\(name)) S \(rest)\n")?.hasEnded == false)
        #expect(ProcessStatus("42 (\(name)) Z \(rest)\n")?.hasEnded == true)
    }

    @Test(
        "is not read from anything else",
        arguments: ["", "42", "42 (a", "42 (a)", "42 (a) S 1 2 3", "42 (a) S \(String(repeating: "-1 ", count: 30))"]
    )
    func badLine(text: String) {
        #expect(ProcessStatus(text) == nil)
    }
}
