import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

extension BundleOutput {
    /// Writes one bundle, and says what became of it; with `json`, for programs too.
    func deliver(_ sealed: SealedPeer, json: Bool) throws {
        try write(sealed.bundle)
        report(sealed)
        if json { try StandardStream.writeOutput(sealed.json(file: file).text) }
    }

    /// Says what became of one bundle, and what to do with it.
    private func report(_ sealed: SealedPeer) {
        let peer = sealed.peer
        let addresses = peer.addresses.map(\.description).joined(separator: ", ")
        let file = file.map { $0 == "-" ? "a bundle" : $0.printable } ?? "a bundle"
        diagnostics.say(
            "sealed \(file) to \(sealed.isNew ? "new peer " : "")\(peer.name), \(addresses), valid until \(sealed.notAfter)"
        )
        for case .address(let address) in sealed.endpoints.map(\.host) where address.isPrivate {
            diagnostics.note("\(address) is a private address: only hosts that reach it can call")
        }
        Self.noteOutdated(sealed.outdated)
        if diagnostics.isInteractive, let name = self.file, name != "-" {
            diagnostics.say("take the file to that host, over any channel, and run: sudo wgup client \(name.printable)")
        }
    }

    /// Says whose bundles say something else than this host knows now.
    static func noteOutdated(_ names: [Name]) {
        guard !names.isEmpty else { return }
        let shown = names.prefix(5).map(\.description).joined(separator: ", ")
        let rest = names.count > 5 ? " and \(names.count - 5) more" : ""
        diagnostics.note("\(shown)\(rest) of the mesh will know with their next bundles: wgbundle renew --mesh")
    }
}

extension SealedPeer {
    /// What was recorded, for programs.
    func json(file: String?) -> JSON {
        .object([
            "peer": .string(peer.name.description),
            "new": .bool(isNew),
            "identity": .string(peer.identity.text),
            "fingerprint": .string(peer.identity.fingerprint.description),
            "addresses": .strings(peer.addresses),
            "endpoints": .strings(endpoints),
            "serial": .number(peer.serial),
            "not_after": .number(notAfter.seconds),
            "file": .optional(file),
        ])
    }
}

extension IPAddress {
    /// Addresses that only a part of the world can reach (RFC 1918, RFC 6598, RFC 4193).
    fileprivate var isPrivate: Bool {
        let blocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]
        return isReserved || blocks.compactMap { IPPrefix($0) }.contains { $0.contains(self) }
    }
}
