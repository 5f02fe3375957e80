internal import CSodium

/// An identity key under a passphrase, with its public half in the clear.
///
/// In ``encoded``, with big-endian integers: version 1 (1 byte), key derivation 1 (1), passes (4), memory in KiB (4),
/// salt (16), nonce (24), commitment (32), the public half as ``Identity/encoded`` (100); then the encrypted
/// ``IdentityKey/withEncoded(_:)`` (65) and its tag (16). The tag covers all that stands before.
///
/// Argon2id makes 64 bytes of the passphrase: the key of XChaCha20-Poly1305, and the commitment. Without the latter
/// one text could be made that opens with any of many passphrases, to find out which of them somebody uses.
package struct EncryptedIdentityKey: Hashable, Sendable {
    /// The public half; what ``encoded`` says of it is known to be true once it was opened.
    package let identity: Identity
    /// What is stored.
    package let encoded: [UInt8]
    private let cost: PassphraseCost

    /// The length of ``encoded``, in bytes.
    package static let encodedByteCount = headerByteCount + IdentityKey.encodedByteCount + tagByteCount

    private static let version: UInt8 = 1
    private static let keyDerivation: UInt8 = 1
    private static let salt = 10..<26
    private static let nonce = 26..<50
    private static let commitment = 50..<82
    private static let identity = 82..<182
    private static let headerByteCount = 182
    private static let tagByteCount = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)
    private static let keyByteCount = Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)

    /// Encrypts a key with a fresh salt and nonce (`crypto_aead_xchacha20poly1305_ietf_encrypt`).
    ///
    /// - Throws: ``CryptoError/emptyPassphrase``, ``CryptoError/outOfMemory(kibibytes:)``.
    package init(
        _ key: IdentityKey,
        passphrase: borrowing SecretBytes,
        cost: PassphraseCost = .standard
    ) throws(CryptoError) {
        guard passphrase.count > 0 else { throw .emptyPassphrase }
        let salt = Salt().bytes
        let derived = try cost.derive(
            byteCount: Self.keyByteCount + Self.commitment.count,
            from: passphrase,
            salt: salt
        )
        let nonce = unsafe [UInt8](count: Self.nonce.count) { unsafe randombytes_buf($0, Self.nonce.count) }
        let commitment = derived.withBytes { bytes in
            (0..<Self.commitment.count).map { bytes[Self.keyByteCount + $0] }
        }
        let header =
            [Self.version, Self.keyDerivation] + cost.passCount.bigEndianBytes + cost.memoryKibibytes.bigEndianBytes
            + salt + nonce + commitment + key.identity.encoded
        let sealed = key.withEncoded { secret in
            unsafe [UInt8](count: IdentityKey.encodedByteCount + Self.tagByteCount) { output in
                unsafe secret.withPointer { secret in
                    unsafe derived.withPointer { key in
                        _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                            output,
                            nil,
                            secret,
                            UInt64(IdentityKey.encodedByteCount),
                            header,
                            UInt64(header.count),
                            nil,
                            nonce,
                            key
                        )
                    }
                }
            }
        }
        identity = key.identity
        encoded = header + sealed
        self.cost = cost
    }

    /// Reads ``encoded``, without a passphrase.
    ///
    /// - Throws: ``CryptoError/length(expected:actual:)``, ``CryptoError/containerVersion(_:)``,
    ///   ``CryptoError/keyDerivation(_:)``, ``CryptoError/passphraseCost(passCount:memoryKibibytes:)``, or what
    ///   ``Identity`` refuses.
    package init(encoded bytes: Span<UInt8>) throws(CryptoError) {
        guard bytes.count == Self.encodedByteCount else {
            throw .length(expected: Self.encodedByteCount, actual: bytes.count)
        }
        guard bytes[0] == Self.version else { throw .containerVersion(bytes[0]) }
        guard bytes[1] == Self.keyDerivation else { throw .keyDerivation(bytes[1]) }
        cost = try PassphraseCost(
            passCount: UInt32(bigEndian: bytes.extracting(2..<6)),
            memoryKibibytes: UInt32(bigEndian: bytes.extracting(6..<10))
        )
        identity = try Identity(encoded: bytes.extracting(Self.identity))
        encoded = bytes.indices.map { bytes[$0] }
    }

    /// Decrypts the key (`crypto_aead_xchacha20poly1305_ietf_decrypt`).
    ///
    /// - Throws: ``CryptoError/passphrase`` if the passphrase is another one, ``CryptoError/container`` if the text was
    ///   changed, ``CryptoError/outOfMemory(kibibytes:)``.
    package func open(_ passphrase: borrowing SecretBytes) throws(CryptoError) -> IdentityKey {
        let derived = try cost.derive(
            byteCount: Self.keyByteCount + Self.commitment.count,
            from: passphrase,
            salt: Array(encoded[Self.salt])
        )
        let commitment = Array(encoded[Self.commitment])
        let isCommitted = unsafe derived.withPointer { bytes in
            unsafe sodium_memcmp(bytes + Self.keyByteCount, commitment, commitment.count) == 0
        }
        guard isCommitted else { throw .passphrase }
        var secret = SecretBytes(count: IdentityKey.encodedByteCount)
        let header = Array(encoded[..<Self.headerByteCount])
        let sealed = Array(encoded[Self.headerByteCount...])
        let nonce = Array(encoded[Self.nonce])
        let status = unsafe secret.withMutablePointer { output in
            unsafe derived.withPointer { key in
                unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
                    output,
                    nil,
                    nil,
                    sealed,
                    UInt64(sealed.count),
                    header,
                    UInt64(header.count),
                    nonce,
                    key
                )
            }
        }
        guard status == 0 else { throw .container }
        let key = try secret.withBytes { (bytes) throws(CryptoError) in try IdentityKey(encoded: bytes) }
        guard key.identity == identity else { throw .container }
        return key
    }
}

extension UInt32 {
    fileprivate var bigEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> UInt32(24 - 8 * $0)) } }

    /// Reads exactly four bytes.
    fileprivate init(bigEndian bytes: Span<UInt8>) {
        self = bytes.indices.reduce(0) { $0 << 8 | UInt32(bytes[$1]) }
    }
}
