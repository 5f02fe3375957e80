package import Crypto
package import WireGuard

/// Decides whether what a genuine and fresh bundle asks for is something that this host lets its issuer do.
///
/// A valid signature makes content genuine, not harmless.
package enum ContentPolicy {
    /// Checks every rule, and stops at the first that is broken.
    ///
    /// - Parameters:
    ///   - bundle: A genuine bundle.
    ///   - limits: Those of its issuer.
    ///   - ownKey: The key of the interface that the bundle would configure.
    ///   - hostPrefixes: What this host reaches without the tunnel: networks and gateways, container engines' and other
    ///     tunnels' among them, but of default routes only other tunnels'; `nil` if the tunnel has a network namespace of
    ///     its own.
    /// - Throws: What the first broken rule was broken by.
    package static func check(
        _ bundle: Bundle,
        limits: IssuerLimits,
        ownKey: PublicKey,
        hostPrefixes: [IPPrefix]? = nil
    ) throws(PolicyError) {
        for peer in bundle.peers where peer.publicKey == ownKey { throw .ownKey(peer: peer.name) }
        for address in bundle.addresses where address.address.isReserved {
            throw .reserved(RoutedBlock(.address, IPPrefix(single: address.address)))
        }
        try checkOverlaps(bundle.peers)

        let blocks = RoutedBlock.all(of: bundle)
        for block in blocks where block.prefix.length == 0 && !limits.allowsDefaultRoute { throw .defaultRoute(block) }
        try checkSize(blocks, limits)
        for block in blocks where block.prefix.length > 0 && IPPrefix.reserved.contains(where: block.prefix.overlaps) {
            throw .reserved(block)
        }
        if let hostPrefixes { try checkPlace(of: bundle, beside: hostPrefixes) }

        try checkEndpoints(of: bundle.peers, in: bundle, hostPrefixes: hostPrefixes)
        for service in bundle.services where !blocks.contains(where: { $0.prefix.contains(service.address) }) {
            throw .serviceOutside(service.name, service.address)
        }
        if let image = bundle.container?.image, !limits.allowedImages.contains(where: { $0.matches(image) }) {
            throw .image(image)
        }
    }

    /// Checks endpoints that are addresses; those that were names when ``check(_:limits:ownKey:hostPrefixes:)`` saw them
    /// are addresses once they have been looked up.
    ///
    /// - Parameters:
    ///   - peers: Those of the bundle.
    ///   - bundle: A genuine bundle.
    ///   - hostPrefixes: As for the check of the whole bundle.
    /// - Throws: ``PolicyError/reservedEndpoint(_:)`` or ``PolicyError/endpointInTunnel(_:_:)``.
    package static func checkEndpoints(
        of peers: [PeerConfiguration],
        in bundle: Bundle,
        hostPrefixes: [IPPrefix]? = nil
    ) throws(PolicyError) {
        let blocks = RoutedBlock.all(of: bundle)
        for case .address(let address) in peers.flatMap(\.endpoints).map(\.host) {
            if address.isReserved { throw .reservedEndpoint(address) }
            // A packet to such an endpoint would be sent into the tunnel that it carries. A default route takes what no
            // other route of the host leads to.
            let block = blocks.first { block in
                guard block.prefix.contains(address) else { return false }
                guard block.prefix.length == 0 else { return true }
                guard let hostPrefixes else { return false }
                return !hostPrefixes.contains { $0.length > 0 && $0.contains(address) }
            }
            if let block { throw .endpointInTunnel(address, block) }
        }
    }

    /// Checks that a bundle takes nothing that is reached without the tunnel.
    ///
    /// - Parameters:
    ///   - bundle: A genuine bundle.
    ///   - prefixes: Of the network namespace that the interface will be in.
    /// - Throws: ``PolicyError/hostNetwork(_:host:)``.
    package static func checkPlace(of bundle: Bundle, beside prefixes: [IPPrefix]) throws(PolicyError) {
        for block in RoutedBlock.all(of: bundle) {
            // A default route takes what all others leave over, so it is only in the way of another one.
            let host = prefixes.first { other in
                (block.prefix.length == 0) == (other.length == 0) && block.prefix.overlaps(other)
            }
            if let host { throw .hostNetwork(block, host: host) }
        }
    }

    // WireGuard gives an address to the peer that claims it last, without a word.
    private static func checkOverlaps(_ peers: [PeerConfiguration]) throws(PolicyError) {
        let claims = peers.indices
            .flatMap { index in peers[index].allowedAddresses.map { (prefix: $0, peer: index) } }
            .sorted { $0.prefix < $1.prefix }
        // Blocks lie within each other or apart, and one that holds others comes before them.
        var outer: (prefix: IPPrefix, peer: Int)?
        for claim in claims {
            // A default route is what is left over by the other peers, so those may lie within it.
            let leavesRoom = outer?.prefix.length == 0 && claim.prefix.length > 0
            if let holder = outer, holder.prefix.contains(claim.prefix.address), !leavesRoom {
                guard holder.peer == claim.peer else {
                    throw .overlap(claim.prefix, peer: peers[holder.peer].name, other: peers[claim.peer].name)
                }
            } else {
                outer = claim
            }
        }
    }

    // Two halves are as much as the whole: what counts is how many addresses all blocks hold together. Without leave for a
    // default route, no limit lets them hold more than half of all.
    private static func checkSize(_ blocks: [RoutedBlock], _ limits: IssuerLimits) throws(PolicyError) {
        for family in [IPAddress.Family.v4, .v6] {
            let shortest = max(limits.shortestPrefixLength(family), limits.allowsDefaultRoute ? 0 : 1)
            guard shortest > 0 else { continue }
            let limit = UInt128(1) << (family.bitCount - shortest)
            var count: UInt128 = 0
            var last: IPPrefix?
            // The rules on size are not about a default route that is allowed.
            let counted = blocks.filter { $0.prefix.length > 0 && $0.prefix.address.family == family }
            for block in counted.sorted(by: { $0.prefix < $1.prefix }) {
                if let last, last.contains(block.prefix.address) { continue }
                // No overflow: no block is the whole.
                let size = block.prefix.lastAddress.number - block.prefix.address.number + 1
                guard size <= limit - count else { throw .tooWide(block, shortestPrefixLength: shortest) }
                count += size
                last = block.prefix
            }
        }
    }
}
