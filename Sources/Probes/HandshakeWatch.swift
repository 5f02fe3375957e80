internal import CPacket
internal import Glibc
package import SystemIO
package import WireGuard

/// Sees the handshakes of WireGuard at a UDP port of this host: on the wire, and behind the packet filter.
///
/// It takes no packet away from anybody, and sends none. Needs `CAP_NET_RAW`.
package struct HandshakeWatch: ~Copyable, Sendable {
    private let port: UInt16
    private let tap: Descriptor
    private let listener: Descriptor
    /// `nil` on a host without IPv6.
    private let listener6: Descriptor?

    /// Begins to watch the network namespace of the calling thread.
    ///
    /// - Parameter port: WireGuard's own.
    /// - Throws: What `socket(2)` reports.
    package init(port: UInt16) throws(SystemError) {
        let tap = try Self.adopting(cpacket_open_handshake_tap(port))
        let listener = try Self.adopting(cpacket_open_handshake_listener(AF_INET, port))
        let listener6 = try Datagram.ifSupported { () throws(SystemError) in
            try Self.adopting(cpacket_open_handshake_listener(AF_INET6, port))
        }
        self.port = port
        self.tap = tap
        self.listener = listener
        self.listener6 = listener6
    }

    private static func adopting(_ result: Int32) throws(SystemError) -> Descriptor {
        guard result >= 0 else { throw .call("socket", path: nil, errno: -result) }
        return Descriptor(adopting: result)
    }

    /// Waits until something is seen.
    ///
    /// - Parameter limit: How long at most.
    /// - Returns: What was seen, in no order that can be relied on; empty after the limit.
    /// - Throws: What `poll(2)` reports.
    package borrowing func sightings(within limit: Duration) throws(SystemError) -> [HandshakeSighting] {
        var descriptors = [tap.rawValue, listener.rawValue]
        if let number = listener6.number { descriptors.append(number) }
        let entries = descriptors.map { (descriptor: $0, events: Int32(POLLIN)) }
        guard try Poll.wait(for: entries, timeout: limit, path: nil) != nil else { return [] }
        var sightings: [HandshakeSighting] = []
        while let sighting = nextFromTap() { sightings.append(sighting) }
        for descriptor in descriptors.dropFirst() {
            while let message = Self.nextMessage(descriptor) {
                if message.destination.port == port {
                    sightings.append(HandshakeSighting(.delivered, message.kind, message.source))
                }
            }
        }
        return sightings
    }

    // A message of a handshake is 148 bytes at most; with the longest headers, a packet is no longer than this.
    private static let capacity = 512

    private borrowing func nextFromTap() -> HandshakeSighting? {
        var buffer = [UInt8](repeating: 0, count: Self.capacity)
        while true {
            var isOutgoing: Int32 = 0
            let count = unsafe cpacket_receive_from_tap(tap.rawValue, &buffer, buffer.count, &isOutgoing)
            guard count >= 0 else { return nil }
            guard let message = HandshakeMessage(packet: buffer.span.extracting(first: Int(count))) else { continue }
            if isOutgoing != 0, message.source.port == port {
                return HandshakeSighting(.sent, message.kind, message.destination)
            }
            if isOutgoing == 0, message.destination.port == port {
                return HandshakeSighting(.arrived, message.kind, message.source)
            }
        }
    }

    private static func nextMessage(_ descriptor: Int32) -> HandshakeMessage? {
        var buffer = [UInt8](repeating: 0, count: Self.capacity)
        while true {
            guard let (count, sender) = Datagram.receive(from: descriptor, into: &buffer) else { return nil }
            let bytes = buffer.span.extracting(first: count)
            // Of IPv6, a raw socket gets what follows the header.
            let message =
                sender.family == .v4
                ? HandshakeMessage(packet: bytes) : HandshakeMessage(datagram: bytes, from: sender, to: sender)
            if let message { return message }
        }
    }
}
