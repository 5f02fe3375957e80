package import WireGuard

/// How this host is seen by hosts that no other route leads to.
package struct DefaultSource: Equatable, Sendable {
    /// What packets through the default route come from.
    package let address: IPAddress
    /// The name of the link that they leave through.
    package let linkName: String
}

extension RouteNetlink {
    /// The address that packets through the default route come from: of IPv4 if there is such a route, else of IPv6.
    ///
    /// - Returns: `nil` without a default route, or where its link has no global address.
    package mutating func defaultSource() throws(NetlinkError) -> DefaultSource? {
        let routes = try routes()
        let addresses = try addresses()
        guard let (address, index) = DefaultSource.choose(routes: routes, addresses: addresses),
            let link = try link(at: index)
        else { return nil }
        return DefaultSource(address: address, linkName: link.name)
    }

    /// The prefixes that this host has routes to, without the default route, and its own addresses and its gateways that
    /// are in none of them: what a new network must not overlap.
    ///
    /// - Parameter name: A link whose routes and addresses do not count; it need not exist.
    /// - Returns: In the kernel's order, each as often as it is there.
    /// - Throws: ``NetlinkError``.
    package mutating func routedPrefixes(besides name: InterfaceName? = nil) throws(NetlinkError) -> [IPPrefix] {
        var index: UInt32?
        if let name { index = try link(named: name)?.index }
        let routes = try routes().filter { $0.isUnicast && (index == nil || $0.linkIndex != index) }
        let prefixes = routes.filter { !$0.isDefault }.map(\.destination)
        let own = try addresses().filter { $0.isGlobal && $0.linkIndex != index }.map(\.address.address)
        // One that is said to be on the link needs no route of its own.
        let gateways = routes.compactMap(\.gateway).filter { !$0.isReserved }
        return prefixes
            + (own + gateways).filter { address in !prefixes.contains { $0.contains(address) } }
            .map { IPPrefix(single: $0) }
    }

    /// The default routes that other tunnels of ours have on this host.
    ///
    /// - Parameter name: A link whose routes do not count; it need not exist.
    /// - Returns: At most one of each family and metric.
    /// - Throws: ``NetlinkError``.
    mutating func tunnelledDefaults(besides name: InterfaceName) throws(NetlinkError) -> [IPPrefix] {
        let index = try link(named: name)?.index
        return try routes().filter {
            $0.isDefault && $0.protocolNumber == Route.ownProtocol && (index == nil || $0.linkIndex != index)
        }.map(\.destination)
    }

    /// What this host reaches beside a tunnel that is in its own network namespace: what is routed, and the default routes
    /// of other tunnels.
    ///
    /// - Parameter tunnel: A link whose routes do not count; it need not exist.
    /// - Returns: As ``routedPrefixes(besides:)`` and ``tunnelledDefaults(besides:)``.
    /// - Throws: ``NetlinkError``.
    package mutating func prefixes(beside tunnel: InterfaceName) throws(NetlinkError) -> [IPPrefix] {
        try routedPrefixes(besides: tunnel) + tunnelledDefaults(besides: tunnel)
    }
}

extension DefaultSource {
    /// The choice of ``RouteNetlink/defaultSource()``, from the main table and all addresses.
    static func choose(routes: [Route], addresses: [AssignedAddress]) -> (address: IPAddress, linkIndex: UInt32)? {
        let candidates = routes.filter { $0.isUnicast && $0.isDefault }.sorted {
            ($0.destination.address.family, $0.metric) < ($1.destination.address.family, $1.metric)
        }
        for route in candidates {
            guard let linkIndex = route.linkIndex else { continue }
            let own = addresses.first {
                $0.linkIndex == linkIndex && $0.isGlobal && !$0.isUnsuitable
                    && $0.address.address.family == route.destination.address.family
            }
            if let address = route.preferredSource ?? own?.address.address { return (address, linkIndex) }
        }
        return nil
    }
}
