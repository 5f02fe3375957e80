internal import CLinux
internal import Glibc

/// A directory, held by a handle, and the name of an entry in it that is no symbolic link we would follow.
struct Location: ~Copyable {
    let directory: Descriptor
    let name: String
}

/// Walks a path one component at a time, so that no symbolic link is followed that somebody else could have planted.
///
/// A link is followed if it belongs to root or to us and lies in a directory where others cannot replace it. Under sudo
/// a link of the invoking user is not followed: with root's rights it would lead to places where he may not go.
enum PathWalk {
    /// What every directory on the way must be.
    enum Ancestors {
        case any
        /// Others can replace nothing of ours there.
        case trusted
        /// Only root can change anything there.
        case root
    }

    /// Finds the last component, which need not exist.
    static func locate(_ path: String, ancestors: Ancestors) throws(SystemError) -> Location {
        try walk(path, ancestors: ancestors, whole: false, creating: false)
    }

    /// Opens a directory; `creating` makes what is missing, with mode 0700.
    static func directory(_ path: String, ancestors: Ancestors, creating: Bool) throws(SystemError) -> Descriptor {
        let location = try walk(path, ancestors: ancestors, whole: true, creating: creating)
        // The walk's handle stands for a place; reading and fsync need a descriptor of the directory itself.
        return try Descriptor.open(".", in: location.directory, flags: O_RDONLY | O_DIRECTORY, path: path)
    }

    /// Walks up to the last component; `whole` enters that as well, and the location's name is then ".".
    private static func walk(
        _ path: String,
        ancestors: Ancestors,
        whole: Bool,
        creating: Bool
    ) throws(SystemError) -> Location {
        guard !path.isEmpty else { throw .missing(path: path) }
        // What lies above the working directory matters only where ancestors are checked.
        let absolute = ancestors == .trusted && !path.hasPrefix("/") ? try workingDirectory() + "/" + path : path
        var pending = components(of: absolute)
        var current = try start(absolute)
        // The path of `current`, because an error about a directory on the way must name that one.
        var place = absolute.hasPrefix("/") ? "/" : "."
        var linkCount = 0
        while let name = pending.popLast() {
            let status = try current.status(path: place)
            switch ancestors {
            case .any: break
            case .trusted: try status.requireTrustedAncestor(path: place)
            case .root: try status.requireRootsDirectory(path: place)
            }
            let next = place == "/" ? "/\(name)" : "\(place)/\(name)"
            let result = unsafe clinux_open_path(current.rawValue, name)
            if result == -ENOENT {
                if !whole, pending.isEmpty { return Location(directory: current, name: name) }
                guard creating else { throw .missing(path: path) }
                try makeDirectory(name, in: current, ownedBy: status, path: next)
                pending.append(name)  // to be entered and checked like any other
                continue
            }
            guard result >= 0 else { throw .call("open", path: next, errno: -result) }
            let entry = Descriptor(adopting: result)
            let entryStatus = try entry.status(path: next)
            switch entryStatus.kind {
            case .symbolicLink:
                guard entryStatus.isOwn, status.isOwn, status.mode & 0o022 == 0 || status.isSticky
                else { throw .insecure(path: next, reason: .symbolicLink) }
                linkCount += 1
                guard linkCount <= 40 else { throw .call("open", path: path, errno: ELOOP) }
                let target = try entry.linkTarget(path: next)
                pending += components(of: target)
                if target.hasPrefix("/") {
                    current = try start(target)
                    place = "/"
                }
            case _ where !whole && pending.isEmpty:
                return Location(directory: current, name: name)
            case .directory:
                current = entry
                place = next
            default:
                throw .call("open", path: next, errno: ENOTDIR)
            }
        }
        return Location(directory: current, name: ".")
    }

    private static func start(_ path: String) throws(SystemError) -> Descriptor {
        let root = path.hasPrefix("/") ? "/" : "."
        let result = unsafe clinux_open_path(AT_FDCWD, root)
        guard result >= 0 else { throw .call("open", path: root, errno: -result) }
        return Descriptor(adopting: result)
    }

    private static func makeDirectory(
        _ name: String,
        in parent: borrowing Descriptor,
        ownedBy parentStatus: FileStatus,
        path: String
    ) throws(SystemError) {
        // Another process may make the same directory at the same time; it is then not ours to give away.
        if unsafe mkdirat(parent.rawValue, name, 0o700) != 0 {
            guard errno == EEXIST else { throw .failed("mkdir", path) }
            return
        }
        let new = try Descriptor.open(name, in: parent, flags: O_RDONLY | O_DIRECTORY, path: path)
        try new.give(toOwnerOf: parentStatus, path: path)
    }

    /// The components in reverse order, so that the next one can be popped.
    private static func components(of path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init).reversed()
    }

    private static func workingDirectory() throws(SystemError) -> String {
        guard let text = unsafe getcwd(nil, 0) else { throw .failed("getcwd", ".") }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}

extension Descriptor {
    /// Gives a new file or directory to the user of sudo, if it was made in a directory of his.
    borrowing func give(toOwnerOf directory: FileStatus, path: String) throws(SystemError) {
        guard User.isServed(directory.owner) else { return }
        guard fchown(rawValue, directory.owner, directory.group) == 0 else { throw .failed("fchown", path) }
    }

    fileprivate borrowing func linkTarget(path: String) throws(SystemError) -> String {
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe target.withUnsafeMutableBytes { bytes in
            guard let base = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return -1 }
            return unsafe readlinkat(rawValue, "", base, bytes.count)
        }
        guard count >= 0 else { throw .failed("readlink", path) }
        return String(decoding: target.prefix(count), as: UTF8.self)
    }
}
