internal import Glibc

/// A file that the operator asked for.
package enum OutputFile {
    /// Writes a new file, complete or not at all; to `-`, standard output.
    ///
    /// With `overwrite` it replaces a regular file that is there; anything else is never replaced.
    ///
    /// - Parameters:
    ///   - path: Where to.
    ///   - contents: All of it.
    ///   - mode: The permission bits.
    ///   - group: The group that the file belongs to; `nil` leaves it to the system.
    ///   - overwrite: Whether a file that is there is replaced.
    /// - Throws: `.exists`, `.notRegular`, `.missing` where the directory is missing.
    package static func write(
        _ path: String,
        _ contents: Span<UInt8>,
        mode: UInt16 = 0o600,
        group: UInt32? = nil,
        overwrite: Bool
    ) throws(SystemError) {
        guard path != "-" else { return try StandardStream.output.write(contents) }
        let (parent, name) = split(path)
        let directory = try Directory.open(parent, privacy: .any)
        if overwrite {
            try directory.replace(name, contents, mode: mode, group: group)
        } else {
            try directory.create(name, contents, mode: mode, group: group)
        }
    }

    /// Finds out, before any work is done, what would keep ``write(_:_:mode:group:overwrite:)`` from its file.
    ///
    /// - Throws: What that would throw; a disk that fills up later is not foreseen.
    package static func check(_ path: String, overwrite: Bool) throws(SystemError) {
        guard path != "-" else { return }
        let (parent, name) = split(path)
        let directory = try Directory.open(parent, privacy: .any)
        try directory.checkWritable(name, overwrite: overwrite)
    }

    /// Opens a directory for files that the operator asked for, and makes it (0700) where it is missing.
    ///
    /// - Throws: `.missing` where the directory that it would be in is missing.
    package static func openDirectory(_ path: String) throws(SystemError) -> Directory {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .failed("mkdir", path) }
        return try Directory.open(path, privacy: .any)
    }

    /// The directory of a path, and the name in it.
    static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let parent = path[..<slash]
        return (parent.isEmpty ? "/" : String(parent), String(path[path.index(after: slash)...]))
    }
}
