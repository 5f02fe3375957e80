package import Crypto
internal import Glibc

/// A descriptor that whoever started this process opened for it.
package struct InheritedDescriptor: Hashable, Sendable {
    /// The number, not negative and not one of the two output streams.
    package let number: Int32

    /// - Returns: `nil` for a number that nothing can be read from.
    package init?(_ number: Int32) {
        guard number == 0 || number > 2 else { return nil }
        self.number = number
    }

    /// Reads one line into locked memory, and nothing of what follows it.
    ///
    /// Programs that this process starts do not get the descriptor.
    ///
    /// - Parameter maximumByteCount: Of the line without its end.
    /// - Returns: The line without its end, or all there is where no line feed comes.
    /// - Throws: `.tooLarge`; `EBADF` if it is not open; `.endOfInput` if there is nothing to read.
    package func readSecretLine(maximumByteCount: Int) throws(SystemError) -> SecretBytes {
        let path = number == 0 ? "standard input" : "descriptor \(number)"
        // The number stays open, as it may be one that this process has opened itself by now.
        if number > 2 { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        let input = try Descriptor.adopting(copy, "fcntl", path)
        var line = SecretWriter()
        var byte = SecretBytes(count: 1)
        while true {
            let count = try byte.withMutableBytes { (target) throws(SystemError) in
                try input.readAll(into: &target, path: path)
            }
            guard count > 0 || line.count > 0 else { throw .endOfInput(path: path) }
            guard count > 0, byte.withBytes({ $0[0] }) != UInt8(ascii: "\n") else { break }
            guard line.count < maximumByteCount else { throw .tooLarge(path: path, limit: maximumByteCount) }
            byte.withBytes { line.append($0) }
        }
        return line.withBytes { SecretBytes(copying: $0) }
    }
}
