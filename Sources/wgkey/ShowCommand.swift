import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import QRDisplay

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print this host's identity: public keys only."
    )

    @Flag(help: "Print the fingerprint instead, for people to compare.")
    var fingerprint = false

    @Flag(help: "Print the identity as a QR code.")
    var qr = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
        let identity = try home.open().identity().key.identity
        guard !qr else {
            return try QRCodeOutput.show(
                identity.text.uppercased(),
                hint: "make the window wider, or its characters smaller"
            )
        }
        try output.print(
            fingerprint ? "\(identity.fingerprint)\n" : "\(identity.text)\n",
            .object([
                "identity": .string(identity.text),
                "fingerprint": .string(identity.fingerprint.description),
                "wireguard_key": .string(identity.wireGuardKey.base64),
            ])
        )
    }
}
