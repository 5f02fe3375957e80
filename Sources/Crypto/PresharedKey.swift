internal import CSodium

/// The symmetric key that two WireGuard peers mix into their handshake.
package final class PresharedKey: Sendable {
    fileprivate enum Source: ~Copyable {
        case stored(SecretBytes)
        case derived(from: PresharedKeyRoot, first: PublicKey, second: PublicKey, salt: Salt)
    }

    fileprivate let source: Source

    /// Takes over 32 bytes.
    ///
    /// - Throws: ``CryptoError/length(expected:actual:)``, or ``CryptoError/zeroKey``.
    package init(_ bytes: consuming SecretBytes) throws(CryptoError) {
        guard bytes.count == 32 else { throw .length(expected: 32, actual: bytes.count) }
        guard bytes.withBytes({ span in span.indices.contains { span[$0] != 0 } }) else { throw .zeroKey }
        source = .stored(bytes)
    }

    fileprivate init(derivedFrom root: PresharedKeyRoot, first: PublicKey, second: PublicKey, salt: Salt) {
        source = .derived(from: root, first: first, second: second, salt: salt)
    }

    /// Lends the 32 bytes.
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch source {
        case .stored(let secret): return try secret.withBytes(body)
        case .derived(let root, let first, let second, let salt):
            var derived = SecretBytes(count: 32)
            unsafe derived.withMutablePointer { unsafe root.derive(first, second, salt: salt, into: $0) }
            return try derived.withBytes(body)
        }
    }

    /// Differs where the key differs; a key has another one where it is stored than where it is derived.
    ///
    /// A derived key has the value of what it is derived from, so that to compare ten thousand needs none of them.
    package var checkValue: CheckValue {
        switch source {
        case .stored(let secret): secret.withBytes { CheckValue(of: $0, personalization: "wgseal.psk.check") }
        case .derived(let root, let first, let second, let salt):
            CheckValue(
                of: (root.checkValue + first.rawValue.bytes + second.rawValue.bytes + salt.bytes).span,
                personalization: "wgseal.psk.deriv"
            )
        }
    }
}

/// The one secret of a network, from which the preshared key of every pair of its peers is derived.
///
/// So the records of ten thousand peers hold no secret, and a process that configures them needs 32 locked bytes: the key
/// of a pair is derived each time that it is lent.
package final class PresharedKeyRoot: Sendable {
    private static let domain = Array("wgseal.preshared".utf8)

    private let secret: SecretBytes
    /// 16 bytes that differ where the root differs.
    fileprivate let checkValue: [UInt8]

    private init(secret: consuming SecretBytes) {
        checkValue = secret.withBytes { Digest.blake2b128(of: $0, personalization: "wgseal.psk.roots") }
        self.secret = secret
    }

    /// Makes a fresh root.
    package convenience init() { self.init(secret: SecretBytes.random(count: 32)) }

    /// Takes over the 32 bytes of a root that was stored.
    ///
    /// - Throws: ``CryptoError/length(expected:actual:)``, or ``CryptoError/zeroKey``, what a damaged file may hold.
    package convenience init(_ bytes: consuming SecretBytes) throws(CryptoError) {
        guard bytes.count == 32 else { throw .length(expected: 32, actual: bytes.count) }
        guard bytes.withBytes({ span in span.indices.contains { span[$0] != 0 } }) else { throw .zeroKey }
        self.init(secret: bytes)
    }

    /// Lends the 32 bytes, to store them.
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withBytes(body)
    }

    /// The preshared key of two peers: keyed BLAKE2b over both public keys, the smaller first.
    ///
    /// - Parameters:
    ///   - one: A peer; the order of the two does not matter.
    ///   - other: The other peer.
    ///   - salt: From the peer's record; a new one gives a new key.
    /// - Returns: The key, which keeps this root alive.
    package func presharedKey(between one: PublicKey, and other: PublicKey, salt: Salt) -> PresharedKey {
        PresharedKey(derivedFrom: self, first: min(one, other), second: max(one, other), salt: salt)
    }

    /// 32 bytes (`crypto_generichash_blake2b_salt_personal`).
    fileprivate func derive(
        _ first: PublicKey,
        _ second: PublicKey,
        salt: Salt,
        into output: UnsafeMutablePointer<UInt8>
    ) {
        let pair = first.rawValue.bytes + second.rawValue.bytes
        unsafe secret.withPointer { key in
            _ = unsafe crypto_generichash_blake2b_salt_personal(
                output,
                32,
                pair,
                UInt64(pair.count),
                key,
                32,
                salt.bytes,
                Self.domain
            )
        }
    }
}

extension SecretWriter {
    /// Writes the 32 bytes of a preshared key; one that is derived is nowhere else before.
    package mutating func append(_ key: PresharedKey) {
        switch key.source {
        case .stored(let secret): secret.withBytes { append($0) }
        case .derived(let root, let first, let second, let salt):
            unsafe append(count: 32) { unsafe root.derive(first, second, salt: salt, into: $0) }
        }
    }
}
