internal import CSodium

/// The secret half of an identity: one seed for signing and sealing, and the WireGuard private key.
///
/// The WireGuard key is independent of the seed, so that one made by `wg genkey` can be taken over.
package final class IdentityKey: Sendable {
    /// The public half.
    package let identity: Identity
    /// The key of the host's WireGuard interfaces.
    package let wireGuardKey: PrivateKey

    private let seed: SecretBytes
    private let signingKey: SecretBytes
    /// What opens bundles that are sealed to ``identity``, and can do nothing else.
    package let openingKey: OpeningKey

    /// The length of what ``withEncoded(_:)`` lends: type, seed, WireGuard private key.
    package static let encodedByteCount = 65

    /// Makes a fresh identity, whose WireGuard key may be one that its peers know already.
    package convenience init(wireGuardKey: PrivateKey = PrivateKey()) {
        self.init(seed: SecretBytes.random(count: 32), wireGuardKey: wireGuardKey)
    }

    private init(seed: consuming SecretBytes, wireGuardKey: PrivateKey) {
        var signingKey = SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES))
        var openingKey = SecretBytes(count: Int(crypto_box_SECRETKEYBYTES))
        let verificationKey = unsafe Bytes32(filledBy: { publicKey in
            Self.deriveSubkey(1, of: seed).withBytes { subseed in
                unsafe subseed.withPointer { subseed in
                    unsafe signingKey.withMutablePointer { secretKey in
                        _ = unsafe crypto_sign_seed_keypair(publicKey, secretKey, subseed)
                    }
                }
            }
        })
        let sealingKey = unsafe Bytes32(filledBy: { publicKey in
            Self.deriveSubkey(2, of: seed).withBytes { subseed in
                unsafe subseed.withPointer { subseed in
                    unsafe openingKey.withMutablePointer { secretKey in
                        _ = unsafe crypto_box_seed_keypair(publicKey, secretKey, subseed)
                    }
                }
            }
        })
        identity = Identity(
            verificationKey: VerificationKey(computed: verificationKey),
            sealingKey: SealingKey(computed: sealingKey),
            wireGuardKey: wireGuardKey.publicKey
        )
        self.wireGuardKey = wireGuardKey
        self.seed = seed
        self.signingKey = signingKey
        self.openingKey = OpeningKey(openingKey, of: identity)
    }

    /// One of the seed's two subkeys: 1 signs, 2 opens (`crypto_kdf_derive_from_key`, context `wgsealid`).
    private static func deriveSubkey(_ number: UInt64, of seed: borrowing SecretBytes) -> SecretBytes {
        var subkey = SecretBytes(count: 32)
        unsafe subkey.withMutablePointer { subkey in
            unsafe seed.withPointer { seed in
                _ = unsafe crypto_kdf_derive_from_key(subkey, 32, number, "wgsealid", seed)
            }
        }
        return subkey
    }

    /// Reads type, seed and WireGuard private key.
    ///
    /// - Throws: ``CryptoError/length(expected:actual:)``, ``CryptoError/identityType(_:)``, or
    ///   ``CryptoError/zeroKey``.
    package convenience init(encoded bytes: Span<UInt8>) throws(CryptoError) {
        guard bytes.count == Self.encodedByteCount else {
            throw .length(expected: Self.encodedByteCount, actual: bytes.count)
        }
        guard bytes[0] == Identity.type else { throw .identityType(bytes[0]) }
        let wireGuardKey = try PrivateKey(SecretBytes(copying: bytes.extracting(33..<65)))
        self.init(seed: SecretBytes(copying: bytes.extracting(1..<33)), wireGuardKey: wireGuardKey)
    }

    /// Lends type, seed and WireGuard private key, to store them.
    package func withEncoded<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var encoded = SecretBytes(count: Self.encodedByteCount)
        encoded.withMutableBytes { target in
            target[0] = Identity.type
            seed.withBytes { source in for index in 0..<32 { target[1 + index] = source[index] } }
            wireGuardKey.withBytes { source in for index in 0..<32 { target[33 + index] = source[index] } }
        }
        return try encoded.withBytes(body)
    }

    /// Signs a message that starts with its domain string (`crypto_sign_detached`).
    ///
    /// - Returns: 64 bytes.
    package func sign(_ message: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](count: Int(crypto_sign_BYTES)) { signature in
            unsafe message.withPointer { bytes in
                unsafe signingKey.withPointer { key in
                    _ = unsafe crypto_sign_detached(signature, nil, bytes, UInt64(message.count), key)
                }
            }
        }
    }
}
