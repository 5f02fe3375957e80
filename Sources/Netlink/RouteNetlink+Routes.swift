internal import CMnl
internal import Glibc
package import WireGuard

extension RouteNetlink {
    /// The routes of one table, or of all for `nil`, of both families.
    package mutating func routes(table: UInt32? = Route.mainTable) throws(NetlinkError) -> [Route] {
        var request = MessageBuilder(type: RTM_GETROUTE, flags: NLM_F_DUMP, purpose: "list routes")
        try request.put(header: rtmsg())
        if let table { try request.put(RTA_TABLE, table) }
        return try session.collect(&request) { (type, payload) throws(NetlinkError) in
            guard Int(type) == RTM_NEWROUTE, let route = try Route(decoding: payload),
                table == nil || route.table == table
            else { return nil }
            return route
        }
    }

    /// Routes a prefix into a link, marked with ``Route/ownProtocol``.
    ///
    /// - Parameters:
    ///   - destination: Refused with `EEXIST` where the table has a route to it with the same metric.
    ///   - link: Must be up, else the kernel refuses with `ENETDOWN`.
    ///   - preferredSource: An address of this host.
    ///   - table: ``Route/mainTable`` or another.
    ///   - metric: `nil` takes the kernel's: 0 for IPv4, 1024 for IPv6.
    /// - Throws: ``NetlinkError/kernel(request:errno:message:)``.
    package mutating func addRoute(
        to destination: IPPrefix,
        through link: Link,
        preferredSource: IPAddress? = nil,
        table: UInt32 = Route.mainTable,
        metric: UInt32? = nil
    ) throws(NetlinkError) {
        let purpose = "add route to \(destination) through link \(link.name)"
        var request = MessageBuilder(type: RTM_NEWROUTE, flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, purpose: purpose)
        try request.put(destination, scope: RT_SCOPE_LINK, through: link, table: table, metric: metric)
        if let preferredSource { try request.put(RTA_PREFSRC, preferredSource.bytes.span) }
        try session.perform(&request)
    }

    /// Removes a route that bears ``Route/ownProtocol``, and no other; the kernel refuses with `ESRCH` if there is none.
    package mutating func removeRoute(
        to destination: IPPrefix,
        through link: Link,
        table: UInt32 = Route.mainTable,
        metric: UInt32? = nil
    ) throws(NetlinkError) {
        let purpose = "remove route to \(destination) through link \(link.name)"
        var request = MessageBuilder(type: RTM_DELROUTE, flags: NLM_F_ACK, purpose: purpose)
        try request.put(destination, scope: RT_SCOPE_NOWHERE, through: link, table: table, metric: metric)
        try session.perform(&request)
    }
}

extension MessageBuilder {
    fileprivate mutating func put(
        _ destination: IPPrefix,
        scope: rt_scope_t,
        through link: Link,
        table: UInt32,
        metric: UInt32?
    ) throws(NetlinkError) {
        var header = rtmsg()
        header.rtm_family = destination.address.family.addressFamily
        header.rtm_dst_len = UInt8(truncatingIfNeeded: destination.length)
        header.rtm_protocol = Route.ownProtocol
        header.rtm_scope = UInt8(truncatingIfNeeded: scope.rawValue)
        header.rtm_type = UInt8(truncatingIfNeeded: RTN_UNICAST)
        try put(header: header)
        let bytes = destination.address.bytes
        try put(RTA_DST, bytes.span)
        try put(RTA_OIF, link.index)
        try put(RTA_TABLE, table)
        if let metric { try put(RTA_PRIORITY, metric) }
    }
}
