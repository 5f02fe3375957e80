import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

struct InspectCommand: ParsableCommand, PreparedCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        _superCommandName: "wgbundle",
        abstract: "Open a bundle that is sealed to this host, verify it, and show what it says.",
        discussion: "Nothing is applied, nothing is remembered, and no secret is shown."
    )

    @Argument(help: "The bundle; - is standard input.", completion: .file())
    var bundle: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var home: HomeOptions

    func prepare() throws { try BundleOpener.prepare() }

    func run() throws {
        let home = try home.open()
        // Before the bundle: both may come from standard input.
        let key = try passphrase.identityKey(of: home)
        let opener = try BundleOpener.take()
        let claimed = try opener.open(BundleInput.text(bundle), with: key.openingKey)
        // Looking is not trusting: the signature is checked against the keys that the bundle itself carries.
        let verified = try opener.verified(claimed, trusting: claimed.claimedIssuer)
        let issuer = try home.trustedIssuers().first { $0.identity == verified.issuer }
        let inspection = Inspection(
            verified: verified,
            trusted: issuer,
            ownKey: key.identity.wireGuardKey,
            now: WallClock.now()
        )
        try output.print(inspection.text, inspection.json)
        for warning in inspection.warnings { diagnostics.note(warning) }
    }
}
