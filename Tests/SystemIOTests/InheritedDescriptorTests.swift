internal import Crypto
internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Inherited descriptor")
struct InheritedDescriptorTests {
    @Test(
        "gives its first line",
        arguments: [
            ("one\ntwo\n", "one"), ("one", "one"), ("\ntwo\n", ""), ("one\r\n", "one\r"), ("123456789\n", "123456789"),
        ]
    )
    func line(input: String, line: String) throws {
        let pipe = try Pipe(holding: input)
        #expect(try bytes(pipe.reader.readSecretLine(maximumByteCount: 9)) == Array(line.utf8))
    }

    @Test("leaves what follows the line, for the next to read")
    func rest() throws {
        let pipe = try Pipe(holding: "one\ntwo\nthree")
        for line in ["one", "two", "three"] {
            #expect(try bytes(pipe.reader.readSecretLine(maximumByteCount: 9)) == Array(line.utf8))
        }
        #expect(throws: SystemError.endOfInput(path: pipe.path)) {
            _ = try pipe.reader.readSecretLine(maximumByteCount: 9)
        }
    }

    @Test("stops at the limit", arguments: ["1234567890\n", "1234567890"])
    func limit(input: String) throws {
        let pipe = try Pipe(holding: input)
        #expect(throws: SystemError.tooLarge(path: pipe.path, limit: 9)) {
            _ = try pipe.reader.readSecretLine(maximumByteCount: 9)
        }
    }

    @Test("is named where it is not open")
    func closed() throws {
        let descriptor = try #require(InheritedDescriptor(1_000_000))
        #expect(throws: SystemError.call("fcntl", path: "descriptor 1000000", errno: EBADF)) {
            _ = try descriptor.readSecretLine(maximumByteCount: 9)
        }
    }

    @Test("is none of the output streams, and not negative", arguments: [-1, 1, 2, .min] as [Int32])
    func none(number: Int32) { #expect(InheritedDescriptor(number) == nil) }

    @Test("is not passed on to programs that are started")
    func closeOnExec() throws {
        let pipe = try Pipe(holding: "one\n")
        try #require(fcntl(pipe.reader.number, F_GETFD) == 0)
        _ = try pipe.reader.readSecretLine(maximumByteCount: 9)
        #expect(fcntl(pipe.reader.number, F_GETFD) == FD_CLOEXEC)
    }

    private func bytes(_ secret: consuming SecretBytes) -> [UInt8] {
        secret.withBytes { span in span.indices.map { span[$0] } }
    }
}

/// The end of a pipe that nobody writes to any more.
private final class Pipe: Sendable {
    let reader: InheritedDescriptor

    init(holding text: String) throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        unsafe write(ends[1], text, text.utf8.count)
        close(ends[1])
        reader = try #require(InheritedDescriptor(ends[0]))
    }

    deinit { close(reader.number) }

    var path: String { "descriptor \(reader.number)" }
}
