internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Log file")
struct LogFileTests {
    @Test("is made anew, for its owner alone")
    func create() throws {
        let temporary = try TemporaryDirectory()
        let path = try temporary.write(sample, to: "log", mode: 0o644)
        let log = try LogFile.create(path)
        #expect(unsafe write(log.rawValue, "new\n", 4) == 4)
        #expect(try temporary.read("log") == Array("new\n".utf8))
        #expect(try temporary.status("log").st_mode & 0o7777 == 0o600)
    }

    @Test("is made in place of a link, not where the link leads")
    func link() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write(sample, to: "target")
        try temporary.makeDirectory("logs")
        try temporary.link("logs/log", to: "../target")
        _ = try LogFile.create(temporary.path(of: "logs/log"))
        #expect(try temporary.read("target") == sample)
    }

    @Test(
        "ends with its last lines, printable and short",
        arguments: [
            ("", []),
            ("one\ntwo\nthree\n", ["two", "three"]),
            ("one\n\n\n", ["one"]),
            ("a\u{1b}[2Jb\nno end", ["a?[2Jb", "no end"]),
            (String(repeating: "x", count: 400), [String(repeating: "x", count: 300)]),
        ] as [(String, [String])]
    )
    func lastLines(text: String, expected: [String]) throws {
        let temporary = try TemporaryDirectory()
        let path = try temporary.write(Array(text.utf8), to: "log")
        #expect(try LogFile.lastLines(of: path, count: 2) == expected)
    }

    @Test("is read near its end only, however long it is")
    func long() throws {
        let temporary = try TemporaryDirectory()
        let path = try temporary.write([], to: "log")
        let log = Descriptor(adopting: unsafe open(path, O_WRONLY))
        // A terabyte of nothing, and then a line.
        try #require(lseek(log.rawValue, 1 << 40, SEEK_SET) >= 0)
        try #require(unsafe write(log.rawValue, "\nend\n", 5) == 5)
        #expect(try LogFile.lastLines(of: path, count: 1) == ["end"])
    }
}
