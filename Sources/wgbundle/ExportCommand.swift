import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

struct ExportCommand: ParsableCommand, PreparedCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        _superCommandName: "wgbundle",
        abstract: "Verify a bundle, and write it for wg-quick or systemd-networkd.",
        discussion: """
            The bundle must pass what 'wgup client --placement host' would check. What is written neither expires nor is \
            replaced by the next bundle, and holds this host's private key.
            """
    )

    @Argument(help: "The bundle; - is standard input.", completion: .file())
    var bundle: String

    @Option(help: "wg-quick or networkd.")
    var format: ExportFormat

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "For wg-quick, the file to write, or - for standard output; default: the interface's name and .conf. For "
                + "networkd, the directory, such as /etc/systemd/network.",
            valueName: "file"
        ),
        completion: .file()
    )
    var output: String?

    @Flag(help: "Replace files that exist.")
    var forceOverwrite = false

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var home: HomeOptions

    func validate() throws {
        guard format == .networkd else { return }
        // The path becomes a part of the files, where a backslash has a meaning.
        guard let output, output.hasPrefix("/"), output == output.printable, !output.contains("\\") else {
            throw ValidationError("--format networkd needs the absolute path of a directory: -o /etc/systemd/network")
        }
    }

    func prepare() throws { try BundleOpener.prepare() }

    func run() throws {
        let home = try home.open()
        // Before the bundle: both may come from standard input.
        let key = try passphrase.identityKey(of: home)
        let opener = try BundleOpener.take()
        let claimed = try opener.open(BundleInput.text(bundle), with: key.openingKey)
        guard let issuer = try home.trustedIssuers().first(where: { $0.identity == claimed.claimedIssuer }) else {
            throw BundleError.untrustedIssuer(claimed: claimed.claimedIssuer.fingerprint)
        }
        let verified = try opener.verified(claimed, trusting: issuer.identity)
        let export = BundleExport(verified, issuer: issuer, key: key)
        try export.check(now: WallClock.now())
        for note in export.notes { diagnostics.note(note) }
        let files = ExportedFiles(overwrite: forceOverwrite)
        switch format {
        case .quick: try files.writeQuick(export, to: output ?? "\(export.link).conf")
        case .networkd: try files.writeNetworkd(export, to: output ?? ".")
        }
    }
}

/// Whom a bundle is written for.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
    case quick = "wg-quick"
    case networkd
}
