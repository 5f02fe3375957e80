internal import Glibc

/// Names of files and directories, by their whole path.
///
/// For paths of which every directory belongs to root, such as those in `/run`.
package enum FileEntry {
    /// Whether there is something of this name, be it a link that leads nowhere.
    package static func exists(_ path: String) -> Bool {
        unsafe faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Makes a directory that everybody may look into (0755), and leaves one that is there as it is.
    ///
    /// - Throws: What `mkdir(2)` reports.
    package static func makeDirectory(_ path: String) throws(SystemError) {
        if unsafe mkdir(path, 0o755) != 0 {
            guard errno == EEXIST else { throw .failed("mkdir", path) }
            return
        }
        guard unsafe chmod(path, 0o755) == 0 else { throw .failed("chmod", path) }
    }

    /// Removes a file, or a directory that is empty.
    ///
    /// What is not there, and a directory that others still use, is fine.
    ///
    /// - Throws: What `unlink(2)` or `rmdir(2)` reports.
    package static func remove(_ path: String) throws(SystemError) {
        if unsafe unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR else { throw .failed("unlink", path) }
        guard unsafe rmdir(path) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY
        else {
            throw .failed("rmdir", path)
        }
    }
}
