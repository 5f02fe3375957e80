import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import QRDisplay

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        _superCommandName: "wgkey",
        abstract: "Print this host's identity: public keys only."
    )

    @Flag(help: "Print the fingerprint instead, for people to compare.")
    var fingerprint = false

    @Flag(help: "Print the identity as a QR code.")
    var qr = false

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "With --qr: write a picture, which ends in .png or .svg, instead of showing it.",
            valueName: "file"
        )
    )
    var file: String?

    @Flag(help: "Replace a file that exists.")
    var forceOverwrite = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    private var picture: PictureOutput? { file.flatMap { PictureOutput($0, overwrites: forceOverwrite) } }

    func validate() throws {
        guard file == nil || qr else { throw ValidationError("-o is for --qr") }
        guard file == nil || picture != nil else {
            throw ValidationError("-o needs a file that ends in .png or .svg")
        }
    }

    func run() throws {
        let identity = try home.open().identity().key.identity
        if let picture {
            _ = try picture.write { _ in [identity.text.uppercased()] }
            return
        }
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
