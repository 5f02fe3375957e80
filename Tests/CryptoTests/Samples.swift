import Crypto
import TestSupport

/// An identity of a fixed seed, and what it must come to.
///
/// Made without libsodium: `hashlib.blake2b` of Python (`key`, `salt` = number of the subkey, `person` = context) stands for
/// `crypto_kdf_derive_from_key`; the reference code of RFC 8032 and RFC 7748 in plain Python made keys and signature, with
/// the first half of SHA-512 of the subkey as private key, as `crypto_sign_seed_keypair` and `crypto_box_seed_keypair`.
enum Sample {
    static let encodedKey: [UInt8] = [1] + Array(0..<64)
    static let verificationKey = [UInt8](hex: "4959e124c86dc9f1f065db5125c4fd4c8c5d9f1dfe10a7ddb4aaad83f7bd0bc5")
    static let sealingKey = [UInt8](hex: "eaf88f200487429c9ca4eed1cd9b9be476f1ab0f49f4579fad6c8279550ccc1a")
    static let wireGuardKey = [UInt8](hex: "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254")
    static let message = Array("wgseal/test\0message".utf8)
    static let signature = [UInt8](
        hex: """
            926bf6a04dbf812b5692df8e7f9b76d94f1a36dc1c7f15c79a75fae27455e45b
            50e51f1d18d1e46379b635a3649a29cf9fa3d53e65c368dc69a5125e0dad3d02
            """
    )
    /// The message in a `crypto_box_seal` box with the ephemeral private key 144, 145 … 175: X25519, BLAKE2b, HSalsa20,
    /// XSalsa20 and Poly1305 in plain Python.
    static let sealedBox = [UInt8](
        hex: """
            9fd7ad6dcff4298dd3f96d5b1b2af910a0535b1488d7f8fabb349a982880b615
            2cfb2e8744ee510d1a41589cbf7444c556df9175ace67e8ddaefa46ff1371266
            db4626
            """
    )
    /// `hashlib.blake2b(b"\x01" + keys, digest_size=32, person=b"wgseal.fprint.v1")`.
    static let fingerprint = [UInt8](hex: "f247c646c300a9565b4ff9283fd89e14f31b4656bd4498dd565e01fc14e3aa9b")
    static let fingerprintText = "Y93WC-HP302-MNCPT-FZ4M3-ZP4Y2"

    static let passphrase = Array("correct horse".utf8)
    /// The key under the passphrase at the lowest cost, as this release wrote it first.
    static let encryptedKey = [UInt8](
        hex: """
            01010000000100000008dbba3d5c3845e70481f3ef1956bfc08cf7412decc1c7
            e0fe282ea98ed35e75fe00fed16bd6abdc29ffc0b6b98762603b0a94496f8630
            d261be329bd17129c5d6181472e896712b0d014959e124c86dc9f1f065db5125
            c4fd4c8c5d9f1dfe10a7ddb4aaad83f7bd0bc5eaf88f200487429c9ca4eed1cd
            9b9be476f1ab0f49f4579fad6c8279550ccc1a358072d6365880d1aeea329adf
            9121383851ed21a28e3b75e965d0d2cd166254f247c63d2f436f3a55335fdb9d
            ef115a60cbfa77eff25e9f67bcf0ae4e5bed7e8cdacad348e2afa4aace301dc7
            d80d819f7aeb1af3117960aa6038dcb051357708d720d066e41600cfced69a33
            21f8ba94123067
            """
    )

    static func identityKey() throws -> IdentityKey { try IdentityKey(encoded: encodedKey.span) }
}

/// The secret's bytes, which only a test may take out of it.
func bytes(of secret: borrowing SecretBytes) -> [UInt8] { secret.withBytes(array) }

/// The value of 32 bytes; `#require` cannot look into a call that takes a span.
func bytes32(_ bytes: [UInt8]) throws -> Bytes32 {
    guard let value = Bytes32(bytes.span) else { throw CryptoError.length(expected: 32, actual: bytes.count) }
    return value
}

/// The bytes that a closure was lent.
func array(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

// A span of a global cannot leave the expression that makes it; one of an argument can.

extension SecretBytes {
    init(_ bytes: [UInt8]) { self.init(copying: bytes.span) }
}

extension IdentityKey {
    func sign(_ message: [UInt8]) -> [UInt8] { sign(message.span) }
}

extension OpeningKey {
    func open(_ sealed: [UInt8]) throws(CryptoError) -> SecretBytes { try open(sealed.span) }
}

extension VerificationKey {
    func verify(_ signature: [UInt8], of message: [UInt8]) throws(CryptoError) {
        try verify(signature.span, of: message.span)
    }
}

extension Array where Element == UInt8 {
    /// The same bytes with one bit changed.
    func flipping(bit: Int) -> [UInt8] {
        var copy = self
        copy[bit / 8] ^= 1 << UInt8(bit % 8)
        return copy
    }
}
