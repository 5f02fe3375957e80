internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Input file")
struct InputFileTests {
    @Test("gives the bytes of a file, whoever may read it")
    func bytes() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write(sample, to: "bundle.bin", mode: 0o666)
        #expect(try InputFile.read(temporary.path(of: "bundle.bin"), maximumByteCount: 9) == sample)
    }

    @Test("refuses what is not a regular file, at once", arguments: ["directory", "fifo"])
    func irregular(name: String) throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("directory")
        try temporary.makeFIFO("fifo")
        let path = temporary.path(of: name)
        let expected = SystemError.notRegular(path: path, kind: name == "fifo" ? .fifo : .directory)
        #expect(throws: expected) { _ = try InputFile.read(path, maximumByteCount: 9) }
    }

    @Test(
        "refuses special paths",
        arguments: [("/dev/zero", .device), ("/", .directory), (".", .directory), ("..", .directory)]
            as [(String, FileKind)]
    )
    func special(path: String, kind: FileKind) {
        #expect(throws: SystemError.notRegular(path: path, kind: kind)) {
            _ = try InputFile.read(path, maximumByteCount: 9)
        }
    }

    @Test("says that a file is missing", arguments: ["missing", "missing/file", ""])
    func missing(name: String) throws {
        let temporary = try TemporaryDirectory()
        let path = name.isEmpty ? "" : temporary.path(of: name)
        #expect(throws: SystemError.missing(path: path)) {
            _ = try InputFile.read(path, maximumByteCount: 9)
        }
    }

    @Test("stops at the limit, though there is a terabyte more")
    func huge() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write([], to: "huge")
        try #require(unsafe truncate(temporary.path(of: "huge"), 1 << 40) == 0)
        let path = temporary.path(of: "huge")
        #expect(throws: SystemError.tooLarge(path: path, limit: 61_497)) {
            _ = try InputFile.read(path, maximumByteCount: 61_497)
        }
    }

    @Test("stops at the limit of standard input that never ends")
    func endless() async {
        await #expect(processExitsWith: .success) {
            let zero = unsafe open("/dev/zero", O_RDONLY)
            dup2(zero, 0)
            #expect(throws: SystemError.tooLarge(path: "standard input", limit: 1000)) {
                _ = try InputFile.read("-", maximumByteCount: 1000)
            }
        }
    }

    @Test("reads standard input in the pieces it comes in")
    func pieces() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [0, 0]
            unsafe pipe(&ends)
            dup2(ends[0], 0)
            let writer = Task.detached { [ends] in
                for byte in sample {
                    unsafe write(ends[1], [byte], 1)
                    await Task.yield()
                }
                close(ends[1])
            }
            let bytes = try InputFile.read("-", maximumByteCount: 100)
            #expect(bytes == sample)
            await writer.value
        }
    }

    @Test("follows a link of our own, but not a stranger's", .enabled(if: User.isRoot, "needs root"))
    func links() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write(sample, to: "file")
        try temporary.link("ours", to: "file")
        try temporary.link("theirs", to: "file")
        try temporary.giveAway("theirs", to: stranger)
        #expect(try InputFile.read(temporary.path(of: "ours"), maximumByteCount: 9) == sample)
        let path = temporary.path(of: "theirs")
        #expect(throws: SystemError.insecure(path: path, reason: .symbolicLink)) {
            _ = try InputFile.read(path, maximumByteCount: 9)
        }
    }
}
