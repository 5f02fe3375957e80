internal import Glibc

/// An exclusive lock between processes, released when the value dies or the process ends (`flock(2)`).
package struct FileLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    fileprivate init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    // Closing is not enough: a child that is being started has the same open file until it executes its program.
    deinit { flock(descriptor.rawValue, LOCK_UN) }
}

extension Directory {
    /// Locks a file of this name, which is made with mode 0600; only who holds the lock may remove it.
    ///
    /// With `wait` it waits until the other process is done; signals do not end that.
    ///
    /// - Throws: `.locked` if another process holds the lock and `wait` is false.
    package borrowing func lock(_ name: String, wait: Bool) throws(SystemError) -> FileLock {
        let path = try path(of: name)
        while true {
            let file = try openLockFile(name, path: path)
            while flock(file.rawValue, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
                switch errno {
                case EINTR: continue
                case EWOULDBLOCK: throw .locked(path: path)
                default: throw .failed("flock", path)
                }
            }
            // Its last holder may have removed the file while this process waited; a lock on that one locks nothing.
            if try isCurrent(file, name, path: path) { return FileLock(file) }
        }
    }

    private borrowing func isCurrent(
        _ file: borrowing Descriptor,
        _ name: String,
        path: String
    ) throws(SystemError) -> Bool {
        var (ours, named) = (stat(), stat())
        guard unsafe fstat(file.rawValue, &ours) == 0 else { throw .failed("fstat", path) }
        guard unsafe fstatat(descriptor.rawValue, name, &named, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino
    }

    private borrowing func openLockFile(_ name: String, path: String) throws(SystemError) -> Descriptor {
        do throws(SystemError) {
            let flags = O_RDWR | O_CREAT | O_EXCL
            let file = try Descriptor.open(name, in: descriptor, flags: flags, mode: 0o600, path: path)
            try file.give(toOwnerOf: descriptor.status(path: self.path), path: path)
            return file
        } catch .exists {
            let file = try Descriptor.open(name, in: descriptor, flags: O_RDWR, path: path)
            // Whoever made it may not have given it away yet; both owners are trusted.
            try file.status(path: path).requireTrustedFile(forbidden: 0o077, path: path)
            return file
        }
    }
}
