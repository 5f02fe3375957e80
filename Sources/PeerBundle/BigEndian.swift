extension FixedWidthInteger where Self: UnsignedInteger {
    /// The bytes, the highest first.
    var bigEndianBytes: [UInt8] {
        stride(from: bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
    }

    /// - Returns: `nil` if there are more or fewer bytes than the type has.
    init?(bigEndian bytes: Span<UInt8>) {
        guard bytes.count == Self.bitWidth / 8 else { return nil }
        self = 0
        for index in bytes.indices { self = self << 8 | Self(bytes[index]) }
    }
}
