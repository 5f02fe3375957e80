import CSodium
import Crypto
import TestSupport
import Testing

@Suite("Encrypted identity key")
struct EncryptedIdentityKeyTests {
    @Test("opens with its passphrase to the key that went in, at the cost of every day")
    func roundTrip() throws {
        let encrypted = try encrypt(passphrase: Sample.passphrase, cost: .standard)
        #expect(try encrypted.identity == (Sample.identityKey().identity))
        let read = try EncryptedIdentityKey(encoded: encrypted.encoded)
        #expect(read == encrypted)
        #expect(try read.open(Sample.passphrase).withEncoded(array) == Sample.encodedKey)
        #expect(throws: CryptoError.passphrase) { try read.open(Sample.passphrase + [0]) }
        // What a file asks for, so that its age does not matter.
        #expect(Array(encrypted.encoded[2..<10]) == [0, 0, 0, 3, 0, 4, 0, 0])
    }

    @Test("opens what was written when the format was made")
    func recorded() throws {
        let encrypted = try EncryptedIdentityKey(encoded: Sample.encryptedKey)
        #expect(try encrypted.open(Sample.passphrase).withEncoded(array) == Sample.encodedKey)
    }

    @Test("has the layout of the manual: whoever knows that opens it with libsodium alone")
    func layout() throws {
        let encoded = try encrypt(passphrase: Sample.passphrase).encoded
        #expect(encoded.count == 263)
        #expect(Array(encoded[..<10]) == [1, 1, 0, 0, 0, 1, 0, 0, 0, 8])
        let derived = Container.derive(Sample.passphrase, salt: Array(encoded[10..<26]))
        #expect(Array(encoded[50..<82]) == Array(derived[32...]))
        #expect(Array(encoded[82..<182]) == (try Sample.identityKey().identity.encoded))
        var secret = [UInt8](repeating: 0, count: 65)
        let status = unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
            &secret,
            nil,
            nil,
            Array(encoded[182...]),
            81,
            Array(encoded[..<182]),
            182,
            Array(encoded[26..<50]),
            derived
        )
        #expect(status == 0)
        #expect(secret == Sample.encodedKey)
    }

    @Test("has a salt and a nonce of its own each time")
    func fresh() throws {
        let (one, other) = (
            try encrypt(passphrase: Sample.passphrase).encoded, try encrypt(passphrase: Sample.passphrase).encoded
        )
        #expect(one[10..<26] != other[10..<26])
        #expect(one[26..<50] != other[26..<50])
        #expect(one[182...] != other[182...])
    }

    @Test("does not open after any bit of it was changed")
    func bitFlips() throws {
        let encoded = try encrypt(passphrase: Sample.passphrase).encoded
        var refusals: [String: Int] = [:]
        for bit in 0..<(8 * encoded.count) {
            var changed = encoded
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            do throws(CryptoError) {
                _ = try EncryptedIdentityKey(encoded: changed).open(Sample.passphrase)
                Issue.record("bit \(bit)")
            } catch {
                refusals["\(error)", default: 0] += 1
            }
        }
        #expect(refusals.values.reduce(0, +) == 2104)
        // The commitment tells most changes of the header, the tag those of nonce and ciphertext, and all the rest is read.
        #expect(refusals["\(CryptoError.container)"] == 8 * (24 + 81))
        #expect((refusals["\(CryptoError.passphrase)"] ?? 0) >= 8 * (16 + 32))
    }

    @Test("is refused at every other length")
    func lengths() throws {
        let encoded = try encrypt(passphrase: Sample.passphrase).encoded
        for count in 0..<encoded.count {
            #expect(throws: CryptoError.length(expected: 263, actual: count)) {
                try EncryptedIdentityKey(encoded: Array(encoded[..<count]))
            }
        }
        #expect(throws: CryptoError.length(expected: 263, actual: 264)) {
            try EncryptedIdentityKey(encoded: encoded + [0])
        }
    }

    @Test(
        "is refused before its passphrase is tried where that would cost too much, or too little to mean anything",
        arguments: [(0, 8), (9, 8), (.max, 8), (1, 7), (1, 0), (1, 2_097_153), (1, .max), (.max, .max)]
            as [(UInt32, UInt32)]
    )
    func costs(passCount: UInt32, memory: UInt32) throws {
        let expected = CryptoError.passphraseCost(passCount: passCount, memoryKibibytes: memory)
        #expect(throws: expected) { try PassphraseCost(passCount: passCount, memoryKibibytes: memory) }
        var encoded = try encrypt(passphrase: Sample.passphrase).encoded
        for index in 0..<4 {
            encoded[2 + index] = UInt8(truncatingIfNeeded: passCount >> UInt32(24 - 8 * index))
            encoded[6 + index] = UInt8(truncatingIfNeeded: memory >> UInt32(24 - 8 * index))
        }
        // There is no value of which `open` could be called.
        #expect(throws: expected) { try EncryptedIdentityKey(encoded: encoded) }
    }

    @Test("takes the highest cost that is allowed")
    func highestCost() throws {
        let cost = try PassphraseCost(passCount: 8, memoryKibibytes: 2_097_152)
        #expect(cost.memoryKibibytes == 2 << 20)
    }

    @Test("is refused where another version or derivation is named")
    func versions() throws {
        var encoded = try encrypt(passphrase: Sample.passphrase).encoded
        encoded[1] = 2
        #expect(throws: CryptoError.keyDerivation(2)) { try EncryptedIdentityKey(encoded: encoded) }
        encoded[0] = 2
        #expect(throws: CryptoError.containerVersion(2)) { try EncryptedIdentityKey(encoded: encoded) }
    }

    @Test(
        "opens with no other passphrase",
        arguments: ["", "correct", "correct horse ", "Correct horse", "correct\0horse"]
    )
    func otherPassphrases(text: String) throws {
        let encrypted = try encrypt(passphrase: Sample.passphrase)
        #expect(throws: CryptoError.passphrase) { try encrypted.open(Array(text.utf8)) }
    }

    @Test("is not made with an empty passphrase")
    func empty() {
        #expect(throws: CryptoError.emptyPassphrase) { try encrypt(passphrase: []) }
    }

    @Test("does not open without the commitment to its key, though the ciphertext would")
    func commitment() throws {
        // As for a text that is made to open under two passphrases: its ciphertext fits both, its commitment one at most.
        let genuine = Container.make(commitment: nil, identity: try Sample.identityKey().identity)
        #expect(
            try EncryptedIdentityKey(encoded: genuine).open(Sample.passphrase).identity == Sample.identityKey().identity
        )
        let forged = Container.make(
            commitment: [UInt8](repeating: 0, count: 32),
            identity: try Sample.identityKey().identity
        )
        #expect(throws: CryptoError.passphrase) { try EncryptedIdentityKey(encoded: forged).open(Sample.passphrase) }
    }

    @Test("does not open where the public half in the clear is another key's")
    func otherIdentity() throws {
        let encoded = Container.make(commitment: nil, identity: IdentityKey().identity)
        #expect(throws: CryptoError.container) { try EncryptedIdentityKey(encoded: encoded).open(Sample.passphrase) }
    }

    private func encrypt(
        passphrase: [UInt8],
        cost: PassphraseCost? = nil
    ) throws -> EncryptedIdentityKey {
        let cost = try cost ?? PassphraseCost(passCount: 1, memoryKibibytes: 8)
        return try EncryptedIdentityKey(Sample.identityKey(), passphrase: SecretBytes(passphrase), cost: cost)
    }
}

/// The format, written with libsodium alone.
private enum Container {
    static func derive(_ passphrase: [UInt8], salt: [UInt8]) -> [UInt8] {
        var derived = [UInt8](repeating: 0, count: 64)
        let characters = passphrase.map { CChar(bitPattern: $0) }
        let status = unsafe crypto_pwhash(&derived, 64, characters, UInt64(passphrase.count), salt, 1, 8192, 2)
        precondition(status == 0)
        return derived
    }

    /// A container for the sample's key: `commitment` replaces the one that is right.
    static func make(commitment: [UInt8]?, identity: Identity) -> [UInt8] {
        _ = sodium_init()
        let (salt, nonce) = ([UInt8](repeating: 3, count: 16), [UInt8](repeating: 4, count: 24))
        let derived = derive(Sample.passphrase, salt: salt)
        let header =
            [1, 1, 0, 0, 0, 1, 0, 0, 0, 8] + salt + nonce + (commitment ?? Array(derived[32...])) + identity.encoded
        var sealed = [UInt8](repeating: 0, count: 81)
        _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed,
            nil,
            Sample.encodedKey,
            65,
            header,
            UInt64(header.count),
            nil,
            nonce,
            derived
        )
        return header + sealed
    }
}

extension EncryptedIdentityKey {
    fileprivate init(encoded: [UInt8]) throws(CryptoError) { try self.init(encoded: encoded.span) }

    fileprivate func open(_ passphrase: [UInt8]) throws(CryptoError) -> IdentityKey {
        try open(SecretBytes(passphrase))
    }
}
