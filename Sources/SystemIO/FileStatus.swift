internal import Glibc

/// What `fstat(2)` says about an open file.
struct FileStatus {
    let kind: FileKind
    let owner: UInt32
    let group: UInt32
    /// The permission bits, with set-user-id, set-group-id and sticky.
    let mode: UInt16
    let links: Int
    let size: Int

    init(_ status: stat) {
        kind = FileKind(mode: status.st_mode)
        owner = status.st_uid
        group = status.st_gid
        mode = UInt16(status.st_mode & 0o7777)
        links = Int(status.st_nlink)
        size = Int(status.st_size)
    }

    /// Whether it belongs to root or to us; the user of sudo is not enough to lead root anywhere.
    var isOwn: Bool { owner == 0 || owner == User.effectiveID }

    /// Others cannot rename or replace what is in this directory, unless it belongs to them.
    var isSticky: Bool { mode & 0o1000 != 0 }

    /// Refuses what is not a regular file without a second name, owned by somebody trusted, without the forbidden mode bits.
    func requireTrustedFile(forbidden: UInt16, path: String) throws(SystemError) {
        guard kind == .regular else { throw .notRegular(path: path, kind: kind) }
        guard User.isTrusted(owner) else { throw .insecure(path: path, reason: .owner(owner)) }
        guard mode & forbidden == 0 else { throw .insecure(path: path, reason: .mode(mode)) }
        // None is left where another process has replaced the file since it was opened.
        guard links <= 1 else { throw .insecure(path: path, reason: .links(links)) }
    }

    /// Refuses a directory in which somebody else could replace an entry of ours.
    func requireTrustedAncestor(path: String) throws(SystemError) {
        guard User.isTrusted(owner) else { throw .insecure(path: path, reason: .owner(owner)) }
        guard mode & 0o022 == 0 || isSticky else { throw .insecure(path: path, reason: .mode(mode)) }
    }

    /// Refuses a directory in which anybody but root can make or replace an entry.
    func requireRootsDirectory(path: String) throws(SystemError) {
        guard owner == 0 else { throw .insecure(path: path, reason: .owner(owner)) }
        guard mode & 0o022 == 0 else { throw .insecure(path: path, reason: .mode(mode)) }
    }

    /// Refuses a directory that others can look into, but for the members of a group, or that belongs to somebody else.
    func requirePrivateDirectory(path: String, besides group: UInt32? = nil) throws(SystemError) {
        guard User.isTrusted(owner) else { throw .insecure(path: path, reason: .owner(owner)) }
        guard mode & (group == self.group ? 0o027 : 0o077) == 0 else {
            throw .insecure(path: path, reason: .mode(mode))
        }
    }
}

extension FileKind {
    fileprivate init(mode: mode_t) {
        self =
            switch mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .fifo
            case S_IFCHR, S_IFBLK: .device
            case S_IFSOCK: .socket
            default: .other
            }
    }
}
