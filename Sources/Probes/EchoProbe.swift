internal import Glibc
package import SystemIO
package import WireGuard

/// Asks addresses for an echo (RFC 792, RFC 4443), as ping(8) does, in packets of a given size that nobody may cut up.
///
/// Needs `CAP_NET_RAW`.
package struct EchoProbe: ~Copyable, Sendable {
    private let socket4: Descriptor
    /// `nil` on a host without IPv6.
    private let socket6: Descriptor?
    private let identifier = UInt16(truncatingIfNeeded: getpid())
    private var sequence: UInt16 = 0

    /// Opens sockets in the network namespace of the calling thread, where they stay.
    ///
    /// - Throws: What `socket(2)` reports.
    package init() throws(SystemError) {
        let socket4 = try Datagram.open(.v4, protocolNumber: Int32(IPPROTO_ICMP))
        let socket6 = try Datagram.ifSupported { () throws(SystemError) in
            try Datagram.open(.v6, protocolNumber: Int32(IPPROTO_ICMPV6))
        }
        // Do not fragment, whatever the kernel believes to know of the path.
        var mode = IP_PMTUDISC_PROBE
        unsafe setsockopt(socket4.rawValue, Int32(IPPROTO_IP), IP_MTU_DISCOVER, &mode, 4)
        if let number = socket6.number {
            unsafe setsockopt(number, Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, &mode, 4)
        }
        self.socket4 = socket4
        self.socket6 = socket6
    }

    /// The smallest packet that both families have room for a request in, in bytes.
    package static let minimumByteCount = 64

    /// Sends each address a request, and waits for the answers.
    ///
    /// - Parameters:
    ///   - addresses: Whom to ask; one that nothing leads to does not answer.
    ///   - packetByteCount: With the IP header, ``minimumByteCount`` or more.
    ///   - limit: How long to wait for the last one.
    /// - Returns: Who has answered, and how soon.
    /// - Throws: What `poll(2)` reports.
    package mutating func answers(
        from addresses: [IPAddress],
        packetByteCount: Int,
        within limit: Duration
    ) throws(SystemError) -> [IPAddress: Duration] {
        sequence &+= 1
        let clock = ContinuousClock()
        let start = clock.now
        for address in addresses { send(to: address, packetByteCount: packetByteCount) }
        let asked = Set(addresses)
        var answers: [IPAddress: Duration] = [:]
        var entries = [(descriptor: socket4.rawValue, events: Int32(POLLIN))]
        if let number = socket6.number { entries.append((number, POLLIN)) }
        while answers.count < asked.count {
            let rest = limit - (clock.now - start)
            guard rest > .zero, try Poll.wait(for: entries, timeout: rest, path: nil) != nil else { break }
            for entry in entries {
                while let address = nextAnswer(entry.descriptor, packetByteCount) {
                    if asked.contains(address), answers[address] == nil { answers[address] = clock.now - start }
                }
            }
        }
        return answers
    }

    private borrowing func send(to address: IPAddress, packetByteCount: Int) {
        let headerByteCount = address.family == .v4 ? 20 : 40
        var message = [UInt8](repeating: 0, count: max(8, packetByteCount - headerByteCount))
        message[0] = address.family == .v4 ? Self.echoRequest4 : Self.echoRequest6
        message.replaceSubrange(4..<8, with: [identifier, sequence].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] })
        // The kernel does it for ICMPv6.
        if address.family == .v4 {
            let sum = Self.checksum(of: message)
            message.replaceSubrange(2..<4, with: [UInt8(sum >> 8), UInt8(sum & 0xff)])
        }
        guard let descriptor = address.family == .v4 ? socket4.rawValue : socket6.number else { return }
        // Whatever keeps it from being sent keeps it from being answered.
        _ = unsafe Datagram.withAddress(SocketAddress(address: address, port: 0)) { target, length in
            unsafe sendto(descriptor, message, message.count, Int32(MSG_DONTWAIT), target, length)
        }
    }

    /// Who answered the latest request of this size.
    private borrowing func nextAnswer(_ descriptor: Int32, _ packetByteCount: Int) -> IPAddress? {
        // Longer ones are none of ours.
        var buffer = [UInt8](repeating: 0, count: packetByteCount + 60)
        while true {
            guard let (count, sender) = Datagram.receive(from: descriptor, into: &buffer) else { return nil }
            let bytes = buffer.span.extracting(first: count)
            // A raw socket has the header of IPv4, but not that of IPv6.
            let headerByteCount = sender.family == .v4 && count > 0 ? 4 * Int(bytes[0] & 0xf) : 0
            let reply = sender.family == .v4 ? Self.echoReply4 : Self.echoReply6
            guard count >= headerByteCount + 8, bytes[headerByteCount] == reply else { continue }
            let words = stride(from: headerByteCount + 4, to: headerByteCount + 8, by: 2).map {
                UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
            }
            if words == [identifier, sequence] { return sender }
        }
    }

    private static let (echoReply4, echoRequest4): (UInt8, UInt8) = (0, 8)
    private static let (echoRequest6, echoReply6): (UInt8, UInt8) = (128, 129)

    // RFC 1071.
    private static func checksum(of bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
        }
        while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
        return ~UInt16(sum)
    }
}
