/// A program that root may run.
package enum ExecutableFile {
    /// Whether a path leads to a program that nobody but root can have put there or changed.
    ///
    /// Every directory on the way, every link and the file itself belong to root, and nobody else may write to them.
    package static func isTrusted(_ path: String) -> Bool {
        guard path.hasPrefix("/"), let location = try? PathWalk.locate(path, ancestors: .root),
            let file = try? openRegular(location.name, in: location.directory, path: path),
            let status = try? file.status(path: path)
        else { return false }
        return status.owner == 0 && status.mode & 0o022 == 0 && status.mode & 0o111 != 0
    }
}
