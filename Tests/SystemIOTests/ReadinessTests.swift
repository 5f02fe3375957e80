internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Waiting for descriptors")
struct ReadinessTests {
    @Test("tells the first that is readable, and the end of the time")
    func ready() async throws {
        var (first, second): ([Int32], [Int32]) = ([0, 0], [0, 0])
        try #require(unsafe Glibc.pipe(&first) == 0 && Glibc.pipe(&second) == 0)
        defer { for end in first + second { close(end) } }
        let ends = [first[0], second[0]]
        #expect(try await Readiness.wait(for: ends, within: .milliseconds(1)) == nil)
        #expect(unsafe write(second[1], [1] as [UInt8], 1) == 1)
        #expect(try await Readiness.wait(for: ends, within: .seconds(60)) == 1)
        #expect(unsafe write(first[1], [1] as [UInt8], 1) == 1)
        #expect(try await Readiness.wait(for: ends, within: nil) == 0)
    }

    @Test("ends at once when its task is cancelled, and holds nothing afterwards")
    func cancelled() async throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe Glibc.pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let input = ends[0]
        for _ in 0..<20 {
            let task = Task { try await Readiness.wait(for: [input], within: nil) }
            try await Task.sleep(for: .milliseconds(1))
            task.cancel()
            #expect(try await task.value == nil)
        }
    }
}

@Suite("Changed files")
struct FileWatchTests {
    @Test("are noticed however they are changed, and others are not")
    func changes() throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("watched")
        _ = try temporary.write(Array("one".utf8), to: "watched/old.peer")
        let watch = try FileWatch.open([temporary.path(of: "watched")]) { $0.hasSuffix(".peer") }
        _ = watch.takeChanges()
        func expect(_ isChanged: Bool, _ what: String, _ body: () throws -> Void) throws {
            try body()
            let verdicts = [watch.takeChanges(), watch.takeChanges()]
            #expect(verdicts == [isChanged, false], "\(what)")
        }
        try expect(true, "written") { _ = try temporary.write(Array("two".utf8), to: "watched/old.peer") }
        try expect(true, "new") { _ = try temporary.write(Array("one".utf8), to: "watched/new.peer") }
        _ = try temporary.write(Array("three".utf8), to: "elsewhere")
        try expect(true, "replaced") {
            #expect(unsafe rename(temporary.path(of: "elsewhere"), temporary.path(of: "watched/old.peer")) == 0)
        }
        try expect(true, "given a name once it was complete") {
            let directory = try Directory.open(temporary.path(of: "watched"), privacy: .any)
            try directory.create("linked.peer", Array("four".utf8).span, mode: 0o600)
        }
        try expect(true, "removed") { #expect(unsafe unlink(temporary.path(of: "watched/new.peer")) == 0) }
        try expect(false, "another's") { _ = try temporary.write(Array("x".utf8), to: "watched/lock") }
        try expect(true, "the end of all") {
            for name in ["old", "linked"] { #expect(unsafe unlink(temporary.path(of: "watched/\(name).peer")) == 0) }
            #expect(unsafe unlink(temporary.path(of: "watched/lock")) == 0)
            #expect(unsafe rmdir(temporary.path(of: "watched")) == 0)
        }
    }

    @Test("of a directory that is not there are not watched")
    func missing() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path(of: "none")
        #expect(throws: SystemError.missing(path: path)) { _ = try FileWatch.open([path]) { _ in true } }
    }
}
