/// Thirty-two public bytes: a public key, a digest, a network's secret-free identifier.
///
/// Ordered bytewise, the order of the bundle format.
package struct Bytes32: Hashable, Comparable, Sendable {
    // Big-endian words, so that comparing the words is comparing the bytes.
    private var words: [4 of UInt64] = [0, 0, 0, 0]

    /// All zero bytes.
    package init() {}

    /// Takes exactly 32 bytes.
    ///
    /// - Returns: `nil` if `bytes` has another length.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 32 else { return nil }
        for index in 0..<32 { words[index >> 3] = words[index >> 3] << 8 | UInt64(bytes[index]) }
    }

    /// Takes 32 bytes that a function of this module has just written.
    init(filledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        let bytes = unsafe [UInt8](count: 32, filledBy: fill)
        for index in 0..<32 { words[index >> 3] = words[index >> 3] << 8 | UInt64(bytes[index]) }
    }

    /// The byte at `index`, 0 to 31.
    package subscript(index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[index >> 3] >> (8 * UInt64(7 - index & 7)))
    }

    /// The bytes as an array.
    package var bytes: [UInt8] { (0..<32).map { self[$0] } }

    package static func == (left: Bytes32, right: Bytes32) -> Bool {
        (0..<4).allSatisfy { left.words[$0] == right.words[$0] }
    }

    package static func < (left: Bytes32, right: Bytes32) -> Bool {
        for index in 0..<4 where left.words[index] != right.words[index] {
            return left.words[index] < right.words[index]
        }
        return false
    }

    package func hash(into hasher: inout Hasher) {
        for index in 0..<4 { hasher.combine(words[index]) }
    }
}

extension Bytes32 {
    /// Sixty-four lower-case hexadecimal digits.
    package var hexadecimal: String { bytes.hexadecimal }

    /// Reads ``hexadecimal``, and nothing else.
    package init?(hexadecimal text: String) {
        guard text.utf8.count == 64 else { return nil }
        self.init()
        for (index, character) in text.utf8.enumerated() {
            guard let digit = UInt8(hexadecimalDigit: character) else { return nil }
            words[index >> 4] = words[index >> 4] << 4 | UInt64(digit)
        }
    }
}

extension UInt128 {
    /// Reads ``hexadecimal``, and nothing else.
    package init?(hexadecimal text: String) {
        guard text.utf8.count == 32 else { return nil }
        self = 0
        for character in text.utf8 {
            guard let digit = UInt8(hexadecimalDigit: character) else { return nil }
            self = self << 4 | UInt128(digit)
        }
    }

    /// Thirty-two lower-case hexadecimal digits, the most significant first, of a number that is no secret.
    package var hexadecimal: String {
        let digits = stride(from: 124, through: 0, by: -4).map {
            (UInt8(truncatingIfNeeded: self >> UInt128($0)) & 15).hexadecimalDigit
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension UInt8 {
    /// Reads a lower-case hexadecimal digit.
    init?(hexadecimalDigit character: UInt8) {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self = character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self = character - UInt8(ascii: "a") + 10
        default: return nil
        }
    }

    /// The lower-case hexadecimal digit of a number below 16.
    fileprivate var hexadecimalDigit: UInt8 { self + (self < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
}

extension [UInt8] {
    /// Two lower-case hexadecimal digits a byte, for bytes that are no secret.
    var hexadecimal: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * count)
        for byte in self { digits += [(byte >> 4).hexadecimalDigit, (byte & 15).hexadecimalDigit] }
        return String(decoding: digits, as: UTF8.self)
    }
}
