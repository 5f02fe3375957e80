internal import Glibc
internal import Processes
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Starting a process", .timeLimit(.minutes(1)))
struct StartedProcessTests {
    @Test("tells which process it is, and how it ended")
    func status() async throws {
        let temporary = try TemporaryDirectory()
        let log = temporary.path(of: "log")
        let process = try await shell("echo out; echo problem >&2; exit 7").start(log: log)
        #expect(try await process.exitStatus() == .exited(7))
        #expect(try await process.exitStatus() == .exited(7), "the second time as well")
        #expect(!process.identity.isAlive)
        #expect(try LogFile.lastLines(of: log, count: 9) == ["out", "problem"])
    }

    @Test("stops waiting, but not the process, when the task is cancelled")
    func cancelledWait() async throws {
        let temporary = try TemporaryDirectory()
        let process = try await program("sleep", "1000").start(log: temporary.path(of: "log"))
        let wait = Task { try await process.exitStatus() }
        wait.cancel()
        #expect(try await wait.value == nil)
        #expect(process.identity.isAlive)
        try await process.identity.terminate(grace: .seconds(60))
        #expect(try await process.exitStatus() == .signaled(SIGTERM))
    }

    @Test("says why a program cannot be started, and leaves an empty log")
    func notStarted() async throws {
        let temporary = try TemporaryDirectory()
        let executable = try #require(ExecutablePath("/nowhere"))
        await #expect(throws: ProcessError.notStarted(executable, errno: ENOENT)) {
            _ = try await Command(executable, []).start(log: temporary.path(of: "log"))
        }
        #expect(try temporary.read("log") == [])
    }

    @Test("says why the log cannot be made")
    func noLog() async throws {
        let path = "/nowhere/log"
        await #expect(throws: ProcessError.system(.missing(path: "/nowhere"))) {
            _ = try await program("true").start(log: path)
        }
    }

    @Test("lets the process live on when we exit, in a session of its own")
    func outlives() async throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path
        await #expect(processExitsWith: .exitCode(5)) { [path = path as String] in
            let process = try await program("sleep", "1000").start(log: path + "/log")
            let text = "\(process.identity.pid) \(process.identity.startTime)"
            try OutputFile.write(path + "/identity", text.utf8.span, overwrite: false)
            endAbruptly()
        }
        let fields = String(decoding: try temporary.read("identity"), as: UTF8.self).split(separator: " ")
        let identity = ProcessIdentity(
            pid: try #require(Int32(fields[0])),
            startTime: try #require(UInt64(fields[1]))
        )
        #expect(identity.isAlive)
        #expect(getsid(identity.pid) == identity.pid)
        try await identity.terminate(grace: .seconds(60))
        #expect(!identity.isAlive)
    }
}

private func endAbruptly() { exit(5) }
