import Crypto
import TestSupport
import Testing

@Suite("Identity")
struct IdentityTests {
    private let encoded =
        [1] + Sample.verificationKey + Sample.sealingKey + Sample.wireGuardKey
        + Sample.fingerprint.prefix(3)

    @Test("is type, three keys and the start of the fingerprint")
    func encodes() throws {
        let identity = try Sample.identityKey().identity
        #expect(identity.encoded == encoded)
        #expect(identity.keys == Array(encoded[1..<97]))
    }

    @Test("reads what it writes")
    func roundTrip() throws {
        let identity = IdentityKey().identity
        #expect(try Identity(encoded: identity.encoded.span) == identity)
        #expect(try Identity(keys: identity.keys.span) == identity)
    }

    @Test("refuses every change of one bit", arguments: 0..<800)
    func refusesFlippedBit(bit: Int) {
        let error = #expect(throws: CryptoError.self) { try Identity(encoded: encoded.flipping(bit: bit).span) }
        switch bit / 8 {
        case 0: #expect(error == .identityType(encoded[0] ^ 1 << UInt8(bit)))
        case 1...32: #expect(error == .fingerprint || error == .weakKey(.signing))
        case 33...64: #expect(error == .fingerprint || error == .weakKey(.sealing))
        case 65...96: #expect(error == .fingerprint || error == .weakKey(.wireGuard))
        default: #expect(error == .fingerprint)
        }
    }

    @Test("has one length", arguments: [0, 1, 99, 101])
    func refusesOtherLengths(count: Int) {
        let bytes = [UInt8](repeating: 1, count: count)
        #expect(throws: CryptoError.length(expected: 100, actual: count)) { try Identity(encoded: bytes.span) }
        #expect(throws: CryptoError.length(expected: 96, actual: count)) { try Identity(keys: bytes.span) }
    }

    @Test("names the key that is weak", arguments: [(0, KeyRole.signing), (32, .sealing), (64, .wireGuard)])
    func namesWeakKey(offset: Int, role: KeyRole) {
        var keys = Array(encoded[1..<97])
        keys.replaceSubrange(offset..<offset + 32, with: [UInt8](repeating: 0, count: 32))
        #expect(throws: CryptoError.weakKey(role)) { try Identity(keys: keys.span) }
    }
}
