import TestSupport
import Testing
import WireGuard

@Suite("Handshake messages")
struct HandshakeMessageTests {
    /// A UDP datagram from port 40000 to 51820 whose payload begins so.
    private static func datagram(_ start: [UInt8], count: Int) -> [UInt8] {
        let header: [UInt8] = [0x9c, 0x40, 0xca, 0x6c, 0, 0, 0, 0]
        return header + start + [UInt8](repeating: 7, count: count - start.count)
    }

    private static func packet4(_ datagram: [UInt8], optionByteCount: Int = 0, protocolNumber: UInt8 = 17) -> [UInt8] {
        let start: [UInt8] = [0x45 + UInt8(optionByteCount / 4), 0, 0, 0, 0, 0, 0, 0, 64, protocolNumber, 0, 0]
        return start + [192, 0, 2, 1, 192, 0, 2, 2] + [UInt8](repeating: 1, count: optionByteCount) + datagram
    }

    private static func packet6(_ datagram: [UInt8], next: UInt8 = 17) -> [UInt8] {
        let addresses = (1...2).flatMap { [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [UInt8($0)] }
        return [0x60, 0, 0, 0, 0, 0, next, 64] + addresses + datagram
    }

    @Test("are read from packets of both families", arguments: [(1, 148), (2, 92), (3, 64)] as [(UInt8, Int)])
    func kinds(type: UInt8, byteCount: Int) throws {
        let datagram = Self.datagram([type, 0, 0, 0], count: byteCount)
        for optionByteCount in [0, 4, 40] {
            let packet = Self.packet4(datagram, optionByteCount: optionByteCount)
            let found = HandshakeMessage(packet: packet.span)
            let message = try #require(found)
            #expect(message.kind.rawValue == type)
            #expect(message.source.description == "192.0.2.1:40000")
            #expect(message.destination.description == "192.0.2.2:51820")
        }
        let found = HandshakeMessage(packet: Self.packet6(datagram).span)
        let message = try #require(found)
        #expect(message.kind.rawValue == type)
        #expect(message.source.description == "[2001:db8::1]:40000")
        #expect(message.destination.description == "[2001:db8::2]:51820")
    }

    @Test("are no other packets")
    func others() {
        let datagram = Self.datagram([1, 0, 0, 0], count: 148)
        for packet in [
            [], Self.packet4(datagram, protocolNumber: 6), Self.packet6(datagram, next: 44),
            Self.packet4(Self.datagram([4, 0, 0, 0], count: 148)),
            Self.packet4(Self.datagram([1, 0, 0, 0], count: 147)),
            Self.packet4(Self.datagram([2, 0, 0, 0], count: 148)), [0x54] + Self.packet4(datagram).dropFirst(),
            [0x44] + Self.packet4(datagram).dropFirst(), Self.packet4([]),
        ] {
            let message = HandshakeMessage(packet: packet.span)
            #expect(message == nil, "\(packet)")
        }
        for packet in [Self.packet4(datagram), Self.packet6(datagram)] {
            for count in 0..<packet.count {
                let message = HandshakeMessage(packet: packet.span.extracting(first: count))
                #expect(message == nil, "\(count)")
            }
        }
    }

    @Test("may be any bytes")
    func anything() {
        var random = SplitMix64(seed: 8)
        for _ in 0..<100_000 {
            var packet = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if let first = packet.first { packet[0] = (first & 1 == 0 ? 0x40 : 0x60) | first & 0xf }
            if let message = HandshakeMessage(packet: packet.span) {
                #expect(packet.count >= 28 + message.kind.byteCount)
            }
        }
    }
}
