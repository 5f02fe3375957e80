package import Crypto
internal import Glibc

extension Directory {
    /// Reads a file that others may read but not write.
    ///
    /// - Throws: `.missing`, `.notRegular`, `.insecure`; `.tooLarge` after `maximumByteCount` bytes.
    package borrowing func read(_ name: String, maximumByteCount: Int) throws(SystemError) -> [UInt8] {
        let path = try path(of: name)
        let file = try descriptor.openTrusted(name, forbidden: 0o022, path: path)
        return try file.readBytes(maximumByteCount: maximumByteCount, path: path)
    }

    /// Reads a file that nobody else may read, straight into locked memory.
    ///
    /// - Throws: `.missing`, `.notRegular`, `.insecure`; `.tooLarge` after `maximumByteCount` bytes.
    package borrowing func readSecret(_ name: String, maximumByteCount: Int) throws(SystemError) -> SecretBytes {
        let path = try path(of: name)
        return try descriptor.readSecret(name, forbidden: 0o077, maximumByteCount: maximumByteCount, path: path)
    }
}

extension Descriptor {
    /// Reads a file in this directory straight into locked memory, if nobody can have written it, or can read it, who is
    /// not trusted; `forbidden` are the mode bits for that.
    borrowing func readSecret(
        _ name: String,
        forbidden: UInt16,
        maximumByteCount: Int,
        path: String
    ) throws(SystemError) -> SecretBytes {
        let file = try openTrusted(name, forbidden: forbidden, path: path)
        return try file.readSecretBytes(maximumByteCount: maximumByteCount, path: path)
    }

    fileprivate borrowing func openTrusted(
        _ name: String,
        forbidden: UInt16,
        path: String
    ) throws(SystemError) -> Descriptor {
        let file = try openFile(name, in: self, path: path)
        try file.status(path: path).requireTrustedFile(forbidden: forbidden, path: path)
        return file
    }
}

/// Opens a regular file for reading, and names what else there is instead.
func openRegular(
    _ name: String,
    in directory: borrowing Descriptor,
    path: String
) throws(SystemError) -> Descriptor {
    let file = try openFile(name, in: directory, path: path)
    let kind = try file.status(path: path).kind
    guard kind == .regular else { throw .notRegular(path: path, kind: kind) }
    return file
}

/// Opens what is there for reading, of whatever kind, and names what cannot be opened.
private func openFile(
    _ name: String,
    in directory: borrowing Descriptor,
    path: String
) throws(SystemError) -> Descriptor {
    do throws(SystemError) {
        return try Descriptor.open(name, in: directory, flags: O_RDONLY, path: path)
    } catch .call(_, _, ELOOP) {
        throw .notRegular(path: path, kind: .symbolicLink)
    } catch .call(_, _, ENXIO) {
        throw .notRegular(path: path, kind: .socket)
    } catch {
        throw error
    }
}

extension Descriptor {
    borrowing func readSecretBytes(maximumByteCount: Int, path: String) throws(SystemError) -> SecretBytes {
        var buffer = SecretBytes(count: maximumByteCount + 1)
        let count = try buffer.withMutableBytes { (target) throws(SystemError) in
            try readAll(into: &target, path: path)
        }
        guard count <= maximumByteCount else { throw .tooLarge(path: path, limit: maximumByteCount) }
        return buffer.withBytes { SecretBytes(copying: $0.extracting(first: count)) }
    }

    borrowing func readBytes(maximumByteCount: Int, path: String) throws(SystemError) -> [UInt8] {
        // A byte more than there should be shows the end, and to append to a long file should not copy it. What has no size,
        // such as a pipe, grows as it comes.
        let size = try status(path: path).size
        let isSizeKnown = size > 0 && size <= maximumByteCount
        let room = isSizeKnown ? size + (size > 65_536 ? 65_536 : 1) : 4096
        var bytes = [UInt8](repeating: 0, count: min(room, maximumByteCount + 1))
        var count = 0
        while true {
            var span = bytes.mutableSpan
            count = try readAll(into: &span, after: count, path: path)
            guard count <= maximumByteCount else { throw .tooLarge(path: path, limit: maximumByteCount) }
            if count < bytes.count {
                guard isSizeKnown else { return Array(bytes.prefix(count)) }
                bytes.removeLast(bytes.count - count)
                return bytes
            }
            bytes += [UInt8](repeating: 0, count: min(bytes.count, maximumByteCount + 1 - bytes.count))
        }
    }
}
