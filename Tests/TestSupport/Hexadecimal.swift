extension Array where Element == UInt8 {
    /// The bytes of a literal in a test, two hexadecimal digits each; white space is left out.
    ///
    /// Anything else ends the process: it is a mistake in the test, not a finding.
    package init(hex literal: String) {
        let digits = literal.filter { !$0.isWhitespace }.map { character in
            guard let digit = character.hexDigitValue else { fatalError("not a hexadecimal digit: \(character)") }
            return UInt8(digit)
        }
        precondition(digits.count.isMultiple(of: 2), "half a byte in \(literal)")
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Two hexadecimal digits for each byte.
    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
