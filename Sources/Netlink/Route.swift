internal import CMnl
package import WireGuard

/// An entry of a routing table, as the kernel reports it.
package struct Route: Hashable, Sendable {
    /// Where packets are going.
    package var destination: IPPrefix
    /// The link that they leave through; of several next hops the first; `nil` where they are dropped.
    package var linkIndex: UInt32?
    /// The next hop; `nil` for a destination on the link itself.
    package var gateway: IPAddress?
    /// The source address of packets that have none yet.
    package var preferredSource: IPAddress?
    /// The table's number.
    package var table: UInt32
    /// Who added it (`RTPROT_*`).
    package var protocolNumber: UInt8
    /// The lower one wins.
    package var metric: UInt32
    /// Whether packets are sent on (`RTN_UNICAST`), not delivered here or dropped.
    package var isUnicast: Bool

    /// `RT_TABLE_MAIN`, the table of all traffic that no rule directs elsewhere.
    package static let mainTable: UInt32 = RT_TABLE_MAIN.rawValue
    /// Marks the routes that this program adds: the letter W, which no entry of `rtnetlink.h` or iproute2's `rt_protos`
    /// uses.
    package static let ownProtocol: UInt8 = 87

    /// Whether it is the route of what no other route covers.
    package var isDefault: Bool { destination.length == 0 }
}

extension Route {
    /// Reads the content of an `RTM_NEWROUTE` message; `nil` for other families than IPv4 and IPv6 and for cached copies.
    init?(decoding payload: Span<UInt8>) throws(NetlinkError) {
        let headerByteCount = MemoryLayout<rtmsg>.size
        guard payload.count >= headerByteCount else { throw .shortMessage(byteCount: payload.count) }
        let isCached = payload.uint32(at: 8) & UInt32(RTM_F_CLONED) != 0
        guard let family = IPAddress.Family(addressFamily: payload[0]), !isCached else { return nil }
        var destination = IPAddress(family: family, number: 0)
        table = UInt32(payload[4])
        protocolNumber = payload[5]
        isUnicast = UInt32(payload[7]) == UInt32(RTN_UNICAST)
        metric = 0
        var (link, firstHop): (UInt32?, UInt32?)
        var (gateway, source): (IPAddress?, IPAddress?)
        var (table, metric): (UInt32?, UInt32?)
        try forEachAttribute(in: payload.extracting(headerByteCount...)) { (type, value) throws(NetlinkError) in
            switch rtattr_type_t(UInt32(type)) {
            case RTA_DST: destination = try value.address(of: type, family: family)
            case RTA_OIF: link = try value.uint32(of: type)
            case RTA_GATEWAY: gateway = try value.address(of: type, family: family)
            case RTA_PREFSRC: source = try value.address(of: type, family: family)
            case RTA_TABLE: table = try value.uint32(of: type)
            case RTA_PRIORITY: metric = try value.uint32(of: type)
            case RTA_MULTIPATH: firstHop = try Self.firstHop(in: value, of: type)
            default: break
            }
        }
        guard let destination, let prefix = IPPrefix(destination, length: Int(payload[1])) else {
            throw .malformedValue(type: RTA_DST.attributeNumber, byteCount: family.bitCount / 8)
        }
        self.destination = prefix
        self.gateway = gateway
        linkIndex = link ?? firstHop
        preferredSource = source
        self.table = table ?? self.table
        self.metric = metric ?? 0
    }

    // `rtnexthop`: length 2, flags 1, weight 1, link 4.
    private static func firstHop(in hops: Span<UInt8>, of type: UInt16) throws(NetlinkError) -> UInt32 {
        guard hops.count >= 8 else { throw .malformedValue(type: type, byteCount: hops.count) }
        return hops.uint32(at: 4)
    }
}
