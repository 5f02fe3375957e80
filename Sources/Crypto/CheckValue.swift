/// Tells whether two things are the same and, where they are secret, nothing else of them: a BLAKE2b-128.
package struct CheckValue: Hashable, Sendable {
    private let number: UInt128

    /// Hashes public bytes.
    ///
    /// - Parameters:
    ///   - message: Any length.
    ///   - personalization: 16 ASCII characters, which set this use apart from all others.
    package init(of message: Span<UInt8>, personalization: String) {
        number = Digest.blake2b128(of: message, personalization: personalization)
            .reduce(0) { $0 << 8 | UInt128($1) }
    }
}

extension CheckValue: LosslessStringConvertible {
    /// Thirty-two lower-case hexadecimal digits.
    package var description: String { number.hexadecimal }

    /// Reads what ``description`` writes, and nothing else.
    package init?(_ text: String) {
        guard let number = UInt128(hexadecimal: text) else { return nil }
        self.number = number
    }
}
