import ArgumentParser
import CommandSupport
import PeerBundle
import SystemIO

/// Where a bundle goes, and in which form.
struct BundleOutput: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the bundle; - is standard output.", valueName: "file"))
    var output = "bundle.bin"

    @Flag(help: "Replace a file that exists.")
    var forceOverwrite = false

    @Flag(help: "Write text for mail and chat instead of bytes.")
    var armor = false

    var isStandardOutput: Bool { output == "-" }

    /// Refuses an output that could not be written, before anything is recorded.
    func check() throws {
        if isStandardOutput, !armor, StandardStream.output.isTerminal {
            throw CommandFailure(
                .cannotCreate, "a bundle is bytes, which do not belong on a terminal", hint: "add --armor, or -o FILE")
        }
        try attempt { () throws(SystemError) in try OutputFile.check(output, overwrite: forceOverwrite) }
    }

    func write(_ bundle: [UInt8]) throws {
        let bytes = armor ? Array(BundleText.armor(bundle.span).utf8) : bundle
        try attempt { () throws(SystemError) in
            try OutputFile.write(output, bytes.span, overwrite: forceOverwrite)
        }
    }

    private func attempt(_ body: () throws(SystemError) -> Void) throws {
        do throws(SystemError) {
            try body()
        } catch .exists(let path) {
            throw CommandFailure(
                .cannotCreate, "\(path.printable): exists already",
                hint: "-o FILE writes another file, --force-overwrite replaces this one")
        } catch .missing {
            throw CommandFailure(.cannotCreate, "\(output.printable): there is no such directory")
        } catch .notRegular(let path, let kind) {
            throw CommandFailure(.cannotCreate, "\(path.printable): is \(kind.rawValue), which is not overwritten")
        } catch {
            throw error
        }
    }
}
