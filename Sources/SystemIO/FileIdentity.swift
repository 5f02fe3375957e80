internal import Glibc

/// Which file it is, whatever leads to it.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    /// The file that a path leads to, also through symbolic links and those of `/proc/<pid>/fd`.
    ///
    /// - Returns: `nil` if it leads nowhere, or where we may not look.
    package init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}
