package import WireGuard

/// A block of addresses that a bundle routes into the tunnel, and the field that it comes from.
package struct RoutedBlock: Hashable, Sendable, CustomStringConvertible {
    /// The fields that bring routes.
    package enum Field: String, Sendable {
        /// An address of the interface brings a route to its whole prefix.
        case address
        case allowedAddress = "peer allowed-address"
    }

    /// Where it comes from.
    package let field: Field
    /// The block.
    package let prefix: IPPrefix

    /// Takes both as they are.
    package init(_ field: Field, _ prefix: IPPrefix) {
        self.field = field
        self.prefix = prefix
    }

    /// All that a bundle has, those of its addresses first.
    static func all(of bundle: Bundle) -> [RoutedBlock] {
        bundle.addresses.map { RoutedBlock(.address, $0.prefix) }
            + bundle.peers.flatMap(\.allowedAddresses).map { RoutedBlock(.allowedAddress, $0) }
    }

    /// The field's name and the block.
    package var description: String { "\(field.rawValue) \(prefix)" }
}

/// What a bundle asks for that this host does not let its issuer do.
package enum PolicyError: Error, Equatable {
    /// A peer has this host's own key.
    case ownKey(peer: Name)
    /// Loopback, link-local, multicast or the like.
    case reserved(RoutedBlock)
    case defaultRoute(RoutedBlock)
    /// With this block, the bundle takes more addresses than one block of the limit has.
    case tooWide(RoutedBlock, shortestPrefixLength: Int)
    /// Two peers claim the same addresses.
    case overlap(IPPrefix, peer: Name, other: Name)
    /// These addresses are reached without the tunnel.
    case hostNetwork(RoutedBlock, host: IPPrefix)
    /// An endpoint at which there can be no other host.
    case reservedEndpoint(IPAddress)
    case endpointInTunnel(IPAddress, RoutedBlock)
    case serviceOutside(Name, IPAddress)
    case image(ImageName)
}

extension PolicyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ownKey(let peer): "peer public-key of \(peer) is this host's own"
        case .reserved(let block): "\(block) is of a reserved range, as loopback, link-local and multicast are"
        case .defaultRoute(let block): "\(block) would take all traffic, which this issuer may not"
        case .tooWide(let block, let length):
            "with \(block), the bundle takes more addresses than a /\(length) has, which is this issuer's limit"
        case .overlap(let prefix, let peer, let other):
            "peer allowed-address \(prefix) is claimed by two peers, \(peer) and \(other)"
        case .hostNetwork(let block, let host):
            host.length == 0
                ? "\(block) is taken by another tunnel"
                : "\(block) overlaps \(host), which is reached without the tunnel"
        case .reservedEndpoint(let address):
            "peer endpoint \(address) is a reserved address, where no other host can be"
        case .endpointInTunnel(let address, let block):
            "peer endpoint \(address) lies in \(block), behind its own tunnel"
        case .serviceOutside(let name, let address): "service address \(address) of \(name) is outside of the network"
        case .image(let image): "container image \(image) is not one that this issuer may start"
        }
    }
}
