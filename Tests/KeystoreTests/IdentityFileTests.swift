import Crypto
import Keystore
import PeerBundle
import SystemIO
import TestSupport
import Testing

@Suite("Identity file")
struct IdentityFileTests {
    @Test("what was stored is read back, in the clear and encrypted")
    func roundTrip() throws {
        let key = try IdentityKey.fixed(seed: 1, wireGuard: 2)
        for stored in [.plain(key), .encrypted(try key.encrypted())] as [StoredIdentityKey] {
            try Home.temporary { home, path in
                try home.createIdentity(stored, now: now)
                let file = try home.storedIdentity()
                #expect(file.path == "\(path)/identity.key")
                #expect(file.key.identity == key.identity)
                switch (stored, file.key) {
                case (.plain(let key), .plain(let other)): #expect(key.identity == other.identity)
                case (.encrypted(let key), .encrypted(let other)): #expect(key == other)
                default: Issue.record("stored \(stored), read \(file.key)")
                }
            }
        }
    }

    @Test("a second one is refused and the first stays")
    func second() throws {
        try Home.temporary { home, path in
            try home.requireNoIdentity()
            try home.createIdentity(now: now)
            let made = try home.storedIdentity().key.identity
            let expected = KeystoreError.identityExists(path: "\(path)/identity.key")
            #expect(throws: expected) { try home.createIdentity(now: now) }
            #expect(throws: expected) { try home.requireNoIdentity() }
            #expect(try home.storedIdentity().key.identity == made)
        }
    }

    @Test("a new passphrase changes the key's line alone, and removing it brings the old file back")
    func replace() throws {
        let directory = try TemporaryDirectory()
        let home = try Home.open(directory.path)
        let key = IdentityKey()
        try home.createIdentity(.plain(key), now: now)
        let plain = try directory.read("identity.key") + Array("# my own comment, without a line feed".utf8)
        try directory.write(plain, to: "identity.key")
        try home.replaceIdentity(.encrypted(key.encrypted()))
        let encrypted = try directory.read("identity.key")
        #expect(lines(encrypted).filter { $0.hasPrefix("#") } == lines(plain).filter { $0.hasPrefix("#") })
        #expect(lines(encrypted).filter { !$0.hasPrefix("#") }.map { $0.prefix(16) } == ["WGID-ENCRYPTED-1"])
        try home.replaceIdentity(.plain(key))
        #expect(try directory.read("identity.key") == plain)
    }

    @Test("another key is not replaced")
    func replaceOther() throws {
        try Home.temporary { home, path in
            try home.createIdentity(now: now)
            let made = try home.storedIdentity().key.identity
            #expect(throws: KeystoreError.identityChanged(path: "\(path)/identity.key")) {
                try home.replaceIdentity(.plain(IdentityKey()))
            }
            #expect(try home.storedIdentity().key.identity == made)
        }
    }

    @Test("a wrong passphrase is told with the file that it is not for")
    func wrongPassphrase() throws {
        try Home.temporary { home, path in
            let key = IdentityKey()
            let encrypted = try key.encrypted()
            try home.createIdentity(.encrypted(encrypted), now: now)
            let file = try home.storedIdentity()
            #expect(throws: KeystoreError.lockedIdentity(path: "\(path)/identity.key", .passphrase)) {
                try file.open(encrypted, passphrase: secret("other"))
            }
            #expect(try file.open(encrypted, passphrase: secret("correct horse")).identity == key.identity)
        }
    }

    @Test("without a file there is no identity, nor without a home")
    func missing() throws {
        try Home.temporary { home, path in
            #expect(throws: KeystoreError.noIdentity(home: path)) { try home.requireIdentity() }
            #expect(throws: KeystoreError.noIdentity(home: "\(path)/none")) {
                _ = try Home.open("\(path)/none")
            }
        }
    }

    @Test(
        "a file that does not hold exactly one secret identity is refused",
        arguments: [
            "", "# nothing\n", "wgid1qqqq\n", "WGID-SECRET-1QQQQ\nWGID-SECRET-1QQQQ\n", "WGID-ENCRYPTED-1QQQQ\n",
            "WGID-ENCRYPTED-1QQQQ\nWGID-SECRET-1QQQQ\n",
        ]
    )
    func damaged(text: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array(text.utf8), to: "identity.key")
        let home = try Home.open(directory.path)
        #expect {
            try home.requireIdentity()
        } throws: { error in
            if case KeystoreError.damagedIdentity("\(directory.path)/identity.key", _) = error { true } else { false }
        }
    }

    private func lines(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}

extension IdentityKey {
    fileprivate func encrypted() throws -> EncryptedIdentityKey {
        try EncryptedIdentityKey(
            self,
            passphrase: secret("correct horse"),
            cost: PassphraseCost(passCount: 1, memoryKibibytes: 8)
        )
    }
}

extension Home {
    fileprivate borrowing func requireIdentity() throws { _ = try storedIdentity() }
}

private func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8).span) }
