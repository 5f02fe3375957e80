internal import CMnl
internal import Glibc

/// A network interface, as the kernel reports it.
package struct Link: Hashable, Sendable {
    /// Unique within its namespace, 1 or more; moving a link to another namespace may change it.
    package let index: UInt32
    /// As the kernel has it, which may be more than an `InterfaceName` allows.
    package let name: String
    /// `wireguard`, `veth`, `tun` …; `nil` for hardware and the loopback interface.
    package let kind: String?
    /// Whether it was set up (`IFF_UP`).
    package let isUp: Bool
    /// Whether it can carry packets (`IFF_RUNNING`).
    package let isRunning: Bool
    /// Bytes per packet.
    package let mtu: Int
    /// A text that its owner left on it (`IFLA_IFALIAS`).
    package let alias: String?
    /// This namespace's number for the one that the other end or the lower link lives in, where that is another.
    package let peerNamespaceID: Int32?
}

extension Link {
    /// Reads the content of an `RTM_NEWLINK` message.
    init(decoding payload: Span<UInt8>) throws(NetlinkError) {
        let headerByteCount = MemoryLayout<ifinfomsg>.size
        guard payload.count >= headerByteCount else { throw .shortMessage(byteCount: payload.count) }
        let flags = payload.uint32(at: 8)
        var (name, kind, alias): (String?, String?, String?)
        var mtu: UInt32 = 0
        var namespaceID: Int32?
        try forEachAttribute(in: payload.extracting(headerByteCount...)) { (type, value) throws(NetlinkError) in
            switch Int(type) {
            case IFLA_IFNAME: name = try value.string(of: type)
            case IFLA_MTU: mtu = try value.uint32(of: type)
            case IFLA_IFALIAS: alias = try value.string(of: type)
            case IFLA_LINK_NETNSID: namespaceID = Int32(bitPattern: try value.uint32(of: type))
            case IFLA_LINKINFO: kind = try Self.kind(in: value)
            default: break
            }
        }
        guard let name else { throw .missingAttribute(type: IFLA_IFNAME.attributeNumber) }
        self.name = name
        self.kind = kind
        self.alias = alias
        self.mtu = Int(mtu)
        index = payload.uint32(at: 4)
        isUp = flags & UInt32(IFF_UP) != 0
        isRunning = flags & UInt32(IFF_RUNNING) != 0
        peerNamespaceID = namespaceID
    }

    private static func kind(in information: Span<UInt8>) throws(NetlinkError) -> String? {
        var kind: String?
        try forEachAttribute(in: information) { (type, value) throws(NetlinkError) in
            if Int(type) == IFLA_INFO_KIND { kind = try value.string(of: type) }
        }
        return kind
    }
}
