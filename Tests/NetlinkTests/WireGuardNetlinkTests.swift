import Crypto
import Testing
import WireGuard

@testable import Netlink

@Suite("WireGuard netlink")
struct WireGuardNetlinkTests {
    private func open(_ transport: RecordingTransport) throws(NetlinkError) -> WireGuardNetlink {
        try WireGuardNetlink(session: NetlinkSession(transport: transport))
    }

    @Test("asks for the number of its family")
    func family() throws {
        let transport = RecordingTransport(replies: [.wireGuardFamily, refusal(0)])
        _ = try open(transport)
        let expected = """
            24000000 1000 0500 01000000 00000000  # GENL_ID_CTRL, request and ack
            03 02 0000                            # CTRL_CMD_GETFAMILY, version 2
            0e00 0200 776972656775617264 00 0000  # CTRL_ATTR_FAMILY_NAME
            """
        #expect(transport.sent == [hex(expected)])
    }

    @Test("says that the kernel has no WireGuard")
    func noFamily() {
        let error = #expect(throws: NetlinkError.unknownFamily("wireguard")) {
            _ = try open(RecordingTransport(replies: [refusal(2)]))
        }
        #expect(error?.description == "the kernel has no wireguard module")
    }

    @Test("refuses a family without a number")
    func noNumber() {
        let reply = message(type: 0x10, hex("01 02 0000") + attribute(2, "wireguard"))
        #expect(throws: NetlinkError.missingAttribute(type: 1)) {
            _ = try open(RecordingTransport(replies: [reply, refusal(0)]))
        }
    }

    @Test("refuses a number that does not come from the family of families")
    func foreignNumber() {
        let reply = message(type: 0x1c, hex("01 02 0000") + attribute(1, [0x1c, 0]))
        #expect(throws: NetlinkError.foreignReply(request: "find generic netlink family wireguard")) {
            _ = try open(RecordingTransport(replies: [reply, refusal(0)]))
        }
    }

    @Test("refuses a device's report from another family", arguments: [0x10, 0x1b, 0x1d] as [UInt16])
    func foreignState(type: UInt16) throws {
        let report = message(type: type, flags: 2, sequence: 2, hex("00 01 0000") + attribute(6, [7, 0]))
        let transport = RecordingTransport(replies: [.wireGuardFamily, refusal(0), report + done(sequence: 2)])
        var netlink = try open(transport)
        #expect(throws: NetlinkError.foreignReply(request: "read device wg0")) { try netlink.state(of: .wireGuard) }
    }

    @Test("joins the messages of a device's report")
    func state() throws {
        func part(_ peer: UInt8) -> [UInt8] {
            let key = attribute(1, [peer] + [UInt8](repeating: 0, count: 31))
            return message(
                type: 0x1c,
                flags: 2,
                sequence: 2,
                hex("00 01 0000") + attribute(6, [7, 0]) + attribute(8, attribute(0, key))
            )
        }
        let transport = RecordingTransport(replies: [
            .wireGuardFamily, refusal(0), part(2), part(3) + done(sequence: 2),
        ])
        var netlink = try open(transport)
        let peers = [PeerState(publicKey: try .numbered(2)), PeerState(publicKey: try .numbered(3))]
        #expect(
            try netlink.state(of: .wireGuard) == DeviceState(publicKey: nil, listenPort: 7, peers: peers)
        )
        #expect(transport.sent.last == hex("1c000000 1c00 0103 02000000 00000000  00 01 0000  0800 0100 07000000"))
    }

    @Test("a refusal ends the change, and names the device")
    func refused() throws {
        let transport = RecordingTransport(replies: [.wireGuardFamily, refusal(0), refusal(19, sequence: 2)])
        var netlink = try open(transport)
        #expect(throws: NetlinkError.kernel(request: "configure device wg0", errno: 19, message: nil)) {
            try netlink.apply(DeviceChange(replacesPeers: true), to: .wireGuard)
        }
        #expect(transport.sent.count == 2)
    }
}
