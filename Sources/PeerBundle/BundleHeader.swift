internal import Crypto

/// The eight bytes before the seal, and the sizes that they allow.
struct BundleHeader {
    /// The length of the plaintext in the seal: one of ``plaintextByteCounts``.
    let plaintextByteCount: Int

    static let magic = Array("WGSB".utf8)
    static let version: UInt8 = 1
    /// X25519 sealed box (`crypto_box_seal`).
    static let suite: UInt8 = 1
    static let byteCount = 8

    /// The few lengths that a plaintext can have, so that the length of a bundle tells little of what is in it.
    static let plaintextByteCounts = [384, 512, 1024, 2048] + stride(from: 4096, through: 61_440, by: 4096)

    /// The header for the shortest plaintext that holds `count` bytes.
    ///
    /// - Throws: ``BundleError/tooLarge(byteCount:limit:)``.
    init(holding count: Int) throws(BundleError) {
        guard let plaintextByteCount = Self.plaintextByteCounts.first(where: { $0 >= count }) else {
            throw .tooLarge(byteCount: count, limit: Self.plaintextByteCounts.max() ?? 0)
        }
        self.plaintextByteCount = plaintextByteCount
    }

    /// Reads the header of a bundle, and checks that the rest of `bytes` is as long as it says.
    init(of bytes: Span<UInt8>) throws(BundleError) {
        guard bytes.count >= 4, (0..<4).allSatisfy({ bytes[$0] == Self.magic[$0] }) else { throw .notABundle }
        guard bytes.count >= Self.byteCount else { throw .length(expected: Self.byteCount, actual: bytes.count) }
        guard bytes[4] == Self.version else { throw .version(bytes[4]) }
        guard bytes[5] == Self.suite else { throw .suite(bytes[5]) }
        plaintextByteCount = (Int(bytes[6]) << 8 | Int(bytes[7])) - SealingKey.overheadByteCount
        guard Self.plaintextByteCounts.contains(plaintextByteCount) else { throw .header }
        let expected = Self.byteCount + SealingKey.overheadByteCount + plaintextByteCount
        guard bytes.count == expected else { throw .length(expected: expected, actual: bytes.count) }
    }

    var encoded: [UInt8] {
        Self.magic + [Self.version, Self.suite]
            + UInt16(plaintextByteCount + SealingKey.overheadByteCount).bigEndianBytes
    }
}
