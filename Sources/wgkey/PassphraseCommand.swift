import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import SystemIO

struct PassphraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passphrase",
        _superCommandName: "wgkey",
        abstract: "Set, change or remove the passphrase of this host's identity key.",
        discussion: "The key itself stays the same, and so does the identity."
    )

    @Flag(help: "Store the key without a passphrase.")
    var remove = false

    @Option(
        help: ArgumentHelp(
            "Read the new passphrase from this descriptor, one line, instead of asking for it.",
            valueName: "number"
        )
    )
    var newPassphraseFd: InheritedDescriptor?

    @OptionGroup var current: PassphraseOptions
    @OptionGroup var home: HomeOptions

    func validate() throws {
        if remove, newPassphraseFd != nil { throw ValidationError("--remove needs no new passphrase") }
    }

    func run() throws {
        let home = try home.open()
        let file = try home.storedIdentity()
        let key = try current.open(file)
        guard !remove else {
            try home.replaceIdentity(.plain(key))
            return diagnostics.say("\(file.path.printable) has no passphrase any more")
        }
        let passphrase = try Passphrase.new(from: newPassphraseFd, option: "--new-passphrase-fd")
        try home.replaceIdentity(.encrypted(EncryptedIdentityKey(key, passphrase: passphrase)))
        diagnostics.say("\(file.path.printable) has a new passphrase")
    }
}
