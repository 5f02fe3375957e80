internal import CMnl
internal import Glibc

/// Hears what becomes of one link, its addresses and its routes, whoever changes them (rtnetlink(7), multicast groups).
///
/// It stays in the network namespace that its thread was in when it was opened, and keeps that namespace alive.
package struct LinkMonitor: ~Copyable, Sendable {
    private let socket: NetlinkSocket
    private let index: UInt32
    // A notification tells of one object.
    private static let maximumByteCount = 32_768
    // Who changes the link faster than this is read has changed it.
    private static let maximumDatagramCount = 1024

    /// Begins to listen in the calling thread's network namespace.
    ///
    /// - Parameter index: The link's.
    /// - Returns: What hears from now on.
    /// - Throws: ``NetlinkError/system(call:errno:)``.
    package static func open(index: UInt32) throws(NetlinkError) -> LinkMonitor {
        let groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE
        let socket = try NetlinkSocket.open(bus: NETLINK_ROUTE, groups: groups, timeoutMilliseconds: 1)
        return LinkMonitor(socket: socket, index: index)
    }

    /// The descriptor, readable when something was heard; for `poll(2)`.
    package var rawDescriptor: Int32 { socket.descriptor }

    /// Takes all that was heard so far.
    ///
    /// - Returns: Whether any of it may be about the link; so is what cannot be understood, and what was lost.
    package borrowing func concernsLink() -> Bool {
        var isConcerned = false
        var buffer = [UInt8](repeating: 0, count: Self.maximumByteCount)
        for _ in 0..<Self.maximumDatagramCount {
            var span = buffer.mutableSpan
            do throws(NetlinkError) {
                let count = try socket.receive(into: &span, for: "hear of links")
                if Notification.concerns(index, buffer.span.extracting(first: count)) { isConcerned = true }
            } catch .timedOut {
                return isConcerned
            } catch .system(call: _, errno: ENOBUFS) {
                isConcerned = true
            } catch {
                return true
            }
        }
        return true
    }
}

/// A datagram that the kernel sends to all who listen.
enum Notification {
    private static let headerByteCount = 16

    /// Whether one of its messages may be about a link; a datagram that is malformed may be about any.
    static func concerns(_ index: UInt32, _ datagram: Span<UInt8>) -> Bool {
        var offset = 0
        while offset < datagram.count {
            guard datagram.count - offset >= headerByteCount else { return true }
            let length = Int(datagram.uint32(at: offset))
            guard length >= headerByteCount, length <= datagram.count - offset else { return true }
            let payload = datagram.extracting((offset + headerByteCount)..<(offset + length))
            guard let subject = try? subject(of: Int(datagram.uint16(at: offset + 4)), payload) else { return true }
            if subject == index { return true }
            offset += (length + 3) & ~3
        }
        return false
    }

    /// The link that a message is about; 0 for one that is about none.
    private static func subject(of type: Int, _ payload: Span<UInt8>) throws(NetlinkError) -> UInt32 {
        switch type {
        case RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR:
            // Both `ifinfomsg` and `ifaddrmsg` have it there.
            guard payload.count >= 8 else { throw .shortMessage(byteCount: payload.count) }
            return payload.uint32(at: 4)
        case RTM_NEWROUTE, RTM_DELROUTE:
            return try Route(decoding: payload)?.linkIndex ?? 0
        default: return 0
        }
    }
}
