import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO

struct GenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gen",
        _superCommandName: "wgkey",
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

    @Option(
        help: ArgumentHelp(
            "Take over a WireGuard private key, as 'wg genkey' prints it, in place of a new one; - is standard input.",
            valueName: "file"
        ),
        completion: .file()
    )
    var privateKey: String?

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
        guard passphrase || passphraseFd != nil else { return .plain(try identityKey()) }
        try home.requireNoIdentity()
        // Before the key: both may come from standard input.
        let passphrase = try Passphrase.new(from: passphraseFd, option: "--passphrase-fd")
        return .encrypted(try EncryptedIdentityKey(identityKey(), passphrase: passphrase))
    }

    private func identityKey() throws -> IdentityKey {
        guard let privateKey else { return IdentityKey() }
        let file = try InputFile.readSecret(privateKey, maximumByteCount: 64)
        return try file.withBytes { bytes throws in
            let end = bytes.indices.last { bytes[$0] != UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
            do throws(CryptoError) {
                let key = try KeyEncoding.secretBytes(base64: bytes.extracting(0..<end))
                return IdentityKey(wireGuardKey: try PrivateKey(key))
            } catch {
                let path = privateKey == "-" ? "standard input" : privateKey.printable
                throw CommandFailure(.refused, "\(path): not a private key as 'wg genkey' prints it")
            }
        }
    }
}
