internal import CSodium

/// The X25519 private key of a WireGuard interface.
package final class PrivateKey: Sendable {
    private let secret: SecretBytes

    /// The public half (`crypto_scalarmult_base`).
    package let publicKey: PublicKey

    /// Makes a fresh key, clamped as `wg genkey` does.
    package init() {
        var secret = SecretBytes.random(count: 32)
        secret.withMutableBytes { bytes in
            bytes[0] &= 248
            bytes[31] = bytes[31] & 127 | 64
        }
        publicKey = Self.derivePublicKey(from: secret)
        self.secret = secret
    }

    /// Takes over 32 bytes, for instance those of a key file.
    ///
    /// - Throws: ``CryptoError/length(expected:actual:)``, or ``CryptoError/zeroKey``.
    package init(_ bytes: consuming SecretBytes) throws(CryptoError) {
        guard bytes.count == 32 else { throw .length(expected: 32, actual: bytes.count) }
        guard bytes.withBytes({ span in span.indices.contains { span[$0] != 0 } }) else { throw .zeroKey }
        publicKey = Self.derivePublicKey(from: bytes)
        secret = bytes
    }

    private static func derivePublicKey(from secret: borrowing SecretBytes) -> PublicKey {
        unsafe PublicKey(
            computed: Bytes32(filledBy: { output in
                unsafe secret.withPointer { scalar in _ = unsafe crypto_scalarmult_base(output, scalar) }
            })
        )
    }

    /// Lends the 32 bytes.
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withBytes(body)
    }
}
