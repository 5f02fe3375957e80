internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Writing in a directory")
struct DirectoryWriteTests {
    @Test("makes a file of exactly the mode that was asked for", arguments: [0o600, 0o644, 0o400] as [UInt16])
    func mode(mode: UInt16) throws {
        let temporary = try TemporaryDirectory()
        let directory = try Directory.open(temporary.path, privacy: .secret)
        try directory.create("file", bytes: sample, mode: mode)
        #expect(try temporary.status("file").st_mode & 0o7777 == mode_t(mode))
        #expect(try temporary.read("file") == sample)
    }

    @Test("never makes a file where something is", arguments: ["file", "directory", "link", "fifo"])
    func existing(name: String) throws {
        let temporary = try TemporaryDirectory()
        try temporary.write([1], to: "file")
        try temporary.makeDirectory("directory")
        try temporary.link("link", to: "nowhere")
        try temporary.makeFIFO("fifo")
        let before = try temporary.status(name)
        let directory = try Directory.open(temporary.path, privacy: .secret)
        #expect(throws: SystemError.exists(path: temporary.path(of: name))) {
            try directory.create(name, bytes: sample, mode: 0o600)
        }
        #expect(try temporary.status(name).st_ino == before.st_ino)
        #expect(try temporary.names() == ["directory", "fifo", "file", "link"], "no temporary file is left")
    }

    @Test("makes a file for one of many who try at once")
    func oneWinner() async throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path
        let winners = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<16 {
                group.addTask {
                    failure { () throws(SystemError) in
                        let directory = try Directory.open(path, privacy: .secret)
                        try directory.create("file", bytes: [UInt8(number)], mode: 0o600)
                    } == nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
        #expect(try temporary.names() == ["file"])
    }

    @Test("replaces a file, and makes one where none is")
    func replace() throws {
        let temporary = try TemporaryDirectory()
        let directory = try Directory.open(temporary.path, privacy: .secret)
        try directory.replace("file", bytes: [1], mode: 0o600)
        try directory.replace("file", bytes: sample, mode: 0o640)
        #expect(try temporary.read("file") == sample)
        #expect(try temporary.status("file").st_mode & 0o7777 == 0o640)
        #expect(try temporary.names() == ["file"])
    }

    @Test("leaves the old file to those who have it open")
    func atomic() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write([1, 2, 3], to: "file")
        let old = unsafe open(temporary.path(of: "file"), O_RDONLY)
        defer { close(old) }
        let directory = try Directory.open(temporary.path, privacy: .secret)
        try directory.replace("file", bytes: sample, mode: 0o600)
        var bytes: [UInt8] = [0, 0, 0, 0]
        #expect(unsafe read(old, &bytes, 4) == 3)
        #expect(bytes == [1, 2, 3, 0])
    }

    @Test(
        "replaces nothing but a regular file",
        arguments: [("directory", .directory), ("link", .symbolicLink), ("fifo", .fifo)] as [(String, FileKind)]
    )
    func irregular(name: String, kind: FileKind) throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("directory")
        try temporary.link("link", to: "nowhere")
        try temporary.makeFIFO("fifo")
        let directory = try Directory.open(temporary.path, privacy: .secret)
        #expect(throws: SystemError.notRegular(path: temporary.path(of: name), kind: kind)) {
            try directory.replace(name, bytes: sample, mode: 0o600)
        }
        #expect(try temporary.names() == ["directory", "fifo", "link"])
    }

    @Test("leaves the old file and nothing else when the disk is full")
    func full() async throws {
        await #expect(processExitsWith: .success) {
            // A limit on the size of files stands for a full disk: both fail in the middle of the write.
            let temporary = try TemporaryDirectory()
            try temporary.write([1], to: "file")
            var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            signal(SIGXFSZ, SIG_IGN)
            let directory = try Directory.open(temporary.path, privacy: .secret)
            let contents = [UInt8](repeating: 2, count: 8192)
            let expected = SystemError.call("write", path: temporary.path(of: "file"), errno: EFBIG)
            #expect(throws: expected) {
                try directory.replace("file", bytes: contents, mode: 0o600)
            }
            #expect(try temporary.read("file") == [1])
            #expect(throws: SystemError.call("write", path: temporary.path(of: "new"), errno: EFBIG)) {
                try directory.create("new", bytes: contents, mode: 0o600)
            }
            #expect(try temporary.names() == ["file"])
        }
    }

    @Test("removes what a process left that was killed in the middle of a write, and nothing else")
    func removesTemporaries() throws {
        let temporary = try TemporaryDirectory()
        let names = [".file.17.0", ".file.9.3", ".files.17.0", ".other", "file"]
        for name in names { try temporary.write(sample, to: name) }
        let directory = try Directory.open(temporary.path, privacy: .secret)
        try directory.removeTemporaries(of: "file")
        #expect(try temporary.names() == [".files.17.0", ".other", "file"])
    }

    @Test("removes a file once")
    func remove() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write(sample, to: "file")
        let directory = try Directory.open(temporary.path, privacy: .secret)
        try directory.remove("file")
        #expect(throws: SystemError.missing(path: temporary.path(of: "file"))) {
            try directory.remove("file")
        }
    }
}
