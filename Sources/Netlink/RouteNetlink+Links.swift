internal import CMnl
internal import Glibc
package import WireGuard

/// What a new link is.
package enum LinkKind: Equatable, Sendable {
    case wireGuard
    /// Sends everything nowhere.
    case dummy
    /// A cable whose other end gets this name, in the namespace of the socket.
    case veth(peer: InterfaceName)
}

extension RouteNetlink {
    /// All links of the namespace.
    package mutating func links() throws(NetlinkError) -> [Link] {
        var request = MessageBuilder(type: RTM_GETLINK, flags: NLM_F_DUMP, purpose: "list links")
        try request.put(header: ifinfomsg())
        try request.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        return try collectLinks(&request)
    }

    /// The link of that name, or `nil`.
    package mutating func link(named name: InterfaceName) throws(NetlinkError) -> Link? {
        var request = MessageBuilder(type: RTM_GETLINK, flags: NLM_F_ACK, purpose: "find link \(name)")
        try request.put(header: ifinfomsg())
        try request.put(IFLA_IFNAME, name.description)
        return try findLink(&request)
    }

    /// The link of that index, or `nil`.
    package mutating func link(at index: UInt32) throws(NetlinkError) -> Link? {
        var request = MessageBuilder(type: RTM_GETLINK, flags: NLM_F_ACK, purpose: "find link \(index)")
        try request.put(header: ifinfomsg(index: index))
        return try findLink(&request)
    }

    private mutating func findLink(_ request: inout MessageBuilder) throws(NetlinkError) -> Link? {
        do throws(NetlinkError) { return try collectLinks(&request).first } catch {
            guard error.refusal == .missing else { throw error }
            return nil
        }
    }

    private mutating func collectLinks(_ request: inout MessageBuilder) throws(NetlinkError) -> [Link] {
        try session.collect(&request) { (type, payload) throws(NetlinkError) in
            Int(type) == RTM_NEWLINK ? try Link(decoding: payload) : nil
        }
    }

    /// Creates a link, which is down and has no alias: the kernel ignores one here.
    ///
    /// - Parameters:
    ///   - name: Free in the target namespace, else the kernel refuses with `EEXIST`.
    ///   - kind: The driver, which must be in the kernel, else it refuses with `EOPNOTSUPP`.
    ///   - index: A free index to take, which saves asking for it afterwards; `nil` leaves the choice to the kernel.
    ///   - mtu: Bytes; `nil` takes the driver's.
    ///   - namespace: A descriptor of the network namespace to create it in; `nil` for this one.
    /// - Throws: ``NetlinkError/kernel(request:errno:message:)``, and nothing was created.
    package mutating func createLink(
        _ name: InterfaceName,
        kind: LinkKind,
        index: UInt32? = nil,
        mtu: Int? = nil,
        namespace: Int32? = nil
    ) throws(NetlinkError) {
        let flags = NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK
        var request = MessageBuilder(type: RTM_NEWLINK, flags: flags, purpose: "create link \(name)")
        try request.put(header: ifinfomsg(index: index ?? 0))
        try request.put(IFLA_IFNAME, name.description)
        if let mtu { try request.put(IFLA_MTU, UInt32(clamping: mtu)) }
        if let namespace { try request.put(IFLA_NET_NS_FD, UInt32(bitPattern: namespace)) }
        try request.nest(IFLA_LINKINFO) { (request) throws(NetlinkError) in try kind.write(to: &request) }
        try session.perform(&request)
    }

    /// Changes what is given of a link, in one message.
    ///
    /// - Parameters:
    ///   - link: Found by its index.
    ///   - name: Its new name. The kernel may refuse to rename a link that is up.
    ///   - alias: A text of at most 255 bytes; empty removes it.
    ///   - mtu: Bytes.
    ///   - namespace: A descriptor of the network namespace to move it to. It loses its addresses and routes, is down
    ///     unless `isUp` is given, and is from then on reachable through a socket of that namespace only, perhaps with
    ///     another index.
    ///   - isUp: Whether it carries packets.
    /// - Throws: ``NetlinkError/kernel(request:errno:message:)``; a part of several changes may have been made.
    package mutating func changeLink(
        _ link: Link,
        name: InterfaceName? = nil,
        alias: String? = nil,
        mtu: Int? = nil,
        namespace: Int32? = nil,
        isUp: Bool? = nil
    ) throws(NetlinkError) {
        var header = ifinfomsg(index: link.index)
        if let isUp {
            header.ifi_change = UInt32(IFF_UP)
            header.ifi_flags = isUp ? UInt32(IFF_UP) : 0
        }
        // Without NLM_F_CREATE this changes a link that is there, or is refused.
        var request = MessageBuilder(type: RTM_NEWLINK, flags: NLM_F_ACK, purpose: "change link \(link.name)")
        try request.put(header: header)
        if let name { try request.put(IFLA_IFNAME, name.description) }
        if let alias { try request.put(IFLA_IFALIAS, alias) }
        if let mtu { try request.put(IFLA_MTU, UInt32(clamping: mtu)) }
        if let namespace { try request.put(IFLA_NET_NS_FD, UInt32(bitPattern: namespace)) }
        try session.perform(&request)
    }

    /// Deletes a link, with its addresses and routes; a veth pair goes with either end.
    package mutating func deleteLink(_ link: Link) throws(NetlinkError) {
        var request = MessageBuilder(type: RTM_DELLINK, flags: NLM_F_ACK, purpose: "delete link \(link.name)")
        try request.put(header: ifinfomsg(index: link.index))
        try session.perform(&request)
    }
}

extension ifinfomsg {
    fileprivate init(index: UInt32) {
        self.init()
        ifi_index = Int32(bitPattern: index)
    }
}

extension LinkKind {
    // The content of IFLA_LINKINFO.
    fileprivate func write(to request: inout MessageBuilder) throws(NetlinkError) {
        switch self {
        case .wireGuard: try request.put(IFLA_INFO_KIND, "wireguard")
        case .dummy: try request.put(IFLA_INFO_KIND, "dummy")
        case .veth(let peer):
            try request.put(IFLA_INFO_KIND, "veth")
            try request.nest(IFLA_INFO_DATA) { (request) throws(NetlinkError) in
                try request.nest(Int(VETH_INFO_PEER)) { (request) throws(NetlinkError) in
                    try request.put(header: ifinfomsg())
                    try request.put(IFLA_IFNAME, peer.description)
                }
            }
        }
    }
}
