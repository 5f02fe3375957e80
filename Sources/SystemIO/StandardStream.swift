internal import Glibc

/// One of the three streams that a process is started with.
package enum StandardStream: Int32, Sendable {
    case input = 0
    case output = 1
    case error = 2
}

extension StandardStream {
    /// Whether a person may be at the other end.
    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Writes all the bytes.
    ///
    /// - Throws: `EPIPE` if nobody reads any more; with ``ProcessHardening`` that does not end the process.
    package func write(_ bytes: Span<UInt8>) throws(SystemError) {
        try withDescriptor { (descriptor) throws(SystemError) in try descriptor.writeAll(bytes, path: name) }
    }

    /// Writes text to standard output.
    package static func writeOutput(_ text: String) throws(SystemError) { try output.write(text.utf8.span) }

    /// Writes text to standard error, where nothing can be done about a failure.
    package static func writeError(_ text: String) { try? error.write(text.utf8.span) }

    private var name: String {
        switch self {
        case .input: "standard input"
        case .output: "standard output"
        case .error: "standard error"
        }
    }

    /// Lends the stream as a descriptor; it stays open.
    func withDescriptor<Result: ~Copyable>(
        _ body: (borrowing Descriptor) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let copy = fcntl(rawValue, F_DUPFD_CLOEXEC, 3)
        return try body(try Descriptor.adopting(copy, "fcntl", name))
    }
}
