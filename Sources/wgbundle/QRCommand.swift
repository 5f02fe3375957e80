import ArgumentParser
import CommandSupport
import PeerBundle
import QRDisplay
import SystemIO

struct QRCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qr",
        _superCommandName: "wgbundle",
        abstract: "Show a bundle as a QR code.",
        discussion: """
            What does not fit one code is divided among several, to be read in any order. What a scanner reads from them \
            can be given to 'wgup client -'. Only the bundle's recipient can open it.
            """
    )

    @Argument(help: "The bundle; - is standard input.", completion: .file())
    var bundle: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write a picture, which ends in .png or .svg, instead of showing it. Several become FILE-1.png and so on.",
            valueName: "file"
        ),
        completion: .file()
    )
    var output: String?

    @Flag(help: "Replace a file that exists.")
    var forceOverwrite = false

    private var picture: PictureOutput? { output.flatMap { PictureOutput($0, overwrites: forceOverwrite) } }

    func validate() throws {
        if output != nil, picture == nil { throw ValidationError("-o needs a file that ends in .png or .svg") }
    }

    func run() throws {
        let bytes = try BundleInput.read(bundle)
        guard let picture else {
            return try QRCodeOutput.show(hint: "make the window larger, or write a picture: -o FILE.png") {
                BundleText.codes(bytes, count: $0)
            }
        }
        let files = try picture.write { BundleText.codes(bytes, count: $0) }
        guard files.count > 1, let first = files.first, let last = files.last else { return }
        diagnostics.say("wrote \(files.count) parts, to be read in any order: \(first.printable) to \(last.printable)")
    }
}
