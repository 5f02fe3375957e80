internal import CLinux
package import Crypto
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

    /// Shows a prompt and reads one line that is not shown, into locked memory.
    ///
    /// The terminal is as before when this returns, throws, or a signal ends or stops the process; after a stop the
    /// prompt is shown again. Keys that were pressed before the prompt do not count.
    ///
    /// - Returns: The line without its end, at most 4095 bytes (the kernel's limit on a line).
    /// - Throws: `.endOfInput` if the terminal was hung up, or at ^D.
    package borrowing func askSecret(_ prompt: String) throws(SystemError) -> SecretBytes {
        while true {
            // Signals are let go after the terminal was put back, and may end the process there.
            let signals = clinux_hold_signals()
            guard signals >= 0 else { throw .call("pipe", path: nil, errno: -signals) }
            defer { clinux_release_signals() }
            if let line = try readHidden(prompt, signals: signals) { return line }
        }
    }

    /// - Returns: `nil` if a signal came first.
    private borrowing func readHidden(_ prompt: String, signals: Int32) throws(SystemError) -> SecretBytes? {
        var shown = termios()
        guard unsafe tcgetattr(descriptor.rawValue, &shown) == 0 else { throw .failed("tcgetattr", Self.path) }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        hidden.c_lflag |= tcflag_t(ICANON | ISIG | ECHONL)
        guard unsafe tcsetattr(descriptor.rawValue, TCSAFLUSH, &hidden) == 0 else {
            throw .failed("tcsetattr", Self.path)
        }
        defer { unsafe tcsetattr(descriptor.rawValue, TCSADRAIN, &shown) }
        try descriptor.writeAll(prompt.utf8.span, path: Self.path)
        let ready = try Poll.wait(
            for: [(signals, POLLIN), (descriptor.rawValue, POLLIN)],
            timeout: nil,
            path: Self.path
        )
        guard ready == 1 else {
            try descriptor.writeAll("\n".utf8.span, path: Self.path)
            return nil
        }
        var buffer = SecretBytes(count: 4096)
        let count = buffer.withMutableBytes { target in
            unsafe target.withUnsafeMutableBytes { bytes in
                retrying { unsafe read(descriptor.rawValue, bytes.baseAddress, bytes.count) }
            }
        }
        guard count >= 0 else { throw .failed("read", Self.path) }
        return try buffer.withBytes { (bytes) throws(SystemError) in
            guard count > 0 else { throw .endOfInput(path: Self.path) }
            let end = (0..<count).first { bytes[$0] == UInt8(ascii: "\n") } ?? count
            return SecretBytes(copying: bytes.extracting(0..<end))
        }
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
