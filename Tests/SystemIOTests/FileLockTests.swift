internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("File lock")
struct FileLockTests {
    @Test("lets one holder in at a time")
    func exclusive() throws {
        let temporary = try TemporaryDirectory()
        let directory = try Directory.open(temporary.path, privacy: .secret)
        let first = try directory.lock("lock", wait: false)
        #expect(throws: SystemError.locked(path: temporary.path(of: "lock"))) {
            _ = try directory.lock("lock", wait: false)
        }
        _ = consume first
        _ = try directory.lock("lock", wait: false)
    }

    @Test("keeps other processes out, and is released when its process ends")
    func processes() async throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            let lock = try Directory.open(path, privacy: .secret).lock("lock", wait: false)
            endHolding(lock)
        }
        let lock = try Directory.open(path, privacy: .secret).lock("lock", wait: false)
        await #expect(processExitsWith: .success) { [path = path as String] in
            let directory = try Directory.open(path, privacy: .secret)
            #expect(throws: SystemError.locked(path: path + "/lock")) {
                _ = try directory.lock("lock", wait: false)
            }
        }
        _ = consume lock
    }

    @Test("loses no update of many who wait for it")
    func updates() async throws {
        let temporary = try TemporaryDirectory()
        try temporary.write([0], to: "counter")
        let path = temporary.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<8 {
                        let directory = try Directory.open(path, privacy: .secret)
                        let lock = try directory.lock("lock", wait: true)
                        let count = try directory.read("counter", maximumByteCount: 1)[0]
                        try directory.replace("counter", bytes: [count + 1], mode: 0o600)
                        _ = consume lock
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try temporary.read("counter") == [64])
    }

    @Test("is made for its owner alone")
    func mode() throws {
        let temporary = try TemporaryDirectory()
        let directory = try Directory.open(temporary.path, privacy: .secret)
        _ = try directory.lock("lock", wait: false)
        #expect(try temporary.status("lock").st_mode & 0o7777 == 0o600)
    }

    @Test("is not a file that others could hold", arguments: [0o644, 0o666, 0o620])
    func foreign(mode: UInt16) throws {
        let temporary = try TemporaryDirectory()
        try temporary.write([], to: "lock", mode: Int(mode))
        let directory = try Directory.open(temporary.path, privacy: .secret)
        let expected = SystemError.insecure(path: temporary.path(of: "lock"), reason: .mode(mode))
        #expect(throws: expected) { _ = try directory.lock("lock", wait: false) }
    }
}

/// Ends the process without the lock's `deinit`.
private func endHolding(_: borrowing FileLock) { exit(7) }
