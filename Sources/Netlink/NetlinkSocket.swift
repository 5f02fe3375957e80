internal import CMnl
internal import Glibc

/// An open, bound netlink socket, closed when the last reference goes.
///
/// It stays in the network namespace that its thread was in when it was opened. It is a class, unlike other handles,
/// because Swift 6.3 cannot borrow a noncopyable existential from a stored property.
@safe
final class NetlinkSocket: NetlinkTransport, @unchecked Sendable {
    private let handle: OpaquePointer

    private init(adopting handle: OpaquePointer) { unsafe self.handle = handle }

    /// Opens a socket on one netlink bus and binds it to a port that the kernel chooses.
    ///
    /// Refusals come with text (`NETLINK_EXT_ACK`) and without the request, which may hold a key (`NETLINK_CAP_ACK`);
    /// dumps are filtered by the kernel (`NETLINK_GET_STRICT_CHK`).
    ///
    /// - Parameters:
    ///   - bus: A `NETLINK_*` number.
    ///   - groups: A bit for each multicast group to join (`RTMGRP_*`).
    ///   - timeoutMilliseconds: How long ``receive(into:for:)`` waits. The kernel replies before `sendto` returns, so it
    ///     only ends what would otherwise hang for ever.
    /// - Returns: A socket that can send and receive.
    /// - Throws: ``NetlinkError/system(call:errno:)``.
    static func open(
        bus: Int32,
        groups: Int32 = 0,
        timeoutMilliseconds: Int = 10_000
    ) throws(NetlinkError) -> NetlinkSocket {
        guard let handle = unsafe mnl_socket_open2(bus, Int32(SOCK_CLOEXEC.rawValue)) else {
            throw .system(call: "socket", errno: errno)
        }
        let socket = unsafe NetlinkSocket(adopting: handle)
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK] { try socket.enable(option) }
        try socket.limitReceiveTime(milliseconds: timeoutMilliseconds)
        guard unsafe mnl_socket_bind(socket.handle, UInt32(bitPattern: groups), MNL_SOCKET_AUTOPID) == 0 else {
            throw .system(call: "bind", errno: errno)
        }
        return socket
    }

    deinit { _ = unsafe mnl_socket_close(handle) }

    private func enable(_ option: Int32) throws(NetlinkError) {
        var on: Int32 = 1
        guard unsafe mnl_socket_setsockopt(handle, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw .system(call: "setsockopt", errno: errno)
        }
    }

    private func limitReceiveTime(milliseconds: Int) throws(NetlinkError) {
        var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard unsafe setsockopt(mnl_socket_get_fd(handle), SOL_SOCKET, SO_RCVTIMEO, &limit, size) == 0 else {
            throw .system(call: "setsockopt", errno: errno)
        }
    }

    /// Readable when a datagram waits.
    var descriptor: Int32 { unsafe mnl_socket_get_fd(handle) }

    var portID: UInt32 { unsafe mnl_socket_get_portid(handle) }

    func send(_ datagram: Span<UInt8>) throws(NetlinkError) {
        while true {
            let sent = unsafe datagram.withUnsafeBytes { bytes in
                unsafe mnl_socket_sendto(handle, bytes.baseAddress, bytes.count)
            }
            // A netlink datagram goes as a whole or not at all.
            if sent == datagram.count { return }
            guard errno == EINTR else { throw .system(call: "sendto", errno: errno) }
        }
    }

    // Not `mnl_socket_recvfrom`: it hides the sender, and anybody with CAP_NET_ADMIN in this namespace may send to us.
    func receive(into buffer: inout MutableSpan<UInt8>, for request: String) throws(NetlinkError) -> Int {
        var sender = sockaddr_nl()
        let capacity = buffer.count
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Self.receive(mnl_socket_get_fd(handle), bytes, from: &sender)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { throw .timedOut(request: request) }
            guard count >= 0 else { throw .system(call: "recvfrom", errno: errno) }
            guard sender.nl_pid == 0 else { throw .foreignSender(portID: sender.nl_pid) }
            guard count <= capacity else { throw .truncatedReply(byteCount: count) }
            return count
        }
    }

    // With MSG_TRUNC the kernel tells the length of the whole datagram, even if it did not fit.
    private static func receive(
        _ descriptor: Int32,
        _ bytes: UnsafeMutableRawBufferPointer,
        from sender: inout sockaddr_nl
    ) -> Int {
        var size = socklen_t(MemoryLayout<sockaddr_nl>.size)
        return unsafe withUnsafeMutablePointer(to: &sender) { sender in
            unsafe sender.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe recvfrom(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_TRUNC), address, &size)
            }
        }
    }
}
