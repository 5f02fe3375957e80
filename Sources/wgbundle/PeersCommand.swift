import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import WireGuard

struct PeersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Print the peers of a network of this host."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
        let store = try home.open().network(network.name)
        let peers = try store.peers()
        let plainPeers = try store.plainPeers(besides: peers.map(\.identity.wireGuardKey))
        try output.print(table(peers, plainPeers), .array(peers.map(json) + plainPeers.map(json)))
    }

    private func table(_ peers: [PeerRecord], _ plainPeers: [PlainPeer]) -> String {
        var table = Table("NAME", "ADDRESS", "FINGERPRINT", "SINCE", "SERIAL")
        for peer in peers {
            table.add(
                peer.name.description,
                peer.addresses.map(\.description).joined(separator: ","),
                peer.identity.fingerprint.description,
                peer.created.description,
                String(peer.serial)
            )
        }
        for peer in plainPeers { table.add(peer.name.description, text(peer.allowedAddresses), "plain", "-", "-") }
        return table.text
    }

    private func text(_ blocks: [IPPrefix]) -> String {
        blocks.isEmpty ? "-" : blocks.map(\.textOfBlock).joined(separator: ",")
    }

    private func json(_ peer: PeerRecord) -> JSON {
        .object([
            "name": .string(peer.name.description),
            "identity": .string(peer.identity.text),
            "fingerprint": .string(peer.identity.fingerprint.description),
            "public_key": .string(peer.identity.wireGuardKey.base64),
            "addresses": .strings(peer.addresses),
            "created": .number(peer.created.seconds),
            "serial": .number(peer.serial),
            "endpoints": .strings(peer.endpoints),
            "routes": .strings(peer.routes),
            "services": .strings(peer.services),
            "container": .optional(peer.container?.reference),
        ])
    }

    /// Without an identity there is no bundle, so what a bundle says is null.
    private func json(_ peer: PlainPeer) -> JSON {
        .object([
            "name": .string(peer.name.description),
            "identity": .null,
            "fingerprint": .null,
            "public_key": .string(peer.publicKey.base64),
            "addresses": .strings(peer.allowedAddresses.map(\.textOfBlock)),
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
