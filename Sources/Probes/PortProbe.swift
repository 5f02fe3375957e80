internal import Glibc
package import SystemIO
package import WireGuard

/// Tries whether a UDP datagram gets from a port of this host to one of another.
package enum PortProbe {
    /// What became of a datagram, as far as this host is told.
    package enum Outcome: Hashable, Sendable {
        /// It left, and nobody has complained: on most networks, that says nothing.
        case silence
        /// This host's packet filter does not let it out (`EPERM`).
        case filtered
        /// The other host says that nobody listens there (ICMP port unreachable).
        case refused
        /// This host or a router has no way there, or may not take it.
        case unreachable
    }

    /// Sends an empty datagram, which WireGuard drops.
    ///
    /// It leaves as one of WireGuard's would: from its port, in the network namespace of the calling thread. Needs
    /// `CAP_NET_RAW`.
    ///
    /// - Parameters:
    ///   - source: The port that it seems to come from.
    ///   - target: Where to.
    ///   - limit: How long to wait for a complaint.
    /// - Returns: What became of it.
    /// - Throws: What `socket(2)` or `poll(2)` reports.
    package static func send(
        from source: UInt16,
        to target: SocketAddress,
        within limit: Duration
    ) throws(SystemError) -> Outcome {
        let socket = try Datagram.open(target.address.family, protocolNumber: Int32(IPPROTO_UDP))
        if target.address.family == .v6 {
            // Where the checksum is; in IPv4, there need not be one.
            var offset: Int32 = 6
            unsafe setsockopt(socket.rawValue, Int32(IPPROTO_IPV6), IPV6_CHECKSUM, &offset, 4)
        }
        // A raw socket has no port.
        let place = SocketAddress(address: target.address, port: 0)
        let connected = unsafe Datagram.withAddress(place) { address, length in
            unsafe connect(socket.rawValue, address, length)
        }
        guard connected == 0 else { return .unreachable }
        let words: [UInt16] = [source, target.port, 8, 0]
        let header = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        if unsafe Glibc.send(socket.rawValue, header, header.count, 0) < 0 {
            return errno == EPERM ? .filtered : .unreachable
        }
        guard try Poll.wait(for: [(socket.rawValue, POLLERR)], timeout: limit, path: nil) != nil else {
            return .silence
        }
        var error: Int32 = 0
        var length = socklen_t(4)
        unsafe getsockopt(socket.rawValue, SOL_SOCKET, SO_ERROR, &error, &length)
        switch error {
        case 0: return .silence
        case ECONNREFUSED: return .refused
        default: return .unreachable
        }
    }
}
