internal import CLinux
internal import Glibc

extension Directory {
    /// Writes a file that must not exist; it appears complete, or not at all.
    ///
    /// Its permission bits are `mode`, whatever the umask is, and its group is the one that is given.
    ///
    /// - Parameters:
    ///   - name: Of the file.
    ///   - contents: All of it.
    ///   - mode: The permission bits.
    ///   - isFlushed: Whether it is on the disk when this returns; if not, ``synchronizeFileSystem()`` is to follow.
    ///   - group: The group that it is given; `nil` for that of this process.
    /// - Returns: What tells that the file has not changed since.
    /// - Throws: `.exists`, and then the file is as it was.
    @discardableResult
    package borrowing func create(
        _ name: String,
        _ contents: Span<UInt8>,
        mode: UInt16,
        isFlushed: Bool = true,
        group: UInt32? = nil
    ) throws(SystemError) -> FileVersion {
        let path = try path(of: name)
        // Most callers that meet an existing file should not leave traces on a full disk first.
        guard try !contains(name) else { throw .exists(path: path) }
        let manner = Manner(mode: mode, group: group, isFlushed: isFlushed, path: path)
        if let version = try writeUnnamed(name, contents, manner) {
            if isFlushed { try descriptor.synchronize(path: self.path) }
            return version
        }
        let (temporary, version) = try writeTemporary(for: name, contents, manner)
        var result = unsafe clinux_rename_without_replacing(descriptor.rawValue, temporary, name)
        if result == EINVAL {
            // Some network file systems know no RENAME_NOREPLACE, but all of them know links.
            result = unsafe linkat(descriptor.rawValue, temporary, descriptor.rawValue, name, 0) == 0 ? 0 : errno
            unsafe unlinkat(descriptor.rawValue, temporary, 0)
        } else if result != 0 {
            unsafe unlinkat(descriptor.rawValue, temporary, 0)
        }
        guard result != EEXIST else { throw .exists(path: path) }
        guard result == 0 else { throw .call("rename", path: path, errno: result) }
        if isFlushed { try descriptor.synchronize(path: self.path) }
        return version
    }

    /// Writes a file in place of an existing one or of none; a reader sees the old bytes or the new ones.
    ///
    /// Its permission bits are `mode`, whatever the umask is, and its group is the one that is given.
    ///
    /// - Parameters:
    ///   - name: Of the file.
    ///   - contents: All of it.
    ///   - mode: The permission bits.
    ///   - isFlushed: Whether it is on the disk when this returns; if not, ``synchronizeFileSystem()`` is to follow.
    ///   - group: The group that it is given; `nil` for that of this process.
    /// - Returns: What tells that the file has not changed since.
    /// - Throws: `.notRegular` if there is something else; after any error the old file is as it was.
    @discardableResult
    package borrowing func replace(
        _ name: String,
        _ contents: Span<UInt8>,
        mode: UInt16,
        isFlushed: Bool = true,
        group: UInt32? = nil
    ) throws(SystemError) -> FileVersion {
        let path = try path(of: name)
        var status = stat()
        if unsafe fstatat(descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
            // Renaming over a device or a link would destroy what is no file of ours.
            let kind = FileStatus(status).kind
            guard kind == .regular else { throw .notRegular(path: path, kind: kind) }
        } else {
            // There is less to do for a new file.
            do throws(SystemError) {
                return try create(name, contents, mode: mode, isFlushed: isFlushed, group: group)
            } catch .exists {
                // Somebody else has made it meanwhile.
            }
        }
        let manner = Manner(mode: mode, group: group, isFlushed: isFlushed, path: path)
        let (temporary, version) = try writeTemporary(for: name, contents, manner)
        guard unsafe renameat(descriptor.rawValue, temporary, descriptor.rawValue, name) == 0 else {
            let error = SystemError.failed("rename", path)
            unsafe unlinkat(descriptor.rawValue, temporary, 0)
            throw error
        }
        if isFlushed { try descriptor.synchronize(path: self.path) }
        return version
    }

    /// Gives a file another name in this directory, which nothing may have.
    ///
    /// - Throws: `.missing`, or `.exists`.
    package borrowing func rename(_ name: String, to other: String) throws(SystemError) {
        let (path, otherPath) = (try path(of: name), try path(of: other))
        let result = unsafe clinux_rename_without_replacing(descriptor.rawValue, name, other)
        switch result {
        case 0: try descriptor.synchronize(path: self.path)
        case ENOENT: throw .missing(path: path)
        case EEXIST: throw .exists(path: otherPath)
        default: throw .call("rename", path: path, errno: result)
        }
    }

    /// Throws what ``create(_:_:mode:isFlushed:group:)``, or ``replace(_:_:mode:isFlushed:group:)`` if `overwrite`, would throw before it writes.
    borrowing func checkWritable(_ name: String, overwrite: Bool) throws(SystemError) {
        let path = try path(of: name)
        var status = stat()
        if unsafe fstatat(descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
            let kind = FileStatus(status).kind
            guard kind == .regular else { throw .notRegular(path: path, kind: kind) }
            guard overwrite else { throw .exists(path: path) }
        }
        guard unsafe faccessat(descriptor.rawValue, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
            throw .failed("open", path)
        }
    }

    /// Removes what processes left that were killed while they wrote a file of this name, or any file.
    ///
    /// Nobody may be writing it at the same time.
    package borrowing func removeTemporaries(of name: String? = nil) throws(SystemError) {
        for entry in try names(hidden: true) {
            // Editors and version control have hidden files, too.
            let parts = entry.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count > 2, parts.suffix(2).allSatisfy({ UInt32($0) != nil }) else { continue }
            if let name, parts.dropLast(2).joined(separator: ".") != name { continue }
            try remove(entry)
        }
    }

    /// Writes the file without a name until it is complete, so that nothing is left of it where that is cut short.
    ///
    /// - Returns: `nil` where that is not possible, as not every file system has such files.
    private borrowing func writeUnnamed(
        _ name: String,
        _ contents: Span<UInt8>,
        _ manner: Manner
    ) throws(SystemError) -> FileVersion? {
        let result = clinux_create_unnamed(descriptor.rawValue)
        guard result >= 0 else { return nil }
        let file = Descriptor(adopting: result)
        let version = try write(contents, to: file, manner)
        switch unsafe clinux_name(file.rawValue, descriptor.rawValue, name) {
        case 0: return version
        case EEXIST: throw .exists(path: manner.path)
        default: return nil
        }
    }

    /// Writes the file under a name of its own, which begins with a dot.
    private borrowing func writeTemporary(
        for name: String,
        _ contents: Span<UInt8>,
        _ manner: Manner
    ) throws(SystemError) -> (name: String, version: FileVersion) {
        // A name is taken only by another thread, or by a process of the same number that was killed.
        for attempt in 0..<100 {
            let temporary = ".\(name).\(getpid()).\(attempt)"
            let file: Descriptor
            do throws(SystemError) {
                let flags = O_WRONLY | O_CREAT | O_EXCL
                file = try Descriptor.open(temporary, in: descriptor, flags: flags, mode: 0o600, path: manner.path)
            } catch .exists {
                continue
            }
            do throws(SystemError) {
                return (temporary, try write(contents, to: file, manner))
            } catch {
                unsafe unlinkat(descriptor.rawValue, temporary, 0)
                throw error
            }
        }
        throw .exists(path: "\(path)/.\(name).\(getpid())")
    }

    private borrowing func write(
        _ contents: Span<UInt8>,
        to file: borrowing Descriptor,
        _ manner: Manner
    ) throws(SystemError) -> FileVersion {
        try file.give(toOwnerOf: descriptor.status(path: path), path: manner.path)
        try file.writeAll(contents, path: manner.path)
        if let group = manner.group, fchown(file.rawValue, uid_t.max, group) != 0 {
            throw .failed("chown", manner.path)
        }
        // Most often the umask took nothing, and the disk need not be told again what it knows.
        if try file.status(path: manner.path).mode != manner.mode,
            fchmod(file.rawValue, mode_t(manner.mode)) != 0
        {
            throw .failed("fchmod", manner.path)
        }
        if manner.isFlushed { try file.synchronize(path: manner.path) }
        return try file.version(path: manner.path)
    }
}

/// How a file is written.
private struct Manner {
    let mode: UInt16
    let group: UInt32?
    let isFlushed: Bool
    /// For messages.
    let path: String
}
