internal import Glibc

/// A file that the operator names, of which nothing is known.
package enum InputFile {
    /// Reads a regular file; from `-`, standard input, which may be anything.
    ///
    /// - Throws: `.missing`; `.tooLarge` after `maximumByteCount` bytes, without reading on; `.notRegular` for a directory, FIFO or device; `.insecure` if a symbolic link
    ///   on the way could have been planted by somebody else.
    package static func read(_ path: String, maximumByteCount: Int) throws(SystemError) -> [UInt8] {
        guard path != "-" else {
            return try StandardStream.input.withDescriptor { (input) throws(SystemError) in
                try input.readBytes(maximumByteCount: maximumByteCount, path: "standard input")
            }
        }
        let location = try PathWalk.locate(path, ancestors: .any)
        let file = try openRegular(location.name, in: location.directory, path: path)
        return try file.readBytes(maximumByteCount: maximumByteCount, path: path)
    }
}
