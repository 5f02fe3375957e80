import Crypto
import Keystore
import PeerBundle
import TestSupport
import Testing

@Suite("Identity file")
struct IdentityFileTests {
    @Test("what was made is read back")
    func roundTrip() throws {
        try Home.temporary { home, _ in
            let made = try home.createIdentityKey(now: now).identity
            #expect(try home.identityKey().identity == made)
        }
    }

    @Test("a second one is refused and the first stays")
    func second() throws {
        try Home.temporary { home, path in
            let made = try home.createIdentityKey(now: now).identity
            #expect(throws: KeystoreError.identityExists(path: "\(path)/identity.key")) {
                try home.createIdentityKey(now: now)
            }
            #expect(try home.identityKey().identity == made)
        }
    }

    @Test("without a file there is no identity, nor without a home")
    func missing() throws {
        try Home.temporary { home, path in
            #expect(throws: KeystoreError.noIdentity(home: path)) { try home.identityKey() }
            #expect(throws: KeystoreError.noIdentity(home: "\(path)/none")) {
                _ = try Home.open("\(path)/none")
            }
        }
    }

    @Test(
        "a file that does not hold exactly one secret identity is refused",
        arguments: ["", "# nothing\n", "wgid1qqqq\n", "WGID-SECRET-1QQQQ\nWGID-SECRET-1QQQQ\n"]
    )
    func damaged(text: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array(text.utf8), to: "identity.key")
        let home = try Home.open(directory.path)
        #expect {
            try home.identityKey()
        } throws: { error in
            if case KeystoreError.damagedIdentity("\(directory.path)/identity.key", _) = error { true } else { false }
        }
    }
}
