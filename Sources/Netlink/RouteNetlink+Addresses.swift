internal import CMnl
internal import Glibc
package import WireGuard

/// An address that a link has.
package struct AssignedAddress: Hashable, Sendable {
    /// The link that has it.
    package let linkIndex: UInt32
    /// The host's own address, and the prefix that is on the link.
    package let address: InterfaceAddress
    /// Whether it is meant to be used beyond the link (`RT_SCOPE_UNIVERSE`).
    package let isGlobal: Bool
    /// Whether it is not, or no longer, meant for new connections (`IFA_F_DEPRECATED`, `IFA_F_TENTATIVE`,
    /// `IFA_F_DADFAILED`).
    package let isUnsuitable: Bool
}

extension AssignedAddress {
    /// Reads the content of an `RTM_NEWADDR` message; `nil` for other families than IPv4 and IPv6.
    init?(decoding payload: Span<UInt8>) throws(NetlinkError) {
        let headerByteCount = MemoryLayout<ifaddrmsg>.size
        guard payload.count >= headerByteCount else { throw .shortMessage(byteCount: payload.count) }
        guard let family = IPAddress.Family(addressFamily: payload[0]) else { return nil }
        var flags = UInt32(payload[2])
        var (local, peer): (IPAddress?, IPAddress?)
        try forEachAttribute(in: payload.extracting(headerByteCount...)) { (type, value) throws(NetlinkError) in
            switch Int(type) {
            case IFA_LOCAL: local = try value.address(of: type, family: family)
            case IFA_ADDRESS: peer = try value.address(of: type, family: family)
            case IFA_FLAGS: flags = try value.uint32(of: type)
            default: break
            }
        }
        // On a point-to-point link IFA_ADDRESS is the other end; IPv6 has no IFA_LOCAL elsewhere.
        guard let own = local ?? peer, let address = InterfaceAddress(own, prefixLength: Int(payload[1])) else {
            throw .missingAttribute(type: IFA_ADDRESS.attributeNumber)
        }
        self.address = address
        linkIndex = payload.uint32(at: 4)
        isGlobal = UInt32(payload[3]) == RT_SCOPE_UNIVERSE.rawValue
        isUnsuitable = flags & UInt32(IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_DADFAILED) != 0
    }
}

extension RouteNetlink {
    /// The addresses of all links, or of one; the kernel refuses with `ENODEV` if that is gone.
    package mutating func addresses(of link: Link? = nil) throws(NetlinkError) -> [AssignedAddress] {
        let purpose = link.map { "list addresses of link \($0.name)" } ?? "list addresses"
        var request = MessageBuilder(type: RTM_GETADDR, flags: NLM_F_DUMP, purpose: purpose)
        var header = ifaddrmsg()
        header.ifa_index = link?.index ?? 0
        try request.put(header: header)
        return try session.collect(&request) { (type, payload) throws(NetlinkError) in
            Int(type) == RTM_NEWADDR ? try AssignedAddress(decoding: payload) : nil
        }
    }

    /// Gives a link an address.
    ///
    /// - Parameters:
    ///   - address: Refused with `EEXIST` where the link has it already.
    ///   - link: Up or down.
    ///   - makesPrefixRoute: Whether the kernel adds a route to the prefix, once the link is up.
    /// - Throws: ``NetlinkError/kernel(request:errno:message:)``.
    package mutating func addAddress(
        _ address: InterfaceAddress,
        to link: Link,
        makesPrefixRoute: Bool = true
    ) throws(NetlinkError) {
        var flags: UInt32 = 0
        // A tunnel has no neighbours to collide with, and an address that is still being checked cannot be bound.
        if address.address.family == .v6 { flags |= UInt32(IFA_F_NODAD) }
        if !makesPrefixRoute { flags |= UInt32(IFA_F_NOPREFIXROUTE) }
        let purpose = "add address \(address) to link \(link.name)"
        var request = MessageBuilder(type: RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, purpose: purpose)
        try request.put(address, of: link)
        if flags != 0 { try request.put(IFA_FLAGS, flags) }
        try session.perform(&request)
    }

    /// Takes an address from a link, with the routes that hang on it; refused with `EADDRNOTAVAIL` where it has none such.
    package mutating func removeAddress(_ address: InterfaceAddress, from link: Link) throws(NetlinkError) {
        let purpose = "remove address \(address) from link \(link.name)"
        var request = MessageBuilder(type: RTM_DELADDR, flags: NLM_F_ACK, purpose: purpose)
        try request.put(address, of: link)
        try session.perform(&request)
    }
}

extension MessageBuilder {
    fileprivate mutating func put(_ address: InterfaceAddress, of link: Link) throws(NetlinkError) {
        var header = ifaddrmsg()
        header.ifa_family = address.address.family.addressFamily
        header.ifa_prefixlen = UInt8(truncatingIfNeeded: address.prefixLength)
        header.ifa_scope = UInt8(truncatingIfNeeded: RT_SCOPE_UNIVERSE.rawValue)
        header.ifa_index = link.index
        try put(header: header)
        let bytes = address.address.bytes
        try put(IFA_LOCAL, bytes.span)
        try put(IFA_ADDRESS, bytes.span)
    }
}

extension IPAddress.Family {
    /// The `AF_*` number.
    var addressFamily: UInt8 { UInt8(truncatingIfNeeded: self == .v4 ? AF_INET : AF_INET6) }

    /// - Returns: `nil` for other families.
    init?(addressFamily: UInt8) {
        switch Int32(addressFamily) {
        case AF_INET: self = .v4
        case AF_INET6: self = .v6
        default: return nil
        }
    }
}
