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

    @Test("is waited for until its last thread has let go of everything, though its first has ended")
    func lastThread() async throws {
        let temporary = try TemporaryDirectory()
        let log = temporary.path(of: "log")
        let script = """
            import ctypes, threading, time
            threading.Thread(target=time.sleep, args=(60,)).start()
            print("ready", flush=True)
            ctypes.CDLL(None).pthread_exit(None)
            """
        let process = try await program("python3", "-c", script).start(log: log)
        while process.identity.isAlive { try await Task.sleep(for: .milliseconds(1)) }
        #expect(try Directory.open("/proc/\(process.identity.pid)/task", privacy: .any).names().count == 2)
        try await process.identity.terminate(grace: .seconds(30))
        let threads = try? Directory.open("/proc/\(process.identity.pid)/task", privacy: .any).names()
        #expect((threads ?? []).count <= 1)
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

@Suite("Processes of a standard stream", .timeLimit(.minutes(1)))
struct StandardStreamUseTests {
    @Test("are what was started with the file, and what that started; not who reads it otherwise")
    func finds() async throws {
        let temporary = try TemporaryDirectory()
        let log = temporary.path(of: "log")
        let started = try await shell("sleep 1000 & exec sleep 1001").start(log: log)
        defer { try? started.identity.signal(.kill) }
        let reader = try await program("tail", "-f", log).reading(from: log).start(log: temporary.path(of: "other"))
        defer { try? reader.identity.signal(.kill) }

        var writers: [ProcessIdentity] = []
        while writers.count < 2 { writers = try ProcessIdentity.users(of: log, as: .output) }
        #expect(writers.contains(started.identity))
        #expect(!writers.contains(reader.identity))
        #expect(try ProcessIdentity.users(of: log, as: .input).isEmpty)

        try await ProcessIdentity.terminateUsers(of: log, as: .output, grace: .seconds(5))
        #expect(!writers.contains { $0.isAlive })
        #expect(reader.identity.isAlive)
    }

    @Test("are found by what they read")
    func readers() async throws {
        let temporary = try TemporaryDirectory()
        let file = try temporary.write([], to: "file")
        let command = try program("sleep", "1000").reading(from: file)
        let work = Task { try await command.run() }
        var readers: [ProcessIdentity] = []
        while readers.isEmpty { readers = try ProcessIdentity.users(of: file, as: .input) }
        #expect(readers.count == 1)
        try await ProcessIdentity.terminateUsers(of: file, as: .input, grace: .seconds(5))
        #expect(try await work.value.status == .signaled(SIGTERM))
    }

    @Test("that ignore TERM are killed when the time is over")
    func stubborn() async throws {
        let temporary = try TemporaryDirectory()
        let log = temporary.path(of: "log")
        let started = try await shell("trap '' TERM; echo ready; while :; do sleep 1; done").start(log: log)
        while try LogFile.lastLines(of: log, count: 1) != ["ready"] { try await Task.sleep(for: .milliseconds(5)) }
        try await ProcessIdentity.terminateUsers(of: log, as: .output, grace: .milliseconds(50))
        #expect(!started.identity.isAlive)
        #expect(try await started.exitStatus() == .signaled(SIGKILL))
    }

    @Test("of a file that is not there are none")
    func missing() throws {
        let temporary = try TemporaryDirectory()
        #expect(try ProcessIdentity.users(of: temporary.path(of: "none"), as: .output).isEmpty)
    }
}
