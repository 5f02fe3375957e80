import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO

struct GenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gen",
        abstract: "Make this host's keys, and print its identity.",
        discussion: "The secret half stays in the home, which only its owner can read. It is never overwritten."
    )

    @Flag(help: "Encrypt the secret half under a passphrase, which is asked for.")
    var passphrase = false

    @Option(
        help: ArgumentHelp(
            "Encrypt it, and read the passphrase from this descriptor, one line, instead of asking for it.",
            valueName: "number"
        )
    )
    var passphraseFd: InheritedDescriptor?

    @OptionGroup var home: HomeOptions

    func run() throws {
        let home = try home.create()
        let key = try newKey(for: home)
        try home.createIdentity(key, now: WallClock.now())
        try StandardStream.writeOutput("\(key.identity.text)\n")
        guard diagnostics.isInteractive else { return }
        diagnostics.say("fingerprint: \(key.identity.fingerprint)")
        diagnostics.say("on the host that this one is to call: wgbundle seal --to \(key.identity.text)")
    }

    private func newKey(for home: borrowing Home) throws -> StoredIdentityKey {
        let key = IdentityKey()
        guard passphrase || passphraseFd != nil else { return .plain(key) }
        try home.requireNoIdentity()
        let passphrase = try Passphrase.new(from: passphraseFd, option: "--passphrase-fd")
        return .encrypted(try EncryptedIdentityKey(key, passphrase: passphrase))
    }
}
