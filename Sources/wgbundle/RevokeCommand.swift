import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

struct RevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        _superCommandName: "wgbundle",
        abstract: "Make hosts peers no longer; a server that runs drops them at once.",
        discussion: "Their identities are refused from now on, and their addresses are nobody's for a while."
    )

    @Argument(help: "Peers, each by name, fingerprint, identity, WireGuard key or address.", completion: .peers)
    var peer: [String]

    @OptionGroup var output: OutputOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
        let (revoked, plain, outdated) = try home.open().network(network.name).revoke(peer, now: WallClock.now())
        for revoked in revoked {
            let addresses = revoked.peer.addresses.map(\.description).joined(separator: ", ")
            diagnostics.say("revoked \(revoked.peer.name); \(addresses) is nobody's until \(revoked.addressesFree)")
        }
        for peer in plain { diagnostics.say("removed \(peer.name), which had no identity to refuse from now on") }
        BundleOutput.noteOutdated(outdated)
        guard output.json else { return }
        try StandardStream.writeOutput(JSON.array(revoked.map(\.json) + plain.map(\.json)).text)
    }
}

extension RevokedPeer {
    /// What is kept of it, for programs.
    var json: JSON {
        .object([
            "name": .string(peer.name.description),
            "identity": .string(peer.identity.text),
            "fingerprint": .string(peer.identity.fingerprint.description),
            "public_key": .string(peer.identity.wireGuardKey.base64),
            "addresses": .strings(peer.addresses),
            "revoked": .number(revoked.seconds),
            "addresses_free": .number(addressesFree.seconds),
        ])
    }
}
