package import ArgumentParser
package import Crypto
package import Keystore
package import SystemIO

/// The option that says where the passphrase of the identity key comes from.
package struct PassphraseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read the passphrase of the identity key from this descriptor, one line, instead of asking for it.",
            valueName: "number"
        )
    )
    package var passphraseFd: InheritedDescriptor?

    package init() {}

    /// Reads this host's identity key, and asks for its passphrase if it has one.
    ///
    /// - Throws: ``KeystoreError``, ``SystemError``, or ``CommandFailure`` where nobody can be asked.
    package func identityKey(of home: borrowing Home) throws -> IdentityKey { try open(home.identity()) }

    /// Takes the key from a file, and asks for its passphrase if it has one.
    ///
    /// - Throws: As ``identityKey(of:)``.
    package func open(_ file: borrowing IdentityFile) throws -> IdentityKey {
        switch file.key {
        case .plain(let key): return key
        case .encrypted(let key):
            let passphrase = try Passphrase.current(from: passphraseFd, path: file.path)
            return try file.open(key, passphrase: passphrase)
        }
    }
}

/// Where passphrases come from: a descriptor, or the person at the terminal.
package enum Passphrase {
    /// The longest, in bytes: what a terminal gives in one line.
    private static let maximumByteCount = 4095

    /// Reads the passphrase of a key.
    ///
    /// - Parameters:
    ///   - descriptor: `nil` to ask on the terminal.
    ///   - path: The file that holds the key.
    /// - Returns: What was read, without the end of its line.
    /// - Throws: ``SystemError``, or ``CommandFailure`` where there is no terminal.
    package static func current(from descriptor: InheritedDescriptor?, path: String) throws -> SecretBytes {
        if let descriptor { return try descriptor.readSecretLine(maximumByteCount: maximumByteCount) }
        guard let terminal = Terminal.controlling() else {
            throw CommandFailure(
                .noInput,
                "\(path.printable): the key is encrypted, and there is no terminal to ask for its passphrase",
                hint: "--passphrase-fd NUMBER reads it from a descriptor"
            )
        }
        return try terminal.askSecret("Passphrase of \(path.printable): ")
    }

    /// Reads a passphrase that is to be set; asks for it twice, as nobody sees what they type.
    ///
    /// - Parameters:
    ///   - descriptor: `nil` to ask on the terminal.
    ///   - option: The option that would name a descriptor.
    /// - Returns: What was read, without the end of its line.
    /// - Throws: ``SystemError``, or ``CommandFailure`` where there is no terminal or the two differ.
    package static func new(from descriptor: InheritedDescriptor?, option: String) throws -> SecretBytes {
        if let descriptor { return try descriptor.readSecretLine(maximumByteCount: maximumByteCount) }
        guard let terminal = Terminal.controlling() else {
            throw CommandFailure(
                .noInput,
                "there is no terminal to ask for a new passphrase",
                hint: "\(option) NUMBER reads it from a descriptor"
            )
        }
        let passphrase = try terminal.askSecret("New passphrase: ")
        let again = try terminal.askSecret("The same again: ")
        guard SecretBytes.constantTimeEqual(passphrase, again) else {
            throw CommandFailure(.refused, "the two passphrases differ")
        }
        return passphrase
    }
}

extension InheritedDescriptor: ExpressibleByArgument {
    /// Reads 0, or a number from 3.
    package init?(argument: String) {
        guard let number = Int32(argument), argument == String(number) else { return nil }
        self.init(number)
    }
}
