import ArgumentParser
import CommandSupport
import PeerBundle
import QRDisplay
import SystemIO

/// Where a bundle goes, and in which form.
struct BundleOutput: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to write the bundle; - is standard output. Default: bundle.bin, with --qr no file. For several: the "
                + "directory, by default bundles.",
            valueName: "file"
        ),
        completion: .file()
    )
    var output: String?

    @Flag(help: "Replace a file that exists.")
    var forceOverwrite = false

    @Flag(help: "Write text for mail and chat instead of bytes.")
    var armor = false

    @Flag(help: "Show the bundle as a QR code on standard output.")
    var qr = false

    /// The file, or `-`; `nil` if the bundle is only shown.
    var file: String? { output ?? (qr ? nil : "bundle.bin") }

    /// Where several bundles go.
    var directory: String { output ?? "bundles" }

    /// Refuses what is for one bundle.
    func requireDirectory() throws {
        if qr { throw ValidationError("--qr shows one bundle, not several") }
        if output == "-" { throw ValidationError("several bundles go to a directory, not to standard output") }
    }

    /// Refuses what leaves no room for a record on standard output.
    func requireFile() throws {
        guard !qr, file != "-" else {
            throw ValidationError("--json needs standard output, so the bundle must go to a file")
        }
    }

    /// The bundle as it is written.
    func encoded(_ bundle: [UInt8]) -> [UInt8] {
        armor ? Array(BundleText.armor(bundle.span).utf8) : bundle
    }

    func validate() throws {
        if qr, file == "-" { throw ValidationError("--qr needs standard output, so give -o a file") }
    }

    /// Refuses an output that could not be written, before anything is recorded.
    func check() throws {
        guard let file else { return }
        if file == "-", !armor, StandardStream.output.isTerminal {
            throw CommandFailure(
                .cannotCreate,
                "a bundle is bytes, which do not belong on a terminal",
                hint: "add --armor, or -o FILE"
            )
        }
        try OutputFailure.naming(file) { () throws(SystemError) in
            try OutputFile.check(file, overwrite: forceOverwrite)
        }
    }

    func write(_ bundle: [UInt8]) throws {
        if let file {
            let bytes = encoded(bundle)
            try OutputFailure.naming(file) { () throws(SystemError) in
                try OutputFile.write(file, bytes.span, overwrite: forceOverwrite)
            }
        }
        if qr {
            try QRCodeOutput.show(hint: "make the window larger, or send the bundle as text: --armor") {
                BundleText.codes(bundle, count: $0)
            }
        }
    }
}
