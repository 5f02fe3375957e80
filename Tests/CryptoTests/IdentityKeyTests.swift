import Crypto
import TestSupport
import Testing

@Suite("Identity key")
struct IdentityKeyTests {
    @Test("derives the public keys that its seed determines")
    func derivesKnownKeys() throws {
        let identity = try Sample.identityKey().identity
        #expect(identity.verificationKey.rawValue.bytes == Sample.verificationKey)
        #expect(identity.sealingKey.rawValue.bytes == Sample.sealingKey)
        #expect(identity.wireGuardKey.rawValue.bytes == Sample.wireGuardKey)
    }

    @Test("lends what it was read from")
    func roundTrip() throws {
        #expect(try Sample.identityKey().withEncoded(array) == Sample.encodedKey)
        let fresh = IdentityKey()
        let copy = try fresh.withEncoded { (encoded) throws(CryptoError) in try IdentityKey(encoded: encoded) }
        #expect(copy.identity == fresh.identity)
    }

    @Test("is fresh in all three keys each time")
    func isFresh() {
        let (one, other) = (IdentityKey().identity, IdentityKey().identity)
        #expect(one.verificationKey != other.verificationKey)
        #expect(one.sealingKey != other.sealingKey)
        #expect(one.wireGuardKey != other.wireGuardKey)
    }

    @Test("takes over a WireGuard key, and is fresh in the other two")
    func takesOver() {
        let key = PrivateKey()
        let (one, other) = (IdentityKey(wireGuardKey: key), IdentityKey(wireGuardKey: key))
        #expect(one.identity.wireGuardKey == key.publicKey && other.identity.wireGuardKey == key.publicKey)
        #expect(one.identity.verificationKey != other.identity.verificationKey)
        #expect(one.identity.sealingKey != other.identity.sealingKey)
    }

    @Test("has one length", arguments: [0, 1, 64, 66])
    func refusesOtherLengths(count: Int) {
        #expect(throws: CryptoError.length(expected: 65, actual: count)) {
            try IdentityKey(encoded: [UInt8](repeating: 1, count: count).span)
        }
    }

    @Test("has one type", arguments: [0, 2, 255] as [UInt8])
    func refusesOtherTypes(type: UInt8) {
        let encoded = [type] + Sample.encodedKey.dropFirst()
        #expect(throws: CryptoError.identityType(type)) { try IdentityKey(encoded: encoded.span) }
    }

    @Test("has a WireGuard key")
    func refusesZeroKey() {
        let encoded = Sample.encodedKey.prefix(33) + [UInt8](repeating: 0, count: 32)
        #expect(throws: CryptoError.zeroKey) { try IdentityKey(encoded: Array(encoded).span) }
    }

    // Sealed boxes.

    @Test("opens what was sealed to it", arguments: [0, 1, 384, 61_440])
    func opens(count: Int) throws {
        let key = IdentityKey()
        let plaintext = SecretBytes.random(count: count)
        let sealed = plaintext.withBytes { key.identity.sealingKey.seal($0) }
        #expect(sealed.count == count + SealingKey.overheadByteCount)
        let opened = try key.openingKey.open(sealed)
        #expect(bytes(of: opened) == bytes(of: plaintext))
    }

    @Test("opens a box that another implementation sealed")
    func opensKnownBox() throws {
        #expect(bytes(of: try Sample.identityKey().openingKey.open(Sample.sealedBox)) == Sample.message)
    }

    @Test("seals the same thing differently each time")
    func sealsAfresh() throws {
        let key = try Sample.identityKey().identity.sealingKey
        let plaintext = SecretBytes(Sample.message)
        let sealed = (0..<2).map { _ in plaintext.withBytes { key.seal($0) } }
        #expect(sealed[0] != sealed[1])
    }

    @Test("refuses a box with any bit changed")
    func refusesFlippedBit() throws {
        let key = try Sample.identityKey()
        for bit in 0..<8 * Sample.sealedBox.count {
            #expect(throws: CryptoError.notForThisKey, "bit \(bit)") {
                _ = try key.openingKey.open(Sample.sealedBox.flipping(bit: bit))
            }
        }
    }

    @Test("refuses a box cut short or grown")
    func refusesOtherLengthsOfBox() throws {
        let key = try Sample.identityKey()
        for count in 0..<Sample.sealedBox.count {
            #expect(throws: CryptoError.notForThisKey, "\(count) bytes") {
                _ = try key.openingKey.open(Array(Sample.sealedBox.prefix(count)))
            }
        }
        #expect(throws: CryptoError.notForThisKey) { _ = try key.openingKey.open((Sample.sealedBox + [0])) }
    }

    @Test("refuses what was sealed to somebody else")
    func refusesOthersBox() {
        #expect(throws: CryptoError.notForThisKey) { _ = try IdentityKey().openingKey.open(Sample.sealedBox) }
    }
}
