package import Crypto
package import WireGuard

/// One difference between what is and what should be, as the change that ends it.
///
/// The undo of a change is the way back to what was observed before, see ``hasWayBack``.
package enum Change: Hashable, Sendable {
    /// Something is missing.
    case make(Step)
    /// Stop and remove the workload's container; no undo, what it held is lost.
    case stopContainer(engine: String, name: Name)
    /// Stop the workload's command; no undo.
    case stopProcess
    /// Take a network namespace away; no undo.
    case removeNamespace(Name)
    /// Remove the link with all that it has; no undo, its sessions are lost.
    case removeLink(InterfaceName)
    /// Remove a route of ours.
    case removeRoute(IPPrefix, InterfaceName)
    /// Take an address from the link.
    case removeAddress(InterfaceAddress, InterfaceName)
    /// Give the device another private key and exactly its peers; no undo, the old key is not ours to know.
    case replaceKey(InterfaceName)
    /// Listen on another UDP port.
    case setListenPort(UInt16, InterfaceName)
    /// Take a peer out; no undo, it stays out whatever else fails.
    case removePeer(PublicKey, Name?)
    /// Take a peer in.
    case addPeer(PublicKey, Name)
    /// Change what differs of a peer, which keeps its session.
    case changePeer(PublicKey, Name?, [PeerChange])
    /// Set the link's MTU in bytes.
    case setMTU(Int, InterfaceName)
    /// Bring the link up that somebody has set down; it stays up whatever else fails.
    case bringUp(InterfaceName)
}

/// What differs of a peer that the device has.
package enum PeerChange: Hashable, Sendable {
    /// Take packets from these addresses, and send it those to them.
    case allow(IPPrefix)
    /// The opposite of ``allow(_:)``.
    case disallow(IPPrefix)
    /// Seconds between keepalive packets; `nil` sends none.
    case setKeepalive(UInt16?)
    /// Where to call it from now on.
    case setEndpoint(SocketAddress)
    /// Mix another preshared key, or none, into the next handshake; no undo.
    case setPresharedKey
}

extension Change {
    /// What becomes of the thing that changes.
    package enum Kind: String, Sendable {
        case add
        case remove
        case change

        /// What stands before a line of a plan.
        package var mark: String {
            switch self {
            case .add: "+"
            case .remove: "-"
            case .change: "~"
            }
        }
    }

    /// What becomes of the thing that changes.
    package var kind: Kind {
        switch self {
        case .make, .addPeer: .add
        case .stopContainer, .stopProcess, .removeNamespace, .removeLink, .removeRoute, .removeAddress, .removePeer:
            .remove
        case .replaceKey, .setListenPort, .changePeer, .setMTU, .bringUp: .change
        }
    }

    /// The peer that changes, if it is one.
    package var peer: PublicKey? {
        switch self {
        case .removePeer(let key, _), .addPeer(let key, _), .changePeer(let key, _, _): key
        default: nil
        }
    }

    /// Whether it can be undone, see ``Difference/init(from:backTo:of:)``; after one that cannot, what was there is lost.
    package var hasWayBack: Bool {
        switch self {
        case .replaceKey, .removeLink, .stopContainer, .stopProcess, .removeNamespace: false
        case .make(let step): step.hasWayBack
        default: true
        }
    }

    /// Whether it is the WireGuard device that changes: such changes go together, see ``DeviceChange``.
    package var isOfDevice: Bool {
        switch self {
        case .replaceKey, .setListenPort, .removePeer, .addPeer, .changePeer: true
        default: false
        }
    }
}

extension Change: CustomStringConvertible {
    /// What the change does, as a line of a plan.
    package var description: String {
        switch self {
        case .make(let step): step.description
        case .stopContainer(let engine, let name): "stop and remove \(engine) container \(name)"
        case .stopProcess: "stop the workload's command"
        case .removeNamespace(let name): "remove network namespace \(name)"
        case .removeLink(let link): "remove link \(link)"
        case .removeRoute(let prefix, let link): "remove route \(prefix) through \(link)"
        case .removeAddress(let address, let link): "remove address \(address) from \(link)"
        case .replaceKey(let link): "replace the private key and all peers of \(link)"
        case .setListenPort(let port, let link): "set the UDP port of \(link) to \(port)"
        case .removePeer(let key, let name): "remove \(Self.peer(key, name))"
        case .addPeer(let key, let name): "add \(Self.peer(key, name))"
        case .changePeer(let key, let name, let changes):
            "change \(Self.peer(key, name)): \(changes.map(\.description).joined(separator: ", "))"
        case .setMTU(let mtu, let link): "set the MTU of \(link) to \(mtu)"
        case .bringUp(let link): "bring up \(link)"
        }
    }

    private static func peer(_ key: PublicKey, _ name: Name?) -> String {
        "peer \(name.map { "\($0) " } ?? "")\(key.base64)"
    }
}

extension PeerChange: CustomStringConvertible {
    /// The part of a line of a plan.
    package var description: String {
        switch self {
        case .allow(let prefix): "allow \(prefix)"
        case .disallow(let prefix): "disallow \(prefix)"
        case .setKeepalive(let seconds?): "keepalive every \(seconds) s"
        case .setKeepalive(nil): "no keepalive"
        case .setEndpoint(let endpoint): "endpoint \(endpoint)"
        case .setPresharedKey: "another preshared key"
        }
    }
}
