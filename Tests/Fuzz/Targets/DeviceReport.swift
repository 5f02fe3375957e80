internal import CMnl
internal import Crypto
internal import WireGuard

@testable import Netlink

// What a kernel says, written independently of what reads it.

extension Link {
    /// A link that nobody looks at.
    static let any = Link(
        index: 7,
        name: "wg0",
        kind: "wireguard",
        isUp: false,
        isRunning: false,
        mtu: 1420,
        alias: nil,
        peerNamespaceID: nil
    )
}

extension DeviceState {
    // As in the seeds, which a kernel wrote.
    private static let family: UInt16 = 0x20

    /// The number of WireGuard's family, as the first request of ``WireGuardNetlink`` asks for it.
    static let familyReply: [UInt8] = {
        var reply = Datagram()
        reply.message(UInt16(GENL_ID_CTRL)) {
            $0.append([1, 2, 0, 0])
            $0.attribute(Int(CTRL_ATTR_FAMILY_ID), family)
        }
        return reply.bytes + acknowledgement(sequence: 1)
    }()

    /// The datagrams of a reply to `WG_CMD_GET_DEVICE`, of one message each; a peer with more allowed addresses than that is
    /// continued in the next message.
    func report(addressesPerMessage: Int) -> [[UInt8]] {
        var datagrams = [
            message {
                $0.attribute(WGDEVICE_A_LISTEN_PORT, listenPort)
                if let publicKey { $0.attribute(WGDEVICE_A_PUBLIC_KEY) { $0.append(publicKey.rawValue.bytes) } }
            }
        ]
        for peer in peers {
            var start = 0
            repeat {
                let end = min(start + addressesPerMessage, peer.allowedAddresses.count)
                datagrams.append(message { $0.attribute(WGDEVICE_A_PEERS) { $0.peer(peer, addresses: start..<end) } })
                start = end
            } while start < peer.allowedAddresses.count
        }
        var end = Datagram()
        end.message(UInt16(NLMSG_DONE)) { $0.append([0, 0, 0, 0]) }
        return datagrams + [end.bytes]
    }

    private func message(_ body: (inout Datagram) -> Void) -> [UInt8] {
        var datagram = Datagram()
        datagram.message(Self.family) {
            $0.append([0, 1, 0, 0])
            body(&$0)
        }
        return datagram.bytes
    }
}

/// `NLMSG_ERROR` without an error.
func acknowledgement(sequence: UInt32) -> [UInt8] {
    var datagram = Datagram()
    datagram.message(UInt16(NLMSG_ERROR), flags: UInt16(NLM_F_CAPPED), sequence: sequence) {
        $0.append([UInt8](repeating: 0, count: 20))
    }
    return datagram.bytes
}

/// Messages in the making.
private struct Datagram {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ more: [UInt8]) { bytes += more }

    mutating func message(
        _ type: UInt16,
        flags: UInt16 = 0,
        sequence: UInt32 = 1,
        _ body: (inout Datagram) -> Void
    ) {
        let start = bytes.count
        append(UInt32(0))
        append(type)
        append(flags)
        append(sequence)
        append(ReplayTransport.port)
        body(&self)
        finish(start, byteCount: 4)
    }

    mutating func attribute(_ type: some AttributeNumber, _ body: (inout Datagram) -> Void) {
        let start = bytes.count
        append(UInt16(0))
        append(type.attributeNumber)
        body(&self)
        finish(start, byteCount: 2)
    }

    mutating func attribute(_ type: some AttributeNumber, _ value: some FixedWidthInteger) {
        attribute(type) { $0.append(value) }
    }

    mutating func peer(_ peer: PeerState, addresses: Range<Int>) {
        attribute(0) {
            $0.attribute(WGPEER_A_PUBLIC_KEY) { $0.append(peer.publicKey.rawValue.bytes) }
            // What is not repeated when the peer is continued.
            if addresses.lowerBound == 0 {
                $0.attribute(WGPEER_A_LAST_HANDSHAKE_TIME) {
                    $0.append(peer.latestHandshake?.seconds ?? 0)
                    $0.append(UInt64(0))
                }
                $0.attribute(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, peer.keepaliveSeconds ?? 0)
                $0.attribute(WGPEER_A_TX_BYTES, peer.sentByteCount)
                $0.attribute(WGPEER_A_RX_BYTES, peer.receivedByteCount)
                if let endpoint = peer.endpoint { $0.attribute(WGPEER_A_ENDPOINT) { $0.append(endpoint.bytes) } }
            }
            $0.attribute(WGPEER_A_ALLOWEDIPS) {
                for prefix in peer.allowedAddresses[addresses] { $0.allowedAddress(prefix) }
            }
        }
    }

    private mutating func allowedAddress(_ prefix: IPPrefix) {
        attribute(0) {
            $0.attribute(WGALLOWEDIP_A_CIDR_MASK, UInt8(prefix.length))
            $0.attribute(WGALLOWEDIP_A_FAMILY, UInt16(prefix.address.family.addressFamily))
            $0.attribute(WGALLOWEDIP_A_IPADDR) { $0.append(prefix.address.bytes) }
        }
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        for index in 0..<number.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
    }

    /// Writes the length of what began at `start`, and pads it.
    private mutating func finish(_ start: Int, byteCount: Int) {
        let length = bytes.count - start
        for index in 0..<byteCount { bytes[start + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
        append([UInt8](repeating: 0, count: -length & 3))
    }
}
