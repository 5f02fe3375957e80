import Crypto
import Testing
import WireGuard

@testable import Netlink

@Suite("Replies of WireGuard devices")
struct DeviceReplyTests {
    private let genericHeader = hex("00 01 0000")

    private func key(_ number: UInt8) -> [UInt8] { [number] + [UInt8](repeating: 0, count: 31) }

    private func nested(_ type: UInt16, _ elements: [UInt8]...) -> [UInt8] {
        attribute(type | 0x8000, elements.flatMap { attribute(0x8000, $0) })
    }

    private func allowed(_ octet: UInt8) -> [UInt8] {
        attribute(1, [2, 0]) + attribute(2, [10, 0, 0, octet]) + attribute(3, [32])
    }

    private func device(_ attributes: [UInt8]) throws(NetlinkError) -> DeviceState {
        try DeviceState(decoding: (genericHeader + attributes).span)
    }

    private func device(peer attributes: [UInt8]) throws(NetlinkError) -> DeviceState {
        try device(nested(8, attributes))
    }

    @Test("all that a device and a peer report, without their secrets")
    func everything() throws {
        let peer =
            attribute(1, key(2)) + attribute(2, key(0xee)) + attribute(6, hex("00f15365 00000000 40420f00 00000000"))
            + attribute(5, [25, 0]) + attribute(8, hex("0000000001000000")) + attribute(7, hex("2a00000000000000"))
            + attribute(10, [1, 0, 0, 0]) + attribute(4, hex("0200 ca6c c0000201 0000000000000000"))
            + nested(9, allowed(2), attribute(2, [UInt8](repeating: 0, count: 16)) + attribute(3, [0]))
        let state = try device(
            attribute(1, [7, 0, 0, 0]) + attribute(2, "wg0") + attribute(3, key(0xdd)) + attribute(4, key(9))
                + attribute(6, hex("6cca")) + attribute(7, [0, 0, 0, 0]) + nested(8, peer)
        )
        let expected = PeerState(
            publicKey: try .numbered(2),
            endpoint: SocketAddress("192.0.2.1:51820"),
            latestHandshake: UnixTime(seconds: 0x6553_f100),
            receivedByteCount: 42,
            sentByteCount: 1 << 32,
            keepaliveSeconds: 25,
            allowedAddresses: ["10.0.0.2/32", "::/0"]
        )
        #expect(state == DeviceState(publicKey: try .numbered(9), listenPort: 51820, peers: [expected]))
    }

    @Test("a peer that was never heard of has no handshake, and zero seconds are no keepalive")
    func freshPeer() throws {
        let peer = attribute(1, key(2)) + attribute(6, [UInt8](repeating: 0, count: 16)) + attribute(5, [0, 0])
        #expect(try device(peer: peer).peers == [PeerState(publicKey: .numbered(2))])
    }

    @Test("a peer that is continued in the next message is one peer")
    func continued() throws {
        let parts = [
            try device(
                attribute(4, key(9)) + attribute(6, [7, 0])
                    + nested(8, attribute(1, key(2)), attribute(1, key(3)) + nested(9, allowed(1), allowed(2)))
            ),
            try device(peer: attribute(1, key(3)) + nested(9, allowed(3))),
            try device(nested(8, attribute(1, key(3)) + nested(9, allowed(4)), attribute(1, key(4)))),
        ]
        let continued = PeerState(
            publicKey: try .numbered(3),
            allowedAddresses: ["10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32", "10.0.0.4/32"]
        )
        let peers = [PeerState(publicKey: try .numbered(2)), continued, PeerState(publicKey: try .numbered(4))]
        #expect(
            DeviceState(joining: parts) == DeviceState(publicKey: try .numbered(9), listenPort: 7, peers: peers)
        )
    }

    @Test("a device without a key, a port or peers reports none")
    func empty() throws {
        #expect(try device([]) == DeviceState(publicKey: nil, listenPort: 0, peers: []))
        #expect(DeviceState(joining: []) == DeviceState(publicKey: nil, listenPort: 0, peers: []))
    }

    @Test("a message without its header is refused")
    func short() {
        #expect(throws: NetlinkError.shortMessage(byteCount: 3)) { try DeviceState(decoding: [0, 1, 0].span) }
    }

    @Test("a peer without a key is refused")
    func noKey() {
        #expect(throws: NetlinkError.missingAttribute(type: 1)) { try device(peer: attribute(5, [1, 0])) }
    }

    @Test(
        "a length that lies is refused at every depth",
        arguments: ["0000 0100", "0300 0100", "0900 0100 01020304", "ffff 0100", "0400 01"]
    )
    func lyingLength(bytes: String) {
        let lie = hex(bytes)
        let error = NetlinkError.malformedAttribute(offset: 0)
        #expect(throws: error, "device") { try device(lie) }
        #expect(throws: error, "list of peers") { try device(attribute(8, lie)) }
        #expect(throws: error, "peer") { try device(peer: lie) }
        #expect(throws: error, "list of allowed addresses") { try device(peer: attribute(9, lie)) }
        #expect(throws: error, "allowed address") { try device(peer: attribute(9, attribute(0, lie))) }
    }

    @Test("no error holds a key, wherever the reply is damaged")
    func errorsWithoutKeys() {
        let secret = Array(String(repeating: "KEY!", count: 8).utf8)
        let peer = attribute(1, key(2)) + attribute(2, secret) + attribute(5, [25, 0]) + nested(9, allowed(2))
        let report = message(
            type: 0x1c,
            genericHeader + attribute(3, secret) + attribute(4, key(9)) + attribute(6, [7, 0]) + nested(8, peer)
        )
        var errorCount = 0
        for offset in report.indices {
            for byte in [0, 1, 2, 3, 8, 0xff] as [UInt8] {
                var bytes = report
                bytes[offset] = byte
                var reply = Reply(to: "ask", sequence: 1, portID: RecordingTransport.port)
                do throws(NetlinkError) {
                    try reply.read(bytes.span) { (_, payload) throws(NetlinkError) in
                        _ = try DeviceState(decoding: payload)
                    }
                } catch {
                    errorCount += 1
                    let text = "\(error) \(String(reflecting: error))"
                    #expect(!text.contains("KEY") && !text.contains("75, 69, 89"), "\(text)")
                }
            }
        }
        #expect(errorCount > 100)
    }

    @Test(
        "a key that is none is refused",
        arguments: [[], [UInt8](repeating: 2, count: 31), [UInt8](repeating: 2, count: 33)]
    )
    func badKey(bytes: [UInt8]) {
        #expect(throws: NetlinkError.malformedValue(type: 1, byteCount: bytes.count)) {
            try device(peer: attribute(1, bytes))
        }
    }

    @Test("a peer whose key nobody can use is passed over, as the kernel takes any 32 bytes for one")
    func unusableKey() throws {
        let zero = attribute(1, [UInt8](repeating: 0, count: 32)) + attribute(5, [1, 0])
        #expect(
            try device(nested(8, zero, attribute(1, key(2)), zero)).peers == [PeerState(publicKey: .numbered(2))]
        )
    }

    @Test(
        "an endpoint that is no socket address is refused",
        arguments: [
            "", "0200", "0200 ca6c", "0200 ca6c c0000201", "0a00 ca6c c0000201 0000000000000000",
            "0100 ca6c c0000201 0000000000000000",
            "0201 ca6c c0000201 0000000000000000", "0200 ca6c 00000000 20010db8000000000000000000000001 00000000",
        ]
    )
    func badEndpoint(bytes: String) {
        let value = hex(bytes)
        #expect(throws: NetlinkError.malformedValue(type: 4, byteCount: value.count)) {
            try device(peer: attribute(1, key(2)) + attribute(4, value))
        }
    }

    @Test("a time of another size is refused")
    func badTime() {
        #expect(throws: NetlinkError.malformedValue(type: 6, byteCount: 8)) {
            try device(peer: attribute(1, key(2)) + attribute(6, [UInt8](repeating: 0, count: 8)))
        }
    }

    @Test(
        "an allowed address that is no prefix is refused",
        arguments: [
            attribute(2, [10, 0, 0, 1]), attribute(3, [32]), attribute(2, [10, 0, 0, 1]) + attribute(3, [24]),
            attribute(2, [10, 0, 0, 1]) + attribute(3, [33]), attribute(2, [10, 0, 0]) + attribute(3, [8]),
        ]
    )
    func badPrefix(bytes: [UInt8]) {
        #expect(throws: NetlinkError.malformedValue(type: 2, byteCount: bytes.count)) {
            try device(peer: attribute(1, key(2)) + nested(9, bytes))
        }
    }
}
