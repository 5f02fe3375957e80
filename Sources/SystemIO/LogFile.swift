internal import Glibc

/// A file that a long-running child writes to.
package enum LogFile {
    /// Makes an empty file of mode 0600, in place of an older one.
    package static func create(_ path: String) throws(SystemError) -> Descriptor {
        let (parent, name) = OutputFile.split(path)
        let directory = try PathWalk.directory(parent, ancestors: .trusted, creating: false)
        guard unsafe unlinkat(directory.rawValue, name, 0) == 0 || errno == ENOENT else {
            throw .failed("unlink", path)
        }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND
        return try Descriptor.open(name, in: directory, flags: flags, mode: 0o600, path: path)
    }

    /// Opens a file for reading that is there already, `/dev/null` for instance.
    package static func open(_ path: String) throws(SystemError) -> Descriptor {
        try Descriptor.adopting(unsafe Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "open", path)
    }

    /// The last lines, each made printable and cut after 300 bytes.
    package static func lastLines(of path: String, count: Int) throws(SystemError) -> [String] {
        let location = try PathWalk.locate(path, ancestors: .trusted)
        let file = try openRegular(location.name, in: location.directory, path: path)
        // A log may have any size; its last lines are near its end.
        let size = try file.status(path: path).size
        guard lseek(file.rawValue, off_t(max(0, size - 16_384)), SEEK_SET) >= 0 else { throw .failed("lseek", path) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        var span = bytes.mutableSpan
        let read = try file.readAll(into: &span, path: path)
        return bytes.prefix(read).split(separator: UInt8(ascii: "\n")).suffix(count).map { line in
            String(decoding: line.prefix(300), as: UTF8.self).printable
        }
    }
}
