internal import Glibc

/// The terminal of the person who started this process, whatever the standard streams are.
package struct Terminal: ~Copyable {
    private let descriptor: Descriptor
    private static let path = "/dev/tty"

    private init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Opens the controlling terminal.
    ///
    /// - Returns: `nil` if there is none.
    package static func controlling() -> Terminal? {
        let result = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOCTTY)
        return result >= 0 ? Terminal(Descriptor(adopting: result)) : nil
    }

    /// Shows a prompt and reads one line.
    ///
    /// - Returns: The line without its end, at most 4095 bytes (the kernel's limit on a line).
    /// - Throws: `.endOfInput` if the terminal was hung up, or at ^D.
    package borrowing func ask(_ prompt: String) throws(SystemError) -> String {
        try descriptor.writeAll(prompt.utf8.span, path: Self.path)
        return try readLine()
    }

    private borrowing func readLine() throws(SystemError) -> String {
        // In its usual mode the terminal gives one whole line at a time.
        var line = [UInt8](repeating: 0, count: 4096)
        let count = unsafe line.withUnsafeMutableBytes { bytes in
            retrying { unsafe read(descriptor.rawValue, bytes.baseAddress, bytes.count) }
        }
        guard count >= 0 else { throw .failed("read", Self.path) }
        guard count > 0 else { throw .endOfInput(path: Self.path) }
        return String(decoding: line.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// The number of columns and rows, where the terminal tells.
    package var windowSize: (columns: Int, rows: Int)? {
        var size = winsize()
        guard unsafe ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}

/// Calls again what a signal interrupted.
func retrying(_ call: () -> Int) -> Int {
    var result = call()
    while result < 0, errno == EINTR { result = call() }
    return result
}
