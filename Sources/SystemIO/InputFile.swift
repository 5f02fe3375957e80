package import Crypto
internal import Glibc

/// A file that the operator names, of which nothing is known.
package enum InputFile {
    /// Reads a regular file; from `-`, standard input, which may be anything.
    ///
    /// - Throws: `.missing`; `.tooLarge` after `maximumByteCount` bytes, without reading on; `.notRegular` for a directory, FIFO or device; `.insecure` if a symbolic link
    ///   on the way could have been planted by somebody else.
    package static func read(_ path: String, maximumByteCount: Int) throws(SystemError) -> [UInt8] {
        try open(path) { (file, path) throws(SystemError) in
            try file.readBytes(maximumByteCount: maximumByteCount, path: path)
        }
    }

    /// Does the same straight into locked memory; who may read the file is the operator's business.
    ///
    /// - Throws: As ``read(_:maximumByteCount:)``.
    package static func readSecret(_ path: String, maximumByteCount: Int) throws(SystemError) -> SecretBytes {
        try open(path) { (file, path) throws(SystemError) in
            try file.readSecretBytes(maximumByteCount: maximumByteCount, path: path)
        }
    }

    private static func open<Result: ~Copyable>(
        _ path: String,
        _ body: (borrowing Descriptor, _ path: String) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        guard path != "-" else {
            return try StandardStream.input.withDescriptor { (input) throws(SystemError) in
                try body(input, "standard input")
            }
        }
        let location = try PathWalk.locate(path, ancestors: .any)
        return try body(openRegular(location.name, in: location.directory, path: path), path)
    }
}
