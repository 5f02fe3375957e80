internal import CLinux
internal import Glibc

/// Tells whether a file or directory is the one that was seen before, unchanged: another one of this name, and every change
/// of it, has another version.
///
/// For a directory, a change is a name that comes, goes or stands for another file; what is written into its files is none.
package struct FileVersion: Hashable, Sendable {
    /// The number of the file in its file system.
    package let inode: UInt64
    /// Of the last change, in nanoseconds since 1970.
    package let modified: UInt64

    /// Takes what was stored.
    package init(inode: UInt64, modified: UInt64) {
        self.inode = inode
        self.modified = modified
    }

    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        let (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        modified = UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: nanoseconds)
    }
}

extension Descriptor {
    borrowing func version(path: String) throws(SystemError) -> FileVersion {
        var result = stat()
        guard unsafe fstat(rawValue, &result) == 0 else { throw .failed("fstat", path) }
        return FileVersion(result)
    }
}

extension Directory {
    /// The version of the directory itself.
    package borrowing func version() throws(SystemError) -> FileVersion { try descriptor.version(path: path) }

    /// The version of a file in it, which is not opened.
    ///
    /// - Returns: `nil` if there is none.
    package borrowing func version(of name: String) -> FileVersion? {
        var status = stat()
        guard unsafe fstatat(descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return FileVersion(status)
    }

    /// Gives the directory a version that no change by somebody else gives it.
    ///
    /// The kernel dates changes by a clock that ticks every few milliseconds, so that two changes may have one date; this
    /// one has the nanosecond.
    ///
    /// - Returns: The version.
    package borrowing func stamp() throws(SystemError) -> FileVersion {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        guard unsafe futimens(descriptor.rawValue, [now, now]) == 0 else { throw .failed("utimensat", path) }
        return try version()
    }

    /// Writes bytes into a file that exists, from an offset on.
    ///
    /// Who reads the file meanwhile, or after a failure, sees a part of them, and must be able to tell.
    package borrowing func write(
        _ bytes: Span<UInt8>,
        into name: String,
        at offset: Int
    ) throws(SystemError) {
        let path = try path(of: name)
        let file = try Descriptor.open(name, in: descriptor, flags: O_WRONLY, path: path)
        try file.status(path: path).requireTrustedFile(forbidden: 0o022, path: path)
        guard lseek(file.rawValue, offset, SEEK_SET) == offset else { throw .failed("lseek", path) }
        try file.writeAll(bytes, path: path)
    }

    /// Waits until all that was written to its file system is on the disk (`syncfs(2)`).
    package borrowing func synchronizeFileSystem() throws(SystemError) {
        let error = clinux_synchronize_file_system(descriptor.rawValue)
        guard error == 0 else { throw .call("syncfs", path: path, errno: error) }
    }
}
