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
    ///   - hostPrefixes: What this host reaches without the tunnel, its gateway among them, but not its default route;
    ///     none if the tunnel has a network namespace of its own.
    /// - Throws: What the first broken rule was broken by.
    package static func check(
        _ bundle: Bundle,
        limits: IssuerLimits,
        ownKey: PublicKey,
        hostPrefixes: [IPPrefix] = []
    ) throws(PolicyError) {
        for peer in bundle.peers where peer.publicKey == ownKey { throw .ownKey(peer: peer.name) }
        for address in bundle.addresses where address.address.isReserved {
            throw .reserved(IPPrefix(single: address.address))
        }
        try checkOverlaps(bundle.peers)

        // An address brings a route to its whole prefix, just as an allowed address does.
        let routed = bundle.addresses.map(\.prefix) + bundle.peers.flatMap(\.allowedAddresses)
        for prefix in routed where prefix.length == 0 && !limits.allowsDefaultRoute { throw .defaultRoute(prefix) }
        // The default route gives way to every other route of the host, so the rules below don't concern it.
        let prefixes = routed.filter { $0.length > 0 }
        try checkSize(prefixes, limits)
        try checkPlace(prefixes, hostPrefixes)

        try checkEndpoints(bundle.peers, prefixes)
        for service in bundle.services where !routed.contains(where: { $0.contains(service.address) }) {
            throw .serviceOutside(service.name)
        }
        if let image = bundle.container?.image, !limits.allowedImages.contains(where: { $0.matches(image) }) {
            throw .image(image)
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

    // Two halves are as much as the whole: what counts is how many addresses all blocks hold together.
    private static func checkSize(_ prefixes: [IPPrefix], _ limits: IssuerLimits) throws(PolicyError) {
        for family in [IPAddress.Family.v4, .v6] {
            let shortest = limits.shortestPrefixLength(family)
            guard shortest > 0 else { continue }
            let limit = UInt128(1) << (family.bitCount - shortest)
            var count: UInt128 = 0
            var last: IPPrefix?
            for prefix in prefixes.sorted() where prefix.address.family == family {
                if let last, last.contains(prefix.address) { continue }
                // No overflow: no block is the whole.
                let size = prefix.lastAddress.number - prefix.address.number + 1
                guard size <= limit - count else { throw .tooWide(prefix, shortestPrefixLength: shortest) }
                count += size
                last = prefix
            }
        }
    }

    private static func checkPlace(_ prefixes: [IPPrefix], _ hostPrefixes: [IPPrefix]) throws(PolicyError) {
        for prefix in prefixes {
            if IPPrefix.reserved.contains(where: prefix.overlaps) { throw .reserved(prefix) }
            if let host = hostPrefixes.first(where: prefix.overlaps) { throw .hostNetwork(prefix, host: host) }
        }
    }

    // A packet to such an endpoint would be sent into the tunnel that it carries.
    private static func checkEndpoints(_ peers: [PeerConfiguration], _ prefixes: [IPPrefix]) throws(PolicyError) {
        for peer in peers {
            for case .address(let address) in peer.endpoints.map(\.host) {
                if let prefix = prefixes.first(where: { $0.contains(address) }) {
                    throw .endpointInTunnel(address, prefix: prefix)
                }
            }
        }
    }
}

/// What a bundle asks for that this host does not let its issuer do.
package enum PolicyError: Error, Equatable {
    /// A peer has this host's own key.
    case ownKey(peer: Name)
    /// Loopback, link-local, multicast or the like.
    case reserved(IPPrefix)
    case defaultRoute(IPPrefix)
    /// With this block, the bundle takes more addresses than one block of the limit has.
    case tooWide(IPPrefix, shortestPrefixLength: Int)
    /// Two peers claim the same addresses.
    case overlap(IPPrefix, peer: Name, other: Name)
    /// This host reaches these addresses without the tunnel.
    case hostNetwork(IPPrefix, host: IPPrefix)
    case endpointInTunnel(IPAddress, prefix: IPPrefix)
    case serviceOutside(Name)
    case image(ImageName)
}

extension PolicyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ownKey(let peer): "peer \(peer) has this host's own key"
        case .reserved(let prefix): "\(prefix) is a reserved address range"
        case .defaultRoute(let prefix): "\(prefix) would take all of this host's traffic"
        case .tooWide(let prefix, let length):
            "with \(prefix), the bundle takes more addresses than a /\(length) has, which is this issuer's limit"
        case .overlap(let prefix, let peer, let other): "peers \(peer) and \(other) both claim \(prefix)"
        case .hostNetwork(let prefix, let host):
            "\(prefix) overlaps \(host), which this host reaches without the tunnel"
        case .endpointInTunnel(let address, let prefix): "endpoint \(address) lies in \(prefix), behind its own tunnel"
        case .serviceOutside(let name): "service \(name) has an address outside of the network"
        case .image(let image): "image \(image) is not one that this issuer may start"
        }
    }
}
