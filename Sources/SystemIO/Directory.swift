internal import Glibc

/// An open directory; every name is looked up below it, and never leads out of it.
package struct Directory: ~Copyable, Sendable {
    /// The path it was opened by, for messages.
    package let path: String
    let descriptor: Descriptor

    private init(_ descriptor: consuming Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

extension Directory {
    /// Who else may look into a directory.
    package enum Privacy: Sendable {
        /// Nobody: it and everything above it is trusted, and its mode has no bit for group or others.
        case secret
        /// As ``secret``, but for the members of a group, who may look into it, and change nothing.
        case group(UInt32)
        /// Whoever may: it is only a place for a file that is no secret.
        case any
    }

    /// Opens a directory that exists.
    ///
    /// - Throws: `.missing`; `.insecure` where somebody else could look into it, or could have put it there.
    package static func open(_ path: String, privacy: Privacy) throws(SystemError) -> Directory {
        switch privacy {
        case .any: return try Directory(PathWalk.directory(path, ancestors: .any, creating: false), path: path)
        case .secret: return try secret(path, creating: false, sharedWith: nil)
        case .group(let group): return try secret(path, creating: false, sharedWith: group)
        }
    }

    /// Opens a secret directory, and makes what is missing of its path with mode 0700.
    ///
    /// What root makes inside a directory of the user of sudo is given to that user. The members of a group that is given
    /// may look into the directory itself (0750).
    package static func create(_ path: String, sharedWith group: UInt32? = nil) throws(SystemError) -> Directory {
        try secret(path, creating: true, sharedWith: group)
    }

    private static func secret(
        _ path: String,
        creating: Bool,
        sharedWith group: UInt32?
    ) throws(SystemError) -> Directory {
        let descriptor = try PathWalk.directory(path, ancestors: .trusted, creating: creating)
        if creating, let group, try descriptor.status(path: path).group != group {
            guard fchown(descriptor.rawValue, uid_t.max, group) == 0 else { throw .failed("chown", path) }
            guard fchmod(descriptor.rawValue, 0o750) == 0 else { throw .failed("chmod", path) }
        }
        try descriptor.status(path: path).requirePrivateDirectory(path: path, besides: group)
        return Directory(descriptor, path: path)
    }

    /// Opens a secret directory in this one; `creating` makes it with mode 0700 if it is missing.
    package borrowing func subdirectory(_ name: String, creating: Bool) throws(SystemError) -> Directory {
        let path = try path(of: name)
        if creating {
            if unsafe mkdirat(descriptor.rawValue, name, 0o700) == 0 {
                let new = try Descriptor.open(name, in: descriptor, flags: O_RDONLY | O_DIRECTORY, path: path)
                try new.give(toOwnerOf: descriptor.status(path: self.path), path: path)
                try descriptor.synchronize(path: self.path)
            } else if errno != EEXIST {
                throw .failed("mkdir", path)
            }
        }
        let opened = try Descriptor.open(name, in: descriptor, flags: O_RDONLY | O_DIRECTORY, path: path)
        try opened.status(path: path).requirePrivateDirectory(path: path)
        return Directory(opened, path: path)
    }

    /// The names in this directory, sorted: those that do not begin with a dot, or, if `hidden`, those that do.
    package borrowing func names(hidden: Bool = false) throws(SystemError) -> [String] {
        // A descriptor of its own, because the position in the directory belongs to the open file.
        let copy = unsafe openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .failed("open", path) }
        guard let stream = unsafe fdopendir(copy) else {
            defer { close(copy) }
            throw .failed("fdopendir", path)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(".") == hidden, name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw .failed("readdir", path) }
        return names.sorted()
    }

    /// Tells whether there is something of this name, be it a link that leads nowhere.
    package borrowing func contains(_ name: String) throws(SystemError) -> Bool {
        let path = try path(of: name)
        if unsafe faccessat(descriptor.rawValue, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 { return true }
        guard errno == ENOENT else { throw .failed("access", path) }
        return false
    }

    /// Removes a file.
    ///
    /// - Throws: `.missing`.
    package borrowing func remove(_ name: String) throws(SystemError) {
        let path = try path(of: name)
        guard unsafe unlinkat(descriptor.rawValue, name, 0) == 0 else { throw .failed("unlink", path) }
        try descriptor.synchronize(path: self.path)
    }

    /// Removes a directory that is empty.
    package borrowing func removeSubdirectory(_ name: String) throws(SystemError) {
        let path = try path(of: name)
        guard unsafe unlinkat(descriptor.rawValue, name, AT_REMOVEDIR) == 0 else { throw .failed("rmdir", path) }
        try descriptor.synchronize(path: self.path)
    }

    /// The path of an entry, for messages.
    ///
    /// - Throws: `EINVAL` for a name that is not one component, and would lead elsewhere.
    borrowing func path(of name: String) throws(SystemError) -> String {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0)
        else { throw .call("open", path: "\(path)/\(name)", errno: EINVAL) }
        return path == "/" ? "/\(name)" : "\(path)/\(name)"
    }
}
