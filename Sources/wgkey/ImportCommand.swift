import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        _superCommandName: "wgkey",
        abstract: "Take over an identity key from a copy, and print its identity.",
        discussion: "The copy's passphrase is asked for, to be sure that it is known; the key stays encrypted under it."
    )

    @Argument(help: "What 'wgkey export' wrote, or a copy of identity.key; - is standard input.", completion: .file())
    var file: String

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
        let contents = try InputFile.readSecret(file, maximumByteCount: IdentityFile.maximumByteCount)
        let copy = try IdentityFile(contents, path: file == "-" ? "standard input" : file)
        let home = try home.create()
        try home.requireNoIdentity()
        let identity = try passphrase.open(copy).identity
        try home.createIdentity(copy.key, now: WallClock.now())
        try StandardStream.writeOutput("\(identity.text)\n")
    }
}
