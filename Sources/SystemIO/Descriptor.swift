internal import Glibc

/// An open file descriptor, closed when the value dies.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, valid while this value lives.
    package let rawValue: Int32

    /// Takes over a descriptor that nobody else closes.
    package init(adopting rawValue: Int32) { self.rawValue = rawValue }

    deinit { close(rawValue) }
}

extension Descriptor {
    /// Takes over what a system call returned, or throws its error.
    static func adopting(_ result: Int32, _ call: String, _ path: String?) throws(SystemError) -> Descriptor {
        guard result >= 0 else { throw .failed(call, path) }
        return Descriptor(adopting: result)
    }

    /// Opens a name below `directory`, never through a symbolic link and never waiting for a FIFO's other end.
    static func open(
        _ name: String,
        in directory: borrowing Descriptor,
        flags: Int32,
        mode: UInt16 = 0,
        path: String
    ) throws(SystemError) -> Descriptor {
        try adopting(
            unsafe openat(
                directory.rawValue,
                name,
                flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                mode_t(mode)
            ),
            "open",
            path
        )
    }

    borrowing func status(path: String) throws(SystemError) -> FileStatus {
        var result = stat()
        guard unsafe fstat(rawValue, &result) == 0 else { throw .failed("fstat", path) }
        return FileStatus(result)
    }

    /// Reads until the end or until `target` is full.
    ///
    /// Waits where the descriptor does not block, as a terminal shared with another process may be.
    ///
    /// - Parameters:
    ///   - target: What is read goes there.
    ///   - start: How much it holds already.
    ///   - path: For errors.
    /// - Returns: How much it holds afterwards.
    /// - Throws: What `read(2)` reports.
    borrowing func readAll(
        into target: inout MutableSpan<UInt8>,
        after start: Int = 0,
        path: String
    ) throws(SystemError) -> Int {
        var count = start
        while count < target.count {
            let read = unsafe target.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(rawValue, bytes.baseAddress?.advanced(by: count), bytes.count - count)
            }
            if read == 0 { break }
            if read > 0 { count += read } else { try waitAfterFailure("read", events: POLLIN, path: path) }
        }
        return count
    }

    borrowing func writeAll(_ bytes: Span<UInt8>, path: String) throws(SystemError) {
        var count = 0
        while count < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(rawValue, bytes.baseAddress?.advanced(by: count), bytes.count - count)
            }
            if written >= 0 { count += written } else { try waitAfterFailure("write", events: POLLOUT, path: path) }
        }
    }

    /// Flushes to the disk; a file system that cannot is not an error.
    borrowing func synchronize(path: String) throws(SystemError) {
        guard fsync(rawValue) == 0 || errno == EINVAL || errno == EROFS else { throw .failed("fsync", path) }
    }

    private borrowing func waitAfterFailure(_ call: String, events: Int32, path: String) throws(SystemError) {
        switch errno {
        case EINTR: break
        case EAGAIN: _ = try Poll.wait(for: [(rawValue, events)], timeout: nil, path: path)
        default: throw .failed(call, path)
        }
    }
}

extension SystemError {
    /// The error of the system call that failed just now.
    static func failed(_ call: String, _ path: String?) -> SystemError {
        switch (errno, path) {
        case (ENOENT, let path?): .missing(path: path)
        case (EEXIST, let path?): .exists(path: path)
        case (let errno, let path): .call(call, path: path, errno: errno)
        }
    }
}
