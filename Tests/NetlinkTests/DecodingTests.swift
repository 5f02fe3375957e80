import TestSupport
import Testing
import WireGuard

@testable import Netlink

@Suite("Objects from replies")
struct DecodingTests {
    // Index 7, IFF_UP and IFF_RUNNING.
    private static let linkHeader = hex("00 00 0100 07000000 41000000 00000000")
    // AF_INET, 24, permanent, global, index 7.
    private static let addressHeader = hex("02 18 80 00 07000000")
    // AF_INET, 16, main, ours, link, unicast.
    private static let routeHeader = hex("02 10 00 00  fe 57 fd 01  00000000")

    @Test("a link has what its attributes say")
    func link() throws {
        let payload =
            Self.linkHeader + attribute(3, "wg0") + attribute(4, [0x8c, 5, 0, 0]) + attribute(20, "ours")
            + attribute(37, [2, 0, 0, 0]) + attribute(0x8012, attribute(1, "wireguard"))
        let expected = Link(
            index: 7,
            name: "wg0",
            kind: "wireguard",
            isUp: true,
            isRunning: true,
            mtu: 1420,
            alias: "ours",
            peerNamespaceID: 2
        )
        #expect(try Link(decoding: payload.span) == expected)
    }

    @Test("a link needs a whole header and a name")
    func incompleteLink() {
        let stub = Self.linkHeader.dropLast().map { $0 }
        #expect(throws: NetlinkError.shortMessage(byteCount: 15)) { try Link(decoding: stub.span) }
        #expect(throws: NetlinkError.missingAttribute(type: 3)) { try Link(decoding: Self.linkHeader.span) }
    }

    @Test("a link's kind is refused where a length lies", arguments: ["0000 0100", "0900 0100 01020304", "0400 01"])
    func lyingKind(bytes: String) {
        let payload = Self.linkHeader + attribute(3, "wg0") + attribute(0x8012, hex(bytes))
        #expect(throws: NetlinkError.malformedAttribute(offset: 0)) { try Link(decoding: payload.span) }
    }

    @Test("an address without IFA_LOCAL is the one in IFA_ADDRESS")
    func address() throws {
        let payload = Self.addressHeader + attribute(1, [10, 0, 0, 1]) + attribute(8, [0x80, 0, 0, 0])
        let expected = AssignedAddress(linkIndex: 7, address: "10.0.0.1/24", isGlobal: true, isUnsuitable: false)
        #expect(try AssignedAddress(decoding: payload.span) == expected)
    }

    @Test(
        "an address that is deprecated, tentative or failed is unsuitable",
        arguments: [0x20, 0x40, 0x08] as [UInt8]
    )
    func unsuitable(flag: UInt8) throws {
        let payload = Self.addressHeader + attribute(2, [10, 0, 0, 1]) + attribute(8, [flag, 0, 0, 0])
        #expect(try AssignedAddress(decoding: payload.span)?.isUnsuitable == true)
    }

    @Test("an address needs a header, an address, and a prefix length that fits")
    func incompleteAddress() {
        #expect(throws: NetlinkError.shortMessage(byteCount: 7)) {
            try AssignedAddress(decoding: [UInt8](repeating: 2, count: 7).span)
        }
        #expect(throws: NetlinkError.missingAttribute(type: 1)) {
            try AssignedAddress(decoding: Self.addressHeader.span)
        }
        #expect(throws: NetlinkError.missingAttribute(type: 1)) {
            try AssignedAddress(decoding: (hex("02 21 80 00 07000000") + attribute(1, [10, 0, 0, 1])).span)
        }
        #expect(throws: NetlinkError.malformedValue(type: 2, byteCount: 16)) {
            let long = attribute(2, [UInt8](repeating: 0, count: 16))
            return try AssignedAddress(decoding: (Self.addressHeader + long).span)
        }
    }

    @Test("addresses and routes of other families are left out")
    func otherFamily() throws {
        #expect(try AssignedAddress(decoding: hex("1c 18 80 00 07000000").span) == nil)
        #expect(try Route(decoding: hex("80 10 00 00  fe 57 fd 01  00000000").span) == nil)
    }

    @Test("a route has what its attributes say")
    func route() throws {
        let payload =
            Self.routeHeader + attribute(1, [10, 2, 0, 0]) + attribute(4, [7, 0, 0, 0]) + attribute(5, [10, 0, 0, 9])
            + attribute(7, [10, 0, 0, 1]) + attribute(15, [0xd2, 4, 0, 0]) + attribute(6, [9, 0, 0, 0])
        let expected = Route(
            destination: "10.2.0.0/16",
            linkIndex: 7,
            gateway: "10.0.0.9",
            preferredSource: "10.0.0.1",
            table: 1234,
            protocolNumber: 87,
            metric: 9,
            isUnicast: true
        )
        #expect(try Route(decoding: payload.span) == expected)
    }

    @Test("a route without destination is a default route, in the table of its header")
    func defaultRoute() throws {
        let route = try Route(decoding: hex("0a 00 00 00  fe 57 00 01  00000000").span)
        #expect(route?.destination == "::/0")
        #expect(route?.isDefault == true)
        #expect(route?.table == Route.mainTable)
    }

    @Test("a cached route is left out")
    func cached() throws {
        #expect(try Route(decoding: hex("02 10 00 00  fe 57 fd 01  00020000").span) == nil)
    }

    @Test("a route needs a header, a destination with no bits after the prefix, and whole next hops")
    func incompleteRoute() {
        #expect(throws: NetlinkError.shortMessage(byteCount: 11)) {
            try Route(decoding: [UInt8](repeating: 2, count: 11).span)
        }
        let destination = NetlinkError.malformedValue(type: 1, byteCount: 4)
        #expect(throws: destination) {
            try Route(decoding: (Self.routeHeader + attribute(1, [10, 2, 0, 1])).span)
        }
        #expect(throws: destination) { try Route(decoding: hex("02 21 00 00  fe 57 fd 01  00000000").span) }
        #expect(throws: NetlinkError.malformedValue(type: 9, byteCount: 7)) {
            try Route(decoding: (Self.routeHeader + attribute(9, [8, 0, 0, 0, 7, 0, 0])).span)
        }
    }

    @Test("any change to a reply is either read or refused", arguments: 0..<16 as Range<UInt64>)
    func noise(seed: UInt64) {
        let link = Self.linkHeader + attribute(3, "wg0") + attribute(0x8012, attribute(1, "wireguard"))
        let address = Self.addressHeader + attribute(2, [10, 0, 0, 1]) + attribute(8, [0x80, 0, 0, 0])
        let route = Self.routeHeader + attribute(1, [10, 2, 0, 0]) + attribute(9, hex("0800 0000 07000000"))
        let reply =
            message(type: 16, link) + message(type: 20, address) + message(type: 24, route)
            + refusal(95, attributes: attribute(1, "Unknown device type"))
        var generator = SplitMix64(seed: seed)
        var (readCount, refusalCount) = (0, 0)
        for _ in 0..<500 {
            var bytes = reply
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let offset = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[offset] = UInt8(truncatingIfNeeded: generator.next())
            }
            bytes.removeLast(Int.random(in: 0...8, using: &generator))
            do throws(NetlinkError) { try Self.readEverything(bytes.span, &readCount) } catch { refusalCount += 1 }
        }
        #expect(readCount > 0, "seed \(seed)")
        #expect(refusalCount > 0, "seed \(seed)")
    }

    // Counts the objects read before the first fault.
    private static func readEverything(_ datagram: Span<UInt8>, _ count: inout Int) throws(NetlinkError) {
        var reply = Reply(to: "ask", sequence: 1, portID: RecordingTransport.port)
        try reply.read(datagram) { (type, payload) throws(NetlinkError) in
            switch type {
            case 16: _ = try Link(decoding: payload)
            case 20: _ = try AssignedAddress(decoding: payload)
            default: _ = try Route(decoding: payload)
            }
            count += 1
        }
    }
}
