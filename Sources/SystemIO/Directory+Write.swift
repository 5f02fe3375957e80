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
        let (temporary, version) = try writeTemporary(
            for: name,
            contents,
            mode,
            group,
            isFlushed: isFlushed,
            path: path
        )
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
        }
        let (temporary, version) = try writeTemporary(
            for: name,
            contents,
            mode,
            group,
            isFlushed: isFlushed,
            path: path
        )
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

    /// Writes the bytes under a name of their own, which begins with a dot.
    private borrowing func writeTemporary(
        for name: String,
        _ contents: Span<UInt8>,
        _ mode: UInt16,
        _ group: UInt32?,
        isFlushed: Bool,
        path: String
    ) throws(SystemError) -> (name: String, version: FileVersion) {
        // A name is taken only by another thread, or by a process of the same number that was killed.
        for attempt in 0..<100 {
            let temporary = ".\(name).\(getpid()).\(attempt)"
            let file: Descriptor
            do throws(SystemError) {
                let flags = O_WRONLY | O_CREAT | O_EXCL
                file = try Descriptor.open(temporary, in: descriptor, flags: flags, mode: 0o600, path: path)
            } catch .exists {
                continue
            }
            do throws(SystemError) {
                try file.give(toOwnerOf: descriptor.status(path: self.path), path: path)
                try file.writeAll(contents, path: path)
                if let group, fchown(file.rawValue, uid_t.max, group) != 0 { throw SystemError.failed("chown", path) }
                guard fchmod(file.rawValue, mode_t(mode)) == 0 else { throw .failed("fchmod", path) }
                if isFlushed { try file.synchronize(path: path) }
                return (temporary, try file.version(path: path))
            } catch {
                unsafe unlinkat(descriptor.rawValue, temporary, 0)
                throw error
            }
        }
        throw .exists(path: "\(self.path)/.\(name).\(getpid())")
    }
}
