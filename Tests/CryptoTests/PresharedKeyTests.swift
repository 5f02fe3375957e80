import Crypto
import TestSupport
import Testing

@Suite("Preshared keys")
struct PresharedKeyTests {
    private let root: PresharedKeyRoot
    private let one: PublicKey
    private let other: PublicKey

    init() throws {
        root = try PresharedKeyRoot(SecretBytes([UInt8](64..<96)))
        one = try PrivateKey(SecretBytes([UInt8](32..<64))).publicKey
        other = try PrivateKey(SecretBytes([UInt8](96..<128))).publicKey
    }

    // hashlib.blake2b(one + other, digest_size=32, key=root, salt=salt, person=b"wgseal.preshared") of Python; `one` is
    // the smaller.
    @Test(
        "are BLAKE2b of the two public keys under the root",
        arguments: [
            ("808182838485868788898a8b8c8d8e8f", "1e90e0e5e37e6af5f43168c2bf6f50a62dfa51a9059289e9df94cad641746cd5"),
            ("00000000000000000000000000000000", "a600205c4ec794fef9aac4007e077509fceecab0b61bfa14bece9b51f0ea7c81"),
        ]
    )
    func areKnown(salt: String, expected: String) throws {
        let salt = try #require(Salt(salt))
        #expect(root.presharedKey(between: one, and: other, salt: salt).withBytes(array) == [UInt8](hex: expected))
    }

    @Test("are the same from both ends")
    func areSymmetric() {
        let salt = Salt()
        #expect(
            root.presharedKey(between: one, and: other, salt: salt).withBytes(array)
                == root.presharedKey(between: other, and: one, salt: salt).withBytes(array)
        )
    }

    @Test("change with either peer, the salt and the root")
    func changeWithEverything() throws {
        let salt = Salt()
        let third = PrivateKey().publicKey
        let keys = [
            root.presharedKey(between: one, and: other, salt: salt),
            root.presharedKey(between: one, and: third, salt: salt),
            root.presharedKey(between: third, and: other, salt: salt),
            root.presharedKey(between: one, and: other, salt: Salt()),
            PresharedKeyRoot().presharedKey(between: one, and: other, salt: salt),
        ]
        #expect(Set(keys.map { $0.withBytes(array) }).count == keys.count)
    }

    // Locked memory of its own would take four of the 65,530 mappings that the kernel grants a process.
    @Test("hold no memory of their own, so there can be more of them than of locked blocks")
    func manyAtOnce() {
        let salt = Salt()
        let keys = (0..<20_000).map { _ in root.presharedKey(between: one, and: other, salt: salt) }
        #expect(keys[0].withBytes(array) == keys[19_999].withBytes(array))
    }

    @Test("have 32 bytes that are not all zero, and so has their root")
    func refuseOthers() {
        #expect(throws: CryptoError.length(expected: 32, actual: 31)) {
            try PresharedKey(SecretBytes.random(count: 31))
        }
        #expect(throws: CryptoError.zeroKey) { try PresharedKey(SecretBytes(count: 32)) }
        #expect(throws: CryptoError.length(expected: 32, actual: 33)) {
            try PresharedKeyRoot(SecretBytes.random(count: 33))
        }
        #expect(throws: CryptoError.zeroKey) { try PresharedKeyRoot(SecretBytes(count: 32)) }
    }

    @Test("lend what they took over, and so does their root")
    func lend() throws {
        #expect(try PresharedKey(SecretBytes([UInt8](1...32))).withBytes(array) == [UInt8](1...32))
        #expect(root.withBytes(array) == [UInt8](64..<96))
    }
}

@Suite("Salt")
struct SaltTests {
    @Test("has 16 bytes, fresh each time")
    func isFresh() {
        #expect(Salt().bytes.count == 16)
        #expect(Salt() != Salt())
    }

    @Test("reads what it writes")
    func roundTrip() {
        let salt = Salt()
        #expect(Salt(salt.description) == salt)
        #expect(Salt("000102030405060708090a0b0c0d0eff")?.bytes == Array(0..<15) + [255])
    }

    @Test(
        "is 32 lower-case hexadecimal digits and nothing else",
        arguments: [
            "", "000102030405060708090a0b0c0d0e", "000102030405060708090a0b0c0d0e0f00",
            "000102030405060708090A0B0C0D0E0F",
            "+00102030405060708090a0b0c0d0e0f", "-0000000000000000000000000000000", " 00102030405060708090a0b0c0d0e0f",
            "g00102030405060708090a0b0c0d0e0f",
        ]
    )
    func refusesOtherText(text: String) {
        #expect(Salt(text) == nil)
    }
}
