internal import CSodium

/// What people compare to know that they talk about the same identity.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    /// BLAKE2b-256 over the identity's type byte and its three keys.
    package let rawValue: Bytes32

    /// Takes a fingerprint that was written down.
    package init(rawValue: Bytes32) { self.rawValue = rawValue }

    init(of identity: [UInt8]) {
        Sodium.initialize()
        rawValue = unsafe Bytes32(filledBy: { output in
            _ = unsafe crypto_generichash_blake2b_salt_personal(
                output,
                32,
                identity,
                UInt64(identity.count),
                nil,
                0,
                nil,
                Self.domain
            )
        })
    }

    private static let domain = Array("wgseal.fprint.v1".utf8)
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The first 125 bits in Crockford's base32, five groups of five.
    package var description: String {
        var text = ""
        for position in 0..<25 {
            if position > 0, position.isMultiple(of: 5) { text.append("-") }
            text.unicodeScalars.append(Unicode.Scalar(Self.alphabet[Int(quintet(position))]))
        }
        return text
    }

    /// Tells whether `text`, as a person typed it, is this fingerprint: all 25 characters, any case, with or without
    /// separators, `O` for `0` and `I` or `L` for `1`.
    package func matches(_ text: String) -> Bool {
        Self.quintets(text) == (0..<25).map(quintet)
    }

    /// Tells whether `text` has the shape of a fingerprint, so that a mistake can be named as what it is.
    package static func isFingerprint(_ text: String) -> Bool { quintets(text) != nil }

    private func quintet(_ position: Int) -> UInt8 {
        let bit = 5 * position
        let pair = UInt16(rawValue[bit >> 3]) << 8 | UInt16(rawValue[min(31, bit >> 3 + 1)])
        return UInt8(pair >> (11 - UInt16(bit & 7)) & 31)
    }

    private static func quintets(_ text: String) -> [UInt8]? {
        var values: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: " "): continue
            case UInt8(ascii: "o"), UInt8(ascii: "O"): values.append(0)
            case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "l"), UInt8(ascii: "L"): values.append(1)
            default:
                let upper = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 32 : byte
                guard let value = alphabet.firstIndex(of: upper) else { return nil }
                values.append(UInt8(value))
            }
        }
        return values.count == 25 ? values : nil
    }
}
