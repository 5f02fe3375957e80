import CSodium
import Crypto
import TestSupport
import Testing

@Suite("Signatures")
struct SignatureTests {
    private let key: IdentityKey
    private let verificationKey: VerificationKey

    init() throws {
        key = try Sample.identityKey()
        verificationKey = key.identity.verificationKey
    }

    @Test("are those of RFC 8032")
    func areKnown() throws {
        #expect(key.sign(Sample.message) == Sample.signature)
        try verificationKey.verify(Sample.signature, of: Sample.message)
    }

    @Test("cover messages of any length", arguments: [0, 1, 61_440])
    func coverAnyLength(count: Int) throws {
        let message = [UInt8](repeating: 7, count: count)
        try verificationKey.verify(key.sign(message), of: message)
    }

    @Test("fail with any bit of the signature changed", arguments: 0..<512)
    func noticeChangedSignature(bit: Int) {
        #expect(throws: CryptoError.signature) {
            try verificationKey.verify(Sample.signature.flipping(bit: bit), of: Sample.message)
        }
    }

    @Test("fail with any bit of the message changed", arguments: 0..<8 * Sample.message.count)
    func noticeChangedMessage(bit: Int) {
        #expect(throws: CryptoError.signature) {
            try verificationKey.verify(Sample.signature, of: Sample.message.flipping(bit: bit))
        }
    }

    @Test("fail with any bit of the key changed", arguments: 0..<256)
    func noticeChangedKey(bit: Int) throws {
        let bytes = try bytes32(Sample.verificationKey.flipping(bit: bit))
        let error = #expect(throws: CryptoError.self) {
            try VerificationKey(bytes).verify(Sample.signature, of: Sample.message)
        }
        #expect(error == .signature || error == .weakKey(.signing))
    }

    @Test("fail for a message cut short or grown")
    func noticeOtherLengthOfMessage() {
        for message in [Sample.message.dropLast(), Sample.message + [0]] {
            #expect(throws: CryptoError.signature) {
                try verificationKey.verify(Sample.signature, of: Array(message))
            }
        }
    }

    @Test("have one length", arguments: [0, 1, 63, 65, 128])
    func haveOneLength(count: Int) {
        let signature = (Sample.signature + Sample.signature).prefix(count)
        #expect(throws: CryptoError.signature) {
            try verificationKey.verify(Array(signature), of: Sample.message)
        }
    }

    @Test("have one spelling: S with the group's order added is refused", arguments: 1...15)
    func refuseMalleation(multiple: Int) {
        // 15 times the order is the most that the 32 bytes of S have room for.
        let malleated = (0..<multiple).reduce(Sample.signature) { signature, _ in addingOrder(toScalarOf: signature) }
        #expect(malleated != Sample.signature)
        #expect(throws: CryptoError.signature) {
            try verificationKey.verify(malleated, of: Sample.message)
        }
    }

    /// Adds 2^252 + 27742317777372353535851937790883648493, little-endian, to the signature's second half.
    private func addingOrder(toScalarOf signature: [UInt8]) -> [UInt8] {
        let order = [UInt8](hex: "edd3f55c1a631258d69cf7a2def9de14 00000000000000000000000000000010")
        var sum = signature
        var carry = 0
        for index in 0..<32 {
            carry += Int(signature[32 + index]) + Int(order[index])
            sum[32 + index] = UInt8(carry & 0xff)
            carry >>= 8
        }
        precondition(carry == 0)
        return sum
    }
}

@Suite("Verification keys")
struct VerificationKeyTests {
    /// The multiples of a point of order 8, the neutral element last.
    static let torsion: [[UInt8]] = {
        let generator = [UInt8](hex: "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
        return (1..<8).reduce(into: [generator]) { points, _ in points.append(sum(points[points.count - 1], generator))
        }
    }()

    @Test("of low order are refused", arguments: torsion)
    func refuseLowOrder(point: [UInt8]) throws {
        let bytes = try bytes32(point)
        #expect(throws: CryptoError.weakKey(.signing)) { try VerificationKey(bytes) }
    }

    // Needs libsodium 1.0.21, or a distribution's fix of CVE-2025-69277: before it, the point of order 2 slipped through.
    @Test("with a part of low order are refused", arguments: torsion.dropLast())
    func refuseMixedOrder(point: [UInt8]) throws {
        let bytes = try bytes32(Self.sum(Sample.verificationKey, point))
        #expect(throws: CryptoError.weakKey(.signing)) { try VerificationKey(bytes) }
    }

    @Test(
        "in another spelling are refused",
        arguments: [
            "0100000000000000000000000000000000000000000000000000000000000080",  // x = 0 with a sign
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",  // y = -1, x = 0 with a sign
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y = p
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y = p + 1
            "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y = p + 3
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",  // y = 2^255 - 1
        ]
    )
    func refuseNonCanonical(point: String) throws {
        let bytes = try bytes32([UInt8](hex: point))
        #expect(throws: CryptoError.weakKey(.signing)) { try VerificationKey(bytes) }
    }

    @Test("that are no point at all are refused: y = 2 has no x")
    func refuseNoPoint() throws {
        let bytes = try bytes32([2] + [UInt8](repeating: 0, count: 31))
        #expect(throws: CryptoError.weakKey(.signing)) { try VerificationKey(bytes) }
    }

    @Test("that a seed makes are taken")
    func acceptGenuine() throws {
        for _ in 0..<50 {
            let key = IdentityKey().identity.verificationKey
            #expect(try VerificationKey(key.rawValue) == key)
        }
    }

    private static func sum(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 32)
        let status = unsafe crypto_core_ed25519_add(&output, one, other)
        precondition(status == 0)
        return output
    }
}
