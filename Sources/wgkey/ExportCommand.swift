import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import SystemIO

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        _superCommandName: "wgkey",
        abstract: "Write a copy of this host's identity key, encrypted under a passphrase.",
        discussion: "A key that has a passphrase keeps it in the copy, and none is asked for."
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to write the copy, a new file; - is standard output.", valueName: "file"),
        completion: .file()
    )
    var output = "-"

    @Option(
        help: ArgumentHelp(
            "Read a new passphrase from this descriptor, one line, instead of asking for it.",
            valueName: "number"
        )
    )
    var newPassphraseFd: InheritedDescriptor?

    @OptionGroup var home: HomeOptions

    func run() throws {
        let home = try home.open()
        let key = try encryptedKey(home.storedIdentity())
        let contents = IdentityFile.contents(of: .encrypted(key), now: WallClock.now())
        try namingOutput { () throws(SystemError) in
            try contents.withBytes { (bytes) throws(SystemError) in
                try OutputFile.write(output, bytes, overwrite: false)
            }
        }
        guard output != "-" else { return }
        diagnostics.say("wrote \(output.printable); wgkey import reads it, on a host that has no identity key")
    }

    private func encryptedKey(_ file: borrowing IdentityFile) throws -> EncryptedIdentityKey {
        switch file.key {
        case .encrypted(let key) where newPassphraseFd == nil: return key
        case .encrypted:
            throw CommandFailure(
                .usage,
                "\(file.path.printable): the key has a passphrase, which the copy has too",
                hint: "leave out --new-passphrase-fd; wgkey passphrase changes the passphrase"
            )
        case .plain(let key):
            try namingOutput { () throws(SystemError) in try OutputFile.check(output, overwrite: false) }
            let passphrase = try Passphrase.new(from: newPassphraseFd, option: "--new-passphrase-fd")
            return try EncryptedIdentityKey(key, passphrase: passphrase)
        }
    }

    private func namingOutput(_ body: () throws(SystemError) -> Void) throws {
        do throws(SystemError) {
            try body()
        } catch .exists {
            throw CommandFailure(
                .cannotCreate,
                "\(output.printable): exists already",
                hint: "-o FILE writes another file"
            )
        }
    }
}
