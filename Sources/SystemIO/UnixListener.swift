internal import CLinux
internal import Glibc

/// A stream socket in the file system, on which this process answers.
package struct UnixListener: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private let path: String

    /// Begins to listen, in place of a socket that nobody listens on any more.
    ///
    /// - Parameters:
    ///   - path: At most 107 bytes, in a directory that only root can change. Whoever stops listening removes it.
    ///   - group: Who may connect beside root; `nil` for nobody.
    /// - Returns: What takes connections.
    /// - Throws: What `bind`, `chown`, `chmod` or `listen` reports.
    package static func open(_ path: String, group: UInt32?) throws(SystemError) -> UnixListener {
        try FileEntry.remove(path)
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = try Descriptor.adopting(socket(AF_UNIX, type, 0), "socket", path)
        var address = try UnixSocket.address(path, of: "bind")
        // The mask of this process lets nobody else connect to it yet.
        let result = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor.rawValue, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw .failed("bind", path) }
        if let group {
            guard unsafe lchown(path, uid_t.max, group) == 0 else { throw .failed("chown", path) }
            guard unsafe chmod(path, 0o660) == 0 else { throw .failed("chmod", path) }
        }
        guard listen(descriptor.rawValue, 16) == 0 else { throw .failed("listen", path) }
        return UnixListener(descriptor: descriptor, path: path)
    }

    /// The descriptor, readable when somebody connects; for `poll(2)`.
    package var rawDescriptor: Int32 { descriptor.rawValue }

    /// Takes the next connection.
    ///
    /// - Returns: `nil` if there is none any more.
    package borrowing func accept() -> UnixSocket? {
        let connection = clinux_accept(descriptor.rawValue)
        guard connection >= 0 else { return nil }
        return UnixSocket(Descriptor(adopting: connection), path: path)
    }
}
