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
        let peers = try home.open().network(network.name).peers()
        try output.print(table(peers), .array(peers.map(json)))
    }

    private func table(_ peers: [PeerRecord]) -> String {
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
        return table.text
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
}
