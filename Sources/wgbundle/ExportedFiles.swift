import CommandSupport
import Crypto
import SystemIO
import WireGuard

/// The files that a bundle is written to.
struct ExportedFiles {
    let overwrite: Bool

    /// Writes one file that has all, the private key included.
    func writeQuick(_ export: BundleExport, to path: String) throws {
        if path == "-", StandardStream.output.isTerminal {
            throw CommandFailure(
                .cannotCreate,
                "what is written holds the private key, which does not belong on a terminal",
                hint: "-o FILE writes it to a file"
            )
        }
        let text = export.configuration.text(comment: export.comment)
        try text.withBytes { text in try write(path, text) }
        guard path != "-" else { return }
        diagnostics.say("wrote \(path.printable), which holds this host's private key")
    }

    /// Writes the files of an interface, and beside them one for each secret.
    func writeNetworkd(_ export: BundleExport, to directory: String) throws {
        let (link, configuration) = (export.link, export.configuration)
        if let block = configuration.peers.flatMap(\.allowedAddresses).first(where: { $0.length == 0 }) {
            throw CommandFailure(
                .refused,
                "\(block) in the tunnel would need rules that keep the tunnel's own packets out, and none are written",
                hint: "--format wg-quick, which makes them"
            )
        }
        let files = NetworkdFiles(configuration, link: link, directory: directory, comment: export.comment)
        let presharedKeys = configuration.peers.enumerated().compactMap { index, peer in
            peer.presharedKey.map { (NetworkdFiles.presharedKeyFile(ofPeer: index, of: link), $0) }
        }
        let keyFile = NetworkdFiles.keyFile(of: link)
        for name in presharedKeys.map(\.0) + [keyFile, "\(link).netdev", "\(link).network"] {
            let path = "\(directory)/\(name)"
            try OutputFailure.naming(path) { () throws(SystemError) in
                try OutputFile.check(path, overwrite: overwrite)
            }
        }
        // What the others refer to comes first.
        let group = User.isRoot ? Group.id(named: "systemd-network") : nil
        for (name, key) in presharedKeys {
            try key.withBytes { key in try write(secret: key, "\(directory)/\(name)", group: group) }
        }
        try configuration.privateKey?.withBytes { key in
            try write(secret: key, "\(directory)/\(keyFile)", group: group)
        }
        try write("\(directory)/\(link).netdev", files.netdev.utf8.span, mode: 0o644)
        try write("\(directory)/\(link).network", files.network.utf8.span, mode: 0o644)
        diagnostics.say("wrote \(link).netdev, \(link).network and the keys that they name to \(directory)")
        if group == nil {
            diagnostics.note("the keys are for their owner alone: networkd needs them in the group systemd-network")
        }
    }

    private func write(secret: Span<UInt8>, _ path: String, group: UInt32?) throws {
        var line = SecretWriter()
        line.append(base64: secret)
        line.append([UInt8(ascii: "\n")])
        try line.withBytes { line in try write(path, line, mode: group == nil ? 0o600 : 0o640, group: group) }
    }

    private func write(_ path: String, _ contents: Span<UInt8>, mode: UInt16 = 0o600, group: UInt32? = nil) throws {
        try OutputFailure.naming(path) { () throws(SystemError) in
            try OutputFile.write(path, contents, mode: mode, group: group, overwrite: overwrite)
        }
    }
}
