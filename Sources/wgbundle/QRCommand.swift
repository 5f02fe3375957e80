import ArgumentParser
import CommandSupport
import PeerBundle
import SystemIO

struct QRCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qr",
        abstract: "Show a bundle as a QR code.",
        discussion:
            "What a scanner reads from it can be given to 'wgup client -'. Only the bundle's recipient can open it."
    )

    @Argument(help: "The bundle; - is standard input.")
    var bundle: String

    func run() throws {
        let input = try InputFile.read(bundle, maximumByteCount: BundleText.maximumByteCount)
        let bytes = try BundleText.decode(input)
        try QRCodeOutput.print(BundleText.code(bytes.span))
    }
}
