import CSodium
import Crypto
import TestSupport
import Testing

@Suite("X25519 public keys")
struct X25519KeyTests {
    // 2^255 - 19, little-endian.
    private static let prime: [UInt8] = [0xed] + [UInt8](repeating: 0xff, count: 30) + [0x7f]

    /// The u-coordinates of the points of order 1, 2, 4 and 8, on the curve and its twist (RFC 7748, section 7; the two of
    /// order 8 as `https://cr.yp.to/ecdh.html` prints them).
    private static let lowOrder: [[UInt8]] = [
        little(0), little(1), less(prime, by: 1),
        [UInt8](hex: "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        [UInt8](hex: "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    ]

    /// Every 256-bit number that names one of these points: as it is, plus the prime where there is room, and with the
    /// highest bit set, which RFC 7748 ignores.
    static let aliases: [[UInt8]] = (lowOrder + [prime, more(prime, by: 1)]).flatMap { [$0, $0.flipping(bit: 255)] }

    @Test("of low order are refused, in all their spellings", arguments: aliases)
    func refusesLowOrder(encoding: [UInt8]) throws {
        #expect(Self.sharedSecret(with: encoding) == nil, "the list has a point that is not of low order")
        let bytes = try bytes32(encoding)
        #expect(throws: CryptoError.weakKey(.wireGuard)) { try PublicKey(bytes) }
        #expect(throws: CryptoError.weakKey(.sealing)) { try SealingKey(bytes) }
    }

    @Test("at or above the prime are refused, though they would work", arguments: 0..<19)
    func refusesNonCanonical(excess: UInt8) throws {
        let encoding = Self.more(Self.prime, by: excess)
        // p and p + 1 are 0 and 1, of low order.
        #expect((Self.sharedSecret(with: encoding) == nil) == (excess < 2))
        let bytes = try bytes32(encoding)
        #expect(throws: CryptoError.weakKey(.wireGuard)) { try PublicKey(bytes) }
        #expect(throws: CryptoError.weakKey(.sealing)) { try SealingKey(bytes) }
    }

    @Test("with the highest bit set are refused, though they would work")
    func refusesHighestBit() throws {
        var generator = SplitMix64(seed: 255)
        for _ in 0..<50 {
            let point = generator.bytes(count: 31) + [0x12]
            let alias = point.flipping(bit: 255)
            #expect(Self.sharedSecret(with: point) == Self.sharedSecret(with: alias))
            let bytes = try bytes32(alias)
            #expect(throws: CryptoError.weakKey(.wireGuard)) { try PublicKey(bytes) }
        }
    }

    @Test("that crypto_scalarmult takes in their one spelling are taken")
    func acceptsTheRest() throws {
        var generator = SplitMix64(seed: 7748)
        let nextToLowOrder = (2...40).map(Self.little) + (2...40).map { Self.less(Self.prime, by: $0) }
        let random = (0..<200).map { _ in generator.bytes(count: 31) + [generator.bytes(count: 1)[0] & 0x7f] }
        for encoding in nextToLowOrder + random {
            #expect(Self.sharedSecret(with: encoding) != nil)
            let bytes = try bytes32(encoding)
            #expect(try PublicKey(bytes).rawValue == bytes)
            #expect(try SealingKey(bytes).rawValue == bytes)
        }
    }

    @Test("are what wg pubkey makes of the private key")
    func derivesAsWireGuard() throws {
        // The bytes 32 to 63; also what plain Python makes of them by RFC 7748.
        let key = try PrivateKey(
            KeyEncoding.secretBytes(base64: Array("ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=".utf8).span)
        )
        #expect(key.publicKey.base64 == "NYBy1jZYgNGu6jKa35EhODhR7SGijjt16WXQ0s0WYlQ=")
    }

    @Test("read what they print")
    func readBase64() throws {
        let key = PrivateKey().publicKey
        #expect(try PublicKey(base64: key.base64) == key)
        #expect(key.base64.utf8.count == 44)
    }

    @Test("of the same secret are the same, and ordered as their bytes are")
    func order() throws {
        let keys = try (1...20).map { byte in
            try PrivateKey(SecretBytes([UInt8](repeating: byte, count: 32))).publicKey
        }
        let sorted = keys.sorted().map(\.rawValue.bytes)
        #expect(sorted == keys.map(\.rawValue.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    }

    private static func sharedSecret(with point: [UInt8]) -> [UInt8]? {
        let scalar = [UInt8](1...32)
        var output = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_scalarmult(&output, scalar, point) == 0 ? output : nil
    }

    private static func little(_ number: UInt8) -> [UInt8] { [number] + [UInt8](repeating: 0, count: 31) }

    private static func less(_ number: [UInt8], by small: UInt8) -> [UInt8] {
        var difference = number
        difference[0] -= small
        return difference
    }

    private static func more(_ number: [UInt8], by small: UInt8) -> [UInt8] {
        var sum = number
        sum[0] += small
        return sum
    }
}
