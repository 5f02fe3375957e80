internal import CSodium

/// The X25519 public key of a WireGuard interface or peer.
package struct PublicKey: Hashable, Comparable, Sendable {
    /// The 32 bytes, little-endian as in RFC 7748.
    package let rawValue: Bytes32

    /// Refuses encodings that name no usable point.
    ///
    /// - Throws: ``CryptoError/weakKey(_:)`` for a non-canonical encoding or a point of low order.
    package init(_ bytes: Bytes32) throws(CryptoError) {
        guard Curve25519.isUsable(bytes) else { throw .weakKey(.wireGuard) }
        rawValue = bytes
    }

    /// Reads the 44 characters that `wg pubkey` prints.
    ///
    /// - Throws: ``CryptoError/encoding``, or ``CryptoError/weakKey(_:)``.
    package init(base64 text: String) throws(CryptoError) {
        try self.init(KeyEncoding.bytes32(base64: text))
    }

    /// The key that the secret half of a pair just computed; it is canonical by construction.
    init(computed bytes: Bytes32) { rawValue = bytes }

    /// The 44 characters of standard base64 that every WireGuard tool shows.
    package var base64: String { KeyEncoding.base64(rawValue) }

    package static func < (left: PublicKey, right: PublicKey) -> Bool { left.rawValue < right.rawValue }
}

/// The X25519 public key that bundles are sealed to.
package struct SealingKey: Hashable, Sendable {
    /// The 32 bytes, little-endian as in RFC 7748.
    package let rawValue: Bytes32

    /// Refuses encodings that name no usable point.
    ///
    /// - Throws: ``CryptoError/weakKey(_:)`` for a non-canonical encoding or a point of low order.
    package init(_ bytes: Bytes32) throws(CryptoError) {
        guard Curve25519.isUsable(bytes) else { throw .weakKey(.sealing) }
        rawValue = bytes
    }

    /// The key that the secret half of a pair just computed.
    init(computed bytes: Bytes32) { rawValue = bytes }

    /// What sealing adds: an ephemeral public key and a tag, 48 bytes (`crypto_box_SEALBYTES`, a macro that Swift does
    /// not import).
    package static let overheadByteCount = 48

    /// Encrypts to the owner of this key, anonymously (`crypto_box_seal`).
    ///
    /// - Parameter plaintext: Any length.
    /// - Returns: Ephemeral key, tag, ciphertext: ``overheadByteCount`` more than the plaintext.
    package func seal(_ plaintext: Span<UInt8>) -> [UInt8] {
        Sodium.initialize()
        let key = rawValue.bytes
        return unsafe [UInt8](count: plaintext.count + Self.overheadByteCount) { output in
            let status = unsafe plaintext.withPointer { message in
                unsafe crypto_box_seal(output, message, UInt64(plaintext.count), key)
            }
            // It fails for keys of low order alone, and those cannot be in a `SealingKey`.
            precondition(status == 0)
        }
    }
}

/// The Ed25519 public key that checks signatures.
package struct VerificationKey: Hashable, Sendable {
    /// The 32 bytes of RFC 8032.
    package let rawValue: Bytes32

    /// Refuses encodings that name no usable point.
    ///
    /// - Throws: ``CryptoError/weakKey(_:)`` for a point that is not canonical, of low order, or off the main subgroup
    ///   (`crypto_core_ed25519_is_valid_point`).
    package init(_ bytes: Bytes32) throws(CryptoError) {
        Sodium.initialize()
        guard unsafe crypto_core_ed25519_is_valid_point(bytes.bytes) == 1 else { throw .weakKey(.signing) }
        rawValue = bytes
    }

    /// The key that the secret half of a pair just computed.
    init(computed bytes: Bytes32) { rawValue = bytes }

    /// A key that was checked when this host met it first.
    init(recorded bytes: Bytes32) { rawValue = bytes }

    /// Checks a detached signature (`crypto_sign_verify_detached`).
    ///
    /// - Parameters:
    ///   - signature: 64 bytes.
    ///   - message: What was signed, with its domain string.
    /// - Throws: ``CryptoError/signature``, also for a signature of another length.
    package func verify(_ signature: Span<UInt8>, of message: Span<UInt8>) throws(CryptoError) {
        Sodium.initialize()
        guard signature.count == 64 else { throw .signature }
        let key = rawValue.bytes
        let status = unsafe signature.withPointer { signature in
            unsafe message.withPointer { bytes in
                unsafe crypto_sign_verify_detached(signature, bytes, UInt64(message.count), key)
            }
        }
        guard status == 0 else { throw .signature }
    }
}

/// Checks of X25519 public keys that libsodium leaves to the moment of use.
private enum Curve25519 {
    /// The canonical encodings of every point whose order divides 8.
    ///
    /// The shared secret with such a key is all zero, whatever the other half (RFC 7748, section 6.1). The tests hold
    /// this list against `crypto_scalarmult`.
    static let lowOrder: [[UInt8]] = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [
            0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
            0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
        ],
        [
            0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
            0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
        ],
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
    ]

    static let unusable: Set<Bytes32> = Set(lowOrder.compactMap { Bytes32($0.span) })

    /// Tells whether the bytes are below 2^255 - 19, little-endian, and not one of the points of low order.
    static func isUsable(_ key: Bytes32) -> Bool {
        guard key[31] & 0x80 == 0 else { return false }
        let isBelowPrime = key[31] != 0x7f || (1..<31).contains { key[$0] != 0xff } || key[0] < 0xed
        return isBelowPrime && !unusable.contains(key)
    }
}
