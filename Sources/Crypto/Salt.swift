internal import CSodium

/// Sixteen bytes that set one derivation from a secret apart from the next; they are no secret themselves.
package struct Salt: Hashable, Sendable {
    // Big-endian.
    private let number: UInt128

    /// Makes a fresh salt (`randombytes_buf`).
    package init() {
        Sodium.initialize()
        number = unsafe [UInt8](count: 16) { unsafe randombytes_buf($0, 16) }.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// The 16 bytes.
    package var bytes: [UInt8] {
        stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt128($0)) }
    }
}

extension Salt: LosslessStringConvertible {
    /// Thirty-two lower-case hexadecimal digits.
    package var description: String { number.hexadecimal }

    /// Reads what ``description`` writes, and nothing else.
    package init?(_ text: String) {
        guard let number = UInt128(hexadecimal: text) else { return nil }
        self.number = number
    }
}
