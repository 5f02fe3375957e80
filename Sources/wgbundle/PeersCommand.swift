import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import WireGuard

struct PeersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        _superCommandName: "wgbundle",
        abstract: "Print the peers of a network of this host."
    )

    @Argument(
        help: "Only these, each by name, fingerprint, identity, WireGuard key or address. Default: all.",
        completion: .peers
    )
    var peer: [String] = []

    @Flag(help: "Those that were revoked.")
    var revoked = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var home: HomeOptions

    func validate() throws {
        guard !revoked || peer.isEmpty else { throw ValidationError("--revoked prints all that were revoked") }
    }

    func run() throws {
        let store = try home.open().network(network.name)
        if revoked {
            let peers = try store.revokedPeers()
            try output.print(table(peers), .array(peers.map(\.json)))
        } else if peer.isEmpty {
            let peers = try store.peers()
            let plainPeers = try store.plainPeers(besides: peers.map(\.identity.wireGuardKey))
            try output.print(table(peers, plainPeers), .array(peers.map(\.json) + plainPeers.map(\.json)))
        } else {
            let peers = try store.peers(meantBy: peer)
            try output.print(table(peers, []), .array(peers.map(\.json)))
        }
    }

    private func table(_ peers: [PeerRecord], _ plainPeers: [PlainPeer]) -> String {
        var table = Table("NAME", "ADDRESS", "FINGERPRINT", "VALID UNTIL", "SERIAL", "NOTE")
        for peer in peers {
            table.add(
                peer.name.description,
                peer.addresses.map(\.description).joined(separator: ","),
                peer.identity.fingerprint.description,
                peer.notAfter?.description ?? "-",
                String(peer.serial),
                peer.note?.description ?? ""
            )
        }
        for peer in plainPeers {
            let blocks = peer.allowedAddresses.map(\.textOfBlock).joined(separator: ",")
            table.add(peer.name.description, blocks.isEmpty ? "-" : blocks, "plain", "-", "-", "")
        }
        return table.text
    }

    private func table(_ peers: [RevokedPeer]) -> String {
        var table = Table("NAME", "ADDRESS", "FINGERPRINT", "REVOKED", "ADDRESS FREE")
        for revoked in peers {
            table.add(
                revoked.peer.name.description,
                revoked.peer.addresses.map(\.description).joined(separator: ","),
                revoked.peer.identity.fingerprint.description,
                revoked.revoked.description,
                revoked.addressesFree.description
            )
        }
        return table.text
    }
}

extension PeerRecord {
    fileprivate var json: JSON {
        .object([
            "name": .string(name.description),
            "identity": .string(identity.text),
            "fingerprint": .string(identity.fingerprint.description),
            "public_key": .string(identity.wireGuardKey.base64),
            "addresses": .strings(addresses),
            "created": .number(created.seconds),
            "serial": .number(serial),
            "not_after": notAfter.map { .number($0.seconds) } ?? .null,
            "endpoints": .strings(endpoints),
            "routes": .strings(routes),
            "services": .strings(services),
            "container": .optional(container?.reference),
            "mesh": .bool(isInMesh),
            "own_endpoints": .strings(ownEndpoints),
            "note": .optional(note),
        ])
    }
}

extension PlainPeer {
    /// Without an identity there is no bundle, so what a bundle says is null.
    var json: JSON {
        .object([
            "name": .string(name.description),
            "identity": .null,
            "fingerprint": .null,
            "public_key": .string(publicKey.base64),
            "addresses": .strings(allowedAddresses.map(\.textOfBlock)),
            "created": .null,
            "serial": .null,
        ])
    }
}

extension IPPrefix {
    /// As the table of peers shows what they have: an address, or a block with its length.
    fileprivate var textOfBlock: String {
        length == address.family.bitCount ? address.description : description
    }
}
