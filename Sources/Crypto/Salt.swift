internal import CSodium

/// Sixteen bytes that set one derivation from a secret apart from the next; they are no secret themselves.
package struct Salt: Hashable, Sendable {
    /// The 16 bytes.
    package let bytes: [UInt8]

    /// Makes a fresh salt (`randombytes_buf`).
    package init() {
        Sodium.initialize()
        bytes = unsafe [UInt8](count: 16) { unsafe randombytes_buf($0, 16) }
    }
}

extension Salt: LosslessStringConvertible {
    /// Thirty-two lower-case hexadecimal digits.
    package var description: String { bytes.hexadecimal }

    /// Reads what ``description`` writes, and nothing else.
    package init?(_ text: String) {
        guard text.utf8.count == 32, let number = UInt128(text, radix: 16) else { return nil }
        bytes = stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt128($0)) }
        guard description == text else { return nil }
    }
}
