internal import Netlink
package import Planning
package import SystemIO
package import WireGuard

/// The tunnel's network interface in one network namespace: what gives it addresses and routes.
///
/// Every change needs `CAP_NET_ADMIN`, and throws ``TunnelError/linkMissing(_:)`` or ``TunnelError/netlink(_:)``.
package struct TunnelLink: ~Copyable {
    private let name: InterfaceName
    private var netlink: RouteNetlink

    /// Looks at the namespace of the calling thread.
    ///
    /// - Parameter name: The link need not exist yet.
    /// - Throws: ``TunnelError/netlink(_:)``.
    package init(_ name: InterfaceName) throws(TunnelError) {
        self.name = name
        do throws(NetlinkError) { netlink = try RouteNetlink.open() } catch { throw .netlink(error) }
    }

    /// Looks into another namespace, which needs `CAP_SYS_ADMIN` too.
    ///
    /// - Parameters:
    ///   - name: The link need not exist yet.
    ///   - namespace: The socket that is opened there keeps it alive.
    /// - Throws: ``TunnelError/system(_:)`` if the namespace can't be entered, ``TunnelError/netlink(_:)``.
    package init(_ name: InterfaceName, in namespace: borrowing NetworkNamespace) throws(TunnelError) {
        self.name = name
        // A netlink socket belongs to the namespace that it was opened in, whichever thread uses it later.
        let opened: Result<RouteNetlink, NetlinkError>
        do throws(SystemError) {
            opened = try namespace.run { () throws(NetlinkError) in try RouteNetlink.open() }
        } catch {
            throw .system(error)
        }
        switch consume opened {
        case .success(let netlink): self.netlink = netlink
        case .failure(let error): throw .netlink(error)
        }
    }

    /// Refuses a name that is taken, by a link here or by a userspace device whose link is elsewhere.
    ///
    /// - Throws: ``TunnelError/linkExists(name:kind:)``, ``TunnelError/deviceExists(_:)``.
    package mutating func requireAbsent() throws(TunnelError) {
        let existing = try request { (netlink, name) throws(NetlinkError) in try netlink.link(named: name) }
        if UserspaceDevice(name).answers { throw .deviceExists(name.description) }
        if let existing { throw .linkExists(name: existing.name, kind: existing.kind) }
    }

    /// Moves the link to another namespace, where it arrives down and without addresses (`IFLA_NET_NS_FD`).
    package mutating func move(to target: borrowing NetworkNamespace) throws(TunnelError) {
        let descriptor = target.descriptor.rawValue
        try change { (netlink, link) throws(NetlinkError) in try netlink.changeLink(link, namespace: descriptor) }
    }

    /// Adds an address, and with it the route to its prefix.
    package mutating func add(_ address: InterfaceAddress) throws(TunnelError) {
        try change { (netlink, link) throws(NetlinkError) in try netlink.addAddress(address, to: link) }
    }

    /// Takes an address away, with the routes that hang on it; one that is gone already is no error.
    package mutating func remove(_ address: InterfaceAddress) throws(TunnelError) {
        try change { (netlink, link) throws(NetlinkError) in
            do throws(NetlinkError) { try netlink.removeAddress(address, from: link) } catch {
                guard error.refusal == .missing else { throw error }
            }
        }
    }

    /// Removes a route that ``addRoute(to:)`` added, and no other; one that is gone already is no error.
    package mutating func removeRoute(to prefix: IPPrefix) throws(TunnelError) {
        try change { (netlink, link) throws(NetlinkError) in
            do throws(NetlinkError) { try netlink.removeRoute(to: prefix, through: link) } catch {
                guard error.refusal == .missing else { throw error }
            }
        }
    }

    /// Sets the MTU, in bytes.
    package mutating func setMTU(_ mtu: Int) throws(TunnelError) {
        try change { (netlink, link) throws(NetlinkError) in try netlink.changeLink(link, mtu: mtu) }
    }

    /// Whether the link is there and was set up.
    package mutating func isUp() throws(TunnelError) -> Bool {
        try request { (netlink, name) throws(NetlinkError) in try netlink.link(named: name)?.isUp ?? false }
    }

    /// Brings the link up, with an MTU in bytes; `nil` leaves the MTU.
    package mutating func bringUp(mtu: Int? = nil) throws(TunnelError) {
        try change { (netlink, link) throws(NetlinkError) in try netlink.changeLink(link, mtu: mtu, isUp: true) }
    }

    /// Adds a route for a block of addresses.
    package mutating func addRoute(to prefix: IPPrefix) throws(TunnelError) {
        try change { (netlink, link) throws(NetlinkError) in try netlink.addRoute(to: prefix, through: link) }
    }

    /// Looks at the link, its addresses and what is routed into it; nothing changes.
    ///
    /// - Parameters:
    ///   - placement: What this namespace is.
    ///   - device: What the link's device reports.
    ///   - notes: What was noted of its peers.
    /// - Returns: `nil` if the link is not here.
    /// - Throws: ``TunnelError/netlink(_:)``.
    package mutating func observe(
        in placement: Placement,
        device: DeviceState,
        notes: PeerNotes
    ) throws(TunnelError) -> ObservedState.Link? {
        try request { (netlink, name) throws(NetlinkError) in
            guard let link = try netlink.link(named: name) else { return nil }
            // The kernel gives a link addresses of its own, for the link only.
            let addresses = try netlink.addresses(of: link).filter(\.isGlobal).map(\.address)
            let routes = try netlink.routes().filter { $0.linkIndex == link.index && $0.isUnicast }
            let isOurs = { (route: Route) in route.protocolNumber == Route.ownProtocol }
            return ObservedState.Link(
                placement: placement,
                isUp: link.isUp,
                mtu: link.mtu,
                addresses: addresses,
                ownRoutes: Set(routes.filter(isOurs).map(\.destination)),
                otherRoutes: Set(routes.filter { !isOurs($0) }.map(\.destination)),
                device: device,
                notes: notes
            )
        }
    }

    private mutating func change(
        _ body: (inout RouteNetlink, Link) throws(NetlinkError) -> Void
    ) throws(TunnelError) {
        let isThere = try request { (netlink, name) throws(NetlinkError) in
            guard let link = try netlink.link(named: name) else { return false }
            try body(&netlink, link)
            return true
        }
        guard isThere else { throw .linkMissing(name.description) }
    }

    private mutating func request<Success>(
        _ body: (inout RouteNetlink, InterfaceName) throws(NetlinkError) -> Success
    ) throws(TunnelError) -> Success {
        do throws(NetlinkError) { return try body(&netlink, name) } catch { throw .netlink(error) }
    }
}
