internal import CSodium

/// The part of an identity key that opens what is sealed to the identity.
///
/// It can go where the whole key should not: whoever has it can neither sign nor bring up a tunnel.
package final class OpeningKey: Sendable {
    /// Whose key it is.
    package let identity: Identity
    private let secret: SecretBytes

    /// The length of what ``withEncoded(_:)`` lends: the encoded identity and the X25519 secret key.
    package static let encodedByteCount = Identity.encodedByteCount + 32

    init(_ secret: consuming SecretBytes, of identity: Identity) {
        self.identity = identity
        self.secret = secret
    }

    /// Reads identity and secret key.
    ///
    /// - Throws: ``CryptoError/length(expected:actual:)``, or what is wrong with the identity.
    package convenience init(encoded bytes: Span<UInt8>) throws(CryptoError) {
        guard bytes.count == Self.encodedByteCount else {
            throw .length(expected: Self.encodedByteCount, actual: bytes.count)
        }
        let identity = try Identity(encoded: bytes.extracting(first: Identity.encodedByteCount))
        self.init(SecretBytes(copying: bytes.extracting(Identity.encodedByteCount...)), of: identity)
    }

    /// Lends identity and secret key, to hand them to another process.
    package func withEncoded<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var encoded = SecretWriter()
        encoded.append(identity.encoded)
        secret.withBytes { encoded.append($0) }
        return try encoded.withBytes(body)
    }

    /// Opens what was sealed to the identity (`crypto_box_seal_open`).
    ///
    /// - Returns: The plaintext.
    /// - Throws: ``CryptoError/notForThisKey``, also for something shorter than its overhead.
    package func open(_ sealed: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        guard sealed.count >= SealingKey.overheadByteCount else { throw .notForThisKey }
        Sodium.initialize()
        var plaintext = SecretBytes(count: sealed.count - SealingKey.overheadByteCount)
        let publicKey = identity.sealingKey.rawValue.bytes
        let status = unsafe plaintext.withMutablePointer { plaintext in
            unsafe secret.withPointer { key in
                unsafe sealed.withPointer { bytes in
                    unsafe crypto_box_seal_open(plaintext, bytes, UInt64(sealed.count), publicKey, key)
                }
            }
        }
        guard status == 0 else { throw .notForThisKey }
        return plaintext
    }
}
