import Crypto
import PeerBundle
import TestSupport
import Testing

@Suite("Identity text")
struct IdentityTextTests {
    private let identity = Sample.issuer.identity

    @Test("is 171 characters after wgid1, and reads back in either case")
    func roundTrip() throws {
        let text = identity.text
        #expect(text.utf8.count == 171)
        #expect(text.hasPrefix("wgid1"))
        #expect(try Identity(text: text) == identity)
        #expect(try Identity(text: text.uppercased()) == identity)
    }

    @Test("of a fixed seed never changes")
    func pinned() {
        #expect(
            identity.text
                == "wgid1q9f2e49gw844v0xrlxzhl6ruglqu54su5yxapvqchaygruj8w59sxa7ywtrv3sew6hza0"
                + "glyn9us708jeqfvqey9ejua8nv05fkrkzmvq549qae6erv3wuljmjtx9cf0phh7j90yzku2rj8zpfdr664jhppe5xrdgckxnm"
        )
    }

    @Test("has a secret half of 123 characters, which reads back in either case")
    func secretRoundTrip() throws {
        let text = Sample.issuer.secretText()
        #expect(text.count == 123)
        let characters = text.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        #expect(characters.starts(with: "WGID-SECRET-1".utf8))
        #expect(characters.allSatisfy { !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        #expect(try IdentityKey.read(secretText: characters.span).identity == identity)
        let lowercased = Array(String(decoding: characters, as: UTF8.self).lowercased().utf8)
        #expect(try IdentityKey.read(secretText: lowercased.span).identity == identity)
    }

    @Test(
        "says what it is that was given instead",
        arguments: [
            ("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", .wireGuardKey),
            (Sample.issuer.identity.fingerprint.description, .fingerprint),
            (Sample.issuer.identity.fingerprint.description.lowercased(), .fingerprint),
            ("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", .ageKey),
            ("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX", .ageKey),
            ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN a@b", .sshKey),
            ("sk-ssh-ed25519@openssh.com AAAA", .sshKey), ("ecdsa-sha2-nistp256 AAAA", .sshKey),
            ("WGID-SECRET-1QQQQ", .secretIdentity), ("wgid-secret-1qqqq", .secretIdentity), ("", .notAnIdentity),
            ("alice", .notAnIdentity), ("laptop1/identity.pub", .notAnIdentity), ("laptop1.pub", .notAnIdentity),
            ("Laptop1", .notAnIdentity),
            ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", .notAnIdentity),
        ] as [(String, IdentityTextError)]
    )
    func recognises(text: String, error: IdentityTextError) {
        #expect(throws: error) { try Identity(text: text) }
    }

    @Test("refuses every identity with one character changed, and never as anything but damaged")
    func refusesSubstitutions() {
        var generator = SplitMix64(seed: 1)
        let characters = Array(identity.text)
        for position in 5..<171 {
            var changed = characters
            repeat {
                changed[position] = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l")[Int.random(in: 0..<32, using: &generator)]
            } while changed[position] == characters[position]
            #expect(throws: IdentityTextError.checksum) { try Identity(text: String(changed)) }
        }
    }

    @Test("refuses three characters changed at a time")
    func refusesTripleSubstitutions() {
        var generator = SplitMix64(seed: 2)
        let characters = Array(identity.text.utf8)
        let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
        for _ in 0..<2_000 {
            var changed = characters
            for _ in 0..<3 {
                changed[Int.random(in: 5..<171, using: &generator)] =
                    alphabet[Int.random(in: 0..<32, using: &generator)]
            }
            guard changed != characters else { continue }
            #expect(throws: IdentityTextError.checksum) { try Identity(text: String(decoding: changed, as: UTF8.self)) }
        }
    }

    @Test("refuses mixed case, foreign characters, another length and white space, each by its name")
    func refusesForms() {
        let text = identity.text
        #expect(throws: IdentityTextError.mixedCase) { try Identity(text: "W" + text.dropFirst()) }
        #expect(throws: IdentityTextError.character(7)) {
            try Identity(text: String(text.prefix(6)) + "b" + text.dropFirst(7))
        }
        #expect(throws: IdentityTextError.character(172)) { try Identity(text: text + "\n") }
        #expect(throws: IdentityTextError.checksum) { try Identity(text: String(text.dropLast())) }
        #expect(throws: IdentityTextError.checksum) { try Identity(text: text + "q") }
    }

    @Test("takes a secret half only where one belongs, and echoes nothing of it")
    func refusesSecret() {
        let secret = Sample.issuer.secretText().withBytes { bytes in bytes.indices.map { bytes[$0] } }
        let text = String(decoding: secret, as: UTF8.self)
        #expect(throws: IdentityTextError.secretIdentity) { try Identity(text: text) }
        #expect(!"\(IdentityTextError.secretIdentity)".contains(text.dropFirst(13).prefix(4)))
        #expect(throws: IdentityTextError.notASecretIdentity) {
            try IdentityKey.read(secretText: Array(identity.text.utf8).span)
        }
        #expect(throws: IdentityTextError.checksum) {
            var damaged = secret
            damaged.swapAt(20, 21)
            try #require(damaged != secret)
            _ = try IdentityKey.read(secretText: damaged.span)
        }
    }

    @Test("an encrypted secret half is read back, in either case, and every changed character is found")
    func encrypted() throws {
        let passphrase = SecretBytes(copying: [UInt8]("correct horse".utf8).span)
        let cost = try PassphraseCost(passCount: 1, memoryKibibytes: 8)
        let encrypted = try EncryptedIdentityKey(Sample.issuer, passphrase: passphrase, cost: cost)
        let text = encrypted.text
        #expect(text.hasPrefix("WGID-ENCRYPTED-1"))
        #expect(text.utf8.count == 443)
        #expect(try EncryptedIdentityKey(text: Array(text.utf8).span) == encrypted)
        #expect(try EncryptedIdentityKey(text: Array(text.lowercased().utf8).span).text == text)
        for index in 16..<443 {
            var changed = Array(text.utf8)
            changed[index] = changed[index] == UInt8(ascii: "Q") ? UInt8(ascii: "P") : UInt8(ascii: "Q")
            #expect(throws: IdentityTextError.checksum) { try EncryptedIdentityKey(text: changed.span) }
        }
        for count in 0..<443 {
            #expect(throws: IdentityTextError.self) {
                try EncryptedIdentityKey(text: Array(text.utf8.prefix(count)).span)
            }
        }
        #expect(throws: IdentityTextError.secretIdentity) { try Identity(text: text) }
        #expect(throws: IdentityTextError.notASecretIdentity) {
            try IdentityKey.read(secretText: Array(text.utf8).span)
        }
        #expect(throws: IdentityTextError.notASecretIdentity) {
            try EncryptedIdentityKey(text: Array(identity.text.utf8).span)
        }
    }

    @Test(
        "reads as one line that names what was given",
        arguments: [
            (IdentityTextError.wireGuardKey, "a WireGuard key is not an identity"),
            (.fingerprint, "a fingerprint is not an identity"), (.ageKey, "an age key is not an identity"),
            (.sshKey, "an SSH key is not an identity"),
            (.secretIdentity, "the secret half of an identity was given where the public half belongs"),
            (.notAnIdentity, "not an identity, which starts with wgid1"),
            (
                .notASecretIdentity,
                "not the secret half of an identity, which starts with WGID-SECRET-1 or WGID-ENCRYPTED-1"
            ),
            (.mixedCase, "the identity mixes upper and lower case"), (.length, "the identity has the wrong length"),
            (.character(7), "the identity has a wrong character at position 7"),
            (.checksum, "the identity has a wrong character somewhere: its checksum does not match"),
            (.content(.fingerprint), "the identity is not usable: the check bytes do not match the keys"),
        ]
    )
    func texts(error: IdentityTextError, text: String) {
        #expect("\(error)" == text)
    }
}
