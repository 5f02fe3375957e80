/// The public keys of one host.
package struct Identity: Hashable, Sendable {
    /// Checks the signatures that the host makes.
    package let verificationKey: VerificationKey
    /// What bundles for the host are sealed to.
    package let sealingKey: SealingKey
    /// The host's WireGuard key.
    package let wireGuardKey: PublicKey
    /// What people compare.
    package let fingerprint: Fingerprint

    /// The only type of identity in this version.
    package static let type: UInt8 = 0x01
    /// The length of ``encoded``, in bytes.
    package static let encodedByteCount = 100
    /// The length of ``keys``, in bytes.
    package static let keysByteCount = 96

    init(verificationKey: VerificationKey, sealingKey: SealingKey, wireGuardKey: PublicKey) {
        self.verificationKey = verificationKey
        self.sealingKey = sealingKey
        self.wireGuardKey = wireGuardKey
        fingerprint = Fingerprint(
            of: [Self.type] + verificationKey.rawValue.bytes + sealingKey.rawValue.bytes + wireGuardKey.rawValue.bytes
        )
    }

    /// Reads the three keys: verification, sealing, WireGuard, 32 bytes each.
    ///
    /// - Parameters:
    ///   - bytes: From whomever.
    ///   - isRecorded: As for ``init(encoded:isRecorded:)``.
    /// - Throws: ``CryptoError/length(expected:actual:)``, or ``CryptoError/weakKey(_:)``.
    package init(keys bytes: Span<UInt8>, isRecorded: Bool = false) throws(CryptoError) {
        guard let first = bytes.count == Self.keysByteCount ? Bytes32(bytes.extracting(0..<32)) : nil,
            let second = Bytes32(bytes.extracting(32..<64)), let third = Bytes32(bytes.extracting(64..<96))
        else { throw .length(expected: Self.keysByteCount, actual: bytes.count) }
        try self.init(
            verificationKey: isRecorded ? VerificationKey(recorded: first) : VerificationKey(first),
            sealingKey: SealingKey(second),
            wireGuardKey: PublicKey(third)
        )
    }

    /// Reads what an identity string carries: type, three keys, the first three bytes of the fingerprint.
    ///
    /// - Parameters:
    ///   - bytes: From whomever.
    ///   - isRecorded: Whether this host has read them before, and kept them where nobody else can write: then the one
    ///     check that takes longer than all others together, that of the verification key's point, is not made again.
    /// - Throws: Any ``CryptoError`` but those of sealing and signing.
    package init(encoded bytes: Span<UInt8>, isRecorded: Bool = false) throws(CryptoError) {
        guard bytes.count == Self.encodedByteCount else {
            throw .length(expected: Self.encodedByteCount, actual: bytes.count)
        }
        guard bytes[0] == Self.type else { throw .identityType(bytes[0]) }
        try self.init(keys: bytes.extracting(1..<97), isRecorded: isRecorded)
        for index in 0..<3 where bytes[97 + index] != fingerprint.rawValue[index] { throw .fingerprint }
    }

    /// The three keys: verification, sealing, WireGuard, 32 bytes each.
    package var keys: [UInt8] {
        verificationKey.rawValue.bytes + sealingKey.rawValue.bytes + wireGuardKey.rawValue.bytes
    }

    /// Type, three keys, the first three bytes of the fingerprint.
    package var encoded: [UInt8] { [Self.type] + keys + fingerprint.rawValue.bytes.prefix(3) }
}
