/// A message that begins or answers a handshake of WireGuard, as anybody sees it on its way (the WireGuard paper, 5.4).
package struct HandshakeMessage: Hashable, Sendable {
    /// What it is, by its type.
    package enum Kind: UInt8, Sendable {
        /// Asks for a handshake.
        case initiation = 1
        /// Answers, in peace.
        case response = 2
        /// Answers under load: the caller is to call again.
        case cookieReply = 3

        /// The length of the message in bytes.
        package var byteCount: Int {
            switch self {
            case .initiation: 148
            case .response: 92
            case .cookieReply: 64
            }
        }
    }

    /// What it is.
    package let kind: Kind
    /// Where it came from.
    package let source: SocketAddress
    /// Where it is going.
    package let destination: SocketAddress

    /// Reads an IPv4 or IPv6 packet, from its first byte on.
    ///
    /// - Returns: `nil` for anything but UDP with such a message; the packet may have any bytes.
    package init?(packet: Span<UInt8>) {
        guard packet.count >= 20 else { return nil }
        let addresses: (offset: Int, byteCount: Int)
        let headerByteCount: Int
        switch packet[0] >> 4 {
        case 4:
            headerByteCount = 4 * Int(packet[0] & 0xf)
            addresses = (12, 4)
            guard headerByteCount >= 20, packet[9] == Self.udp else { return nil }
        case 6:
            headerByteCount = 40
            addresses = (8, 16)
            guard packet[6] == Self.udp else { return nil }
        default: return nil
        }
        guard packet.count > headerByteCount,
            let source = IPAddress(bytes: packet.extracting(addresses.offset..<addresses.offset + addresses.byteCount)),
            let destination = IPAddress(
                bytes: packet.extracting(
                    addresses.offset + addresses.byteCount..<addresses.offset + 2 * addresses.byteCount
                )
            )
        else { return nil }
        self.init(datagram: packet.extracting(headerByteCount...), from: source, to: destination)
    }

    /// Reads a UDP datagram, from its header on; `nil` for another message.
    ///
    /// - Parameters:
    ///   - datagram: Any bytes.
    ///   - source: The address of the packet that it came in.
    ///   - destination: The address that the packet was sent to.
    package init?(datagram: Span<UInt8>, from source: IPAddress, to destination: IPAddress) {
        guard datagram.count > Self.udpHeaderByteCount, let kind = Kind(rawValue: datagram[Self.udpHeaderByteCount]),
            datagram.count == Self.udpHeaderByteCount + kind.byteCount
        else { return nil }
        self.kind = kind
        self.source = SocketAddress(address: source, port: UInt16(datagram[0]) << 8 | UInt16(datagram[1]))
        self.destination = SocketAddress(address: destination, port: UInt16(datagram[2]) << 8 | UInt16(datagram[3]))
    }

    private static let udp: UInt8 = 17
    private static let udpHeaderByteCount = 8
}

/// Where and when a handshake message was seen at a host that takes part.
package struct HandshakeSighting: Hashable, Sendable {
    /// How far it had come.
    package enum Stage: Sendable {
        /// It came in from the wire, and the host's packet filter had not seen it yet.
        case arrived
        /// The packet filter has let it in.
        case delivered
        /// It left; the packet filter has let it out.
        case sent
    }

    /// How far it had come.
    package let stage: Stage
    /// What it is.
    package let kind: HandshakeMessage.Kind
    /// The other end.
    package let remote: SocketAddress

    /// Takes the parts as they are.
    package init(_ stage: Stage, _ kind: HandshakeMessage.Kind, _ remote: SocketAddress) {
        self.stage = stage
        self.kind = kind
        self.remote = remote
    }
}
