internal import Glibc
internal import Processes
internal import Synchronization
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Running a command", .timeLimit(.minutes(1)))
struct CommandRunTests {
    @Test("gives status, output and error")
    func result() async throws {
        let result = try await shell("echo out; echo first >&2; echo last >&2; exit 3").run()
        #expect(result == CommandResult(status: .exited(3), output: "out\n", error: "first\nlast\n"))
        #expect(!result.isSuccess)
        #expect(result.reason == "last")
    }

    @Test("gives the signal that ended it")
    func signal() async throws {
        let result = try await shell("kill -KILL $$").run()
        #expect(result.status == .signaled(SIGKILL))
        #expect(result.reason == "signal 9")
    }

    @Test("hands on the lines of standard error as they come, the last one without an end too")
    func lines() async throws {
        let lines = Mutex<[String]>([])
        _ = try await shell("printf 'one\\ntwo\\rthree\\n\\nlast' >&2").run { line in lines.withLock { $0.append(line) }
        }
        #expect(lines.withLock { $0 } == ["one", "two", "three", "last"])
    }

    @Test("keeps the end of a long standard error")
    func longError() async throws {
        let result = try await shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo END >&2").run()
        #expect(result.error.utf8.count == 65_536)
        #expect(result.error.hasSuffix("xEND\n"))
    }

    @Test("ends a program that writes without end")
    func endless() async throws {
        let yes = try program("yes")
        await #expect(throws: ProcessError.tooMuchOutput(yes.executable, limit: 1000)) {
            _ = try await yes.run(maximumOutput: 1000)
        }
    }

    @Test("waits for no grandchild that keeps the streams")
    func grandchild() async throws {
        let result = try await shell("sleep 1000 & echo $!").run()
        let line = result.output.split(separator: "\n").first.map(String.init) ?? ""
        let pid = try #require(Int32(line))
        let identity = try #require(ProcessIdentity(running: pid))
        try await identity.terminate(grace: .seconds(60))
    }

    @Test("gives no input")
    func input() async throws {
        #expect(try await program("cat").run().output == "")
    }

    @Test("says why a program cannot be started", arguments: [("/nowhere", ENOENT), ("/etc/passwd", EACCES)])
    func notStarted(path: String, errno: Int32) async throws {
        let executable = try #require(ExecutablePath(path))
        await #expect(throws: ProcessError.notStarted(executable, errno: errno)) {
            _ = try await Command(executable, []).run()
        }
    }

    @Test("ends the program when the task is cancelled, before it started or after")
    func cancel() async throws {
        let command = try program("sleep", "1000")
        let lines = Mutex<[String]>([])
        let (started, announcement) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await shell("echo $$ >&2; exec sleep 1000").run { line in
                lines.withLock { $0.append(line) }
                announcement.finish()
            }
        }
        for await _ in started {}
        task.cancel()
        await #expect(throws: ProcessError.cancelled(try program("sh").executable)) { _ = try await task.value }
        let pid = try #require(lines.withLock { $0.first }.flatMap { Int32($0) })
        #expect(ProcessIdentity(running: pid) == nil)

        let cancelled = Task {
            unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
            return try await command.run()
        }
        await #expect(throws: ProcessError.cancelled(command.executable)) { _ = try await cancelled.value }
    }

    @Test("passes on a few variables and no other")
    func environment() async {
        await #expect(processExitsWith: .success) {
            clearenv()
            for (name, value) in [
                "PATH": "/tmp", "LD_PRELOAD": "", "SECRET": "s", "HOME": "/root", "DOCKER_HOST": "unix:///x",
                "LANG": "C",
            ] { unsafe setenv(name, value, 1) }
            let result = try await program("env", variables: ["LANG": "de", "EXTRA": "a=b c"]).run()
            #expect(
                result.output.split(separator: "\n").sorted() == [
                    "DOCKER_HOST=unix:///x", "EXTRA=a=b c", "HOME=/root", "LANG=de",
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                ]
            )
        }
    }

    @Test("gives the program a session of its own, and three descriptors")
    func session() async throws {
        // Fields 1 and 6 of the line are the process and its session. The fourth descriptor is the listing's own.
        let result = try await shell("cut -d ' ' -f 1,6 /proc/$$/stat; echo $$; ls /proc/self/fd").run()
        let lines = result.output.split(separator: "\n")
        #expect(lines.first == "\(lines[1]) \(lines[1])")
        #expect(lines.dropFirst(2) == ["0", "1", "2", "3"])
    }

    @Test("gives the program signals that neither are blocked nor ignored")
    func signals() async {
        await #expect(processExitsWith: .success) {
            _ = try TerminationSignals.watch()
            ProcessHardening.apply()
            let result = try await program("grep", "-E", "Sig(Blk|Ign)", "/proc/self/status").run()
            let masks = result.output.split(separator: "\n").map { UInt64($0.dropFirst(8), radix: 16) }
            // Signals 32 and 33 are the C library's own.
            #expect(masks.map { $0.map { $0 & 0x7fff_ffff } } == [0, 0], "\(result.output)")
        }
    }

    @Test("passes arguments as they are")
    func arguments() async throws {
        let arguments = ["a b", "$HOME", "", "'\"\\", "--", "é"]
        let result = try await Command(try program("printf").executable, ["%s\\n"] + arguments).run()
        #expect(result.output == arguments.map { $0 + "\n" }.joined())
    }
}
