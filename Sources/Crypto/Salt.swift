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

    /// Takes exactly 16 bytes.
    ///
    /// - Returns: `nil` if `bytes` has another length.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 16 else { return nil }
        number = bytes.indices.reduce(0) { $0 << 8 | UInt128(bytes[$1]) }
    }

    /// The salt of a pair that both have one; the order does not matter, and a new one of either gives a new one.
    package func combined(with other: Salt) -> Salt { Salt(number: number ^ other.number) }

    private init(number: UInt128) { self.number = number }

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
