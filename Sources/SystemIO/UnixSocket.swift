internal import CLinux
internal import Glibc

/// A connection to a local service that belongs to root or to us.
package struct UnixSocket: ~Copyable {
    private let descriptor: Descriptor
    private let path: String

    init(_ descriptor: consuming Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Connects to a stream socket in the file system.
    ///
    /// - Throws: `.missing`; `.insecure` if somebody else listens, who must not see what we send; `ECONNREFUSED` if
    ///   nobody does.
    package static func connect(_ path: String) throws(SystemError) -> UnixSocket {
        var address = try address(path, of: "connect")
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = try Descriptor.adopting(socket(AF_UNIX, type, 0), "socket", path)
        // A local connection is made at once, or refused: with EAGAIN where the listener's queue is full.
        let result = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe Glibc.connect(descriptor.rawValue, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw .failed("connect", path) }
        var listener = uid_t()
        let error = unsafe clinux_peer_user(descriptor.rawValue, &listener)
        guard error == 0 else { throw .call("getsockopt", path: path, errno: error) }
        guard listener == 0 || listener == User.effectiveID else {
            throw .insecure(path: path, reason: .owner(listener))
        }
        return UnixSocket(descriptor, path: path)
    }

    /// The address of a socket in the file system, for a system call.
    static func address(_ path: String, of call: String) throws(SystemError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.utf8.isEmpty, path.utf8.count < capacity, !path.utf8.contains(0) else {
            throw .call(call, path: path, errno: ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        return address
    }

    /// Sends all the bytes.
    ///
    /// - Throws: `.timedOut` if the other end stops reading for this long.
    package borrowing func send(_ bytes: Span<UInt8>, timeout: Duration) throws(SystemError) {
        var count = 0
        while count < bytes.count {
            let sent = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    descriptor.rawValue,
                    bytes.baseAddress?.advanced(by: count),
                    bytes.count - count,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if sent >= 0 { count += sent } else { try wait("send", events: POLLOUT, timeout: timeout) }
        }
    }

    /// Receives what there is, at least one byte.
    ///
    /// - Returns: The number of bytes written to the beginning of `target`; 0 once the other end has closed.
    /// - Throws: `.timedOut` if nothing comes for this long.
    package borrowing func receive(into target: inout MutableSpan<UInt8>, timeout: Duration) throws(SystemError) -> Int
    {
        while true {
            let count = unsafe target.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor.rawValue, bytes.baseAddress, bytes.count, 0)
            }
            if count >= 0 { return count }
            try wait("recv", events: POLLIN, timeout: timeout)
        }
    }

    private borrowing func wait(_ call: String, events: Int32, timeout: Duration) throws(SystemError) {
        switch errno {
        case EINTR: break
        case EAGAIN:
            let ready = try Poll.wait(for: [(descriptor.rawValue, events)], timeout: timeout, path: path)
            guard ready != nil else { throw .timedOut(path: path) }
        default: throw .failed(call, path)
        }
    }
}
