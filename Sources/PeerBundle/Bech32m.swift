/// Text with a checksum that finds typing errors (BIP 350), from and to memory that the caller owns, so that a secret
/// never passes through a string.
///
/// Longer than the 90 characters of BIP 173: the checksum is there for people's mistakes, and what the strings here
/// carry is checked again.
enum Bech32m {
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let checksumConstant: UInt32 = 0x2bc8_30a3
    private static let checksumCharacterCount = 6

    /// The longest text that is looked at, in characters.
    static let maximumCharacterCount = 1024

    /// The length of the text for `byteCount` bytes, in characters.
    static func characterCount(prefix: String, byteCount: Int) -> Int {
        prefix.utf8.count + 1 + (byteCount * 8 + 4) / 5 + checksumCharacterCount
    }

    /// Writes lower-case text.
    ///
    /// - Parameters:
    ///   - bytes: What the text carries.
    ///   - prefix: In lower case, the characters before the separator `1`.
    ///   - text: Exactly ``characterCount(prefix:byteCount:)`` bytes.
    static func encode(_ bytes: Span<UInt8>, prefix: String, into text: inout MutableSpan<UInt8>) {
        var checksum = Checksum(prefix: prefix.utf8)
        var count = 0
        func put(_ character: UInt8, _ text: inout MutableSpan<UInt8>) {
            text[count] = character
            count += 1
        }
        for character in prefix.utf8 { put(character, &text) }
        put(UInt8(ascii: "1"), &text)

        var pending: UInt32 = 0
        var pendingBitCount = 0
        for index in bytes.indices {
            pending = pending << 8 | UInt32(bytes[index])
            pendingBitCount += 8
            while pendingBitCount >= 5 {
                pendingBitCount -= 5
                let quintet = UInt8(truncatingIfNeeded: pending >> UInt32(pendingBitCount) & 31)
                checksum.add(quintet)
                put(alphabet[Int(quintet)], &text)
            }
            pending &= (1 << UInt32(pendingBitCount)) - 1
        }
        if pendingBitCount > 0 {
            let quintet = UInt8(truncatingIfNeeded: pending << UInt32(5 - pendingBitCount) & 31)
            checksum.add(quintet)
            put(alphabet[Int(quintet)], &text)
        }

        for _ in 0..<checksumCharacterCount { checksum.add(0) }
        let remainder = checksum.value ^ checksumConstant
        for position in 0..<checksumCharacterCount {
            put(alphabet[Int(remainder >> UInt32(5 * (checksumCharacterCount - 1 - position)) & 31)], &text)
        }
    }

    /// Reads text that carries exactly as many bytes as `bytes` has room for.
    ///
    /// - Throws: What is wrong first. `bytes` may then hold a part of the text, which the caller does not use.
    static func decode(
        _ text: Span<UInt8>,
        prefix: String,
        into bytes: inout MutableSpan<UInt8>
    ) throws(Bech32mError) {
        let separator = try validate(text)
        guard separator == prefix.utf8.count else { throw .prefix }
        for (index, character) in prefix.utf8.enumerated() where text[index].lowercased != character { throw .prefix }
        guard text.count == characterCount(prefix: prefix, byteCount: bytes.count) else { throw .length }

        var pending: UInt32 = 0
        var pendingBitCount = 0
        var count = 0
        for index in (separator + 1)..<(text.count - checksumCharacterCount) {
            pending = pending << 5 | UInt32(value(of: text[index]) ?? 0)
            pendingBitCount += 5
            guard pendingBitCount >= 8 else { continue }
            pendingBitCount -= 8
            bytes[count] = UInt8(truncatingIfNeeded: pending >> UInt32(pendingBitCount))
            pending &= (1 << UInt32(pendingBitCount)) - 1
            count += 1
        }
        // One value has one text: the bits that fill the last character are zero.
        guard pending == 0 else { throw .padding }
    }

    /// Checks characters, letter case and checksum.
    ///
    /// - Returns: The position of the separator.
    static func validate(_ text: Span<UInt8>) throws(Bech32mError) -> Int {
        guard text.count <= maximumCharacterCount else { throw .length }
        var hasLower = false
        var hasUpper = false
        var separator: Int?
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): hasLower = true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasUpper = true
            case UInt8(ascii: "1"): separator = index
            case 0x21...0x7e: break
            default: throw .character(index)
            }
        }
        guard let separator, separator > 0 else { throw .prefix }
        guard !(hasLower && hasUpper) else { throw .mixedCase }
        guard text.count - separator - 1 >= checksumCharacterCount else { throw .length }

        var checksum = Checksum(prefix: (0..<separator).map { text[$0].lowercased })
        for index in (separator + 1)..<text.count {
            guard let value = value(of: text[index]) else { throw .character(index) }
            checksum.add(value)
        }
        guard checksum.value == checksumConstant else { throw .checksum }
        return separator
    }

    // Shifts rather than an index into a table, as the characters may be those of a secret; they are ASCII.
    private static func value(of character: UInt8) -> UInt8? {
        // Six bits tell the characters of the alphabet, in either case, from all that can be printed.
        let shift = UInt64(character & 0x1f | (character & 0x40) >> 1)
        // Each has, at a character's place, one bit of its value; `known` has the places. Literals, as this runs 100
        // times for each of ten thousand peers.
        let valueBits: [5 of UInt64] = [
            0x0015_7172_0319_0000, 0x0594_7d00_01c5_0000, 0x03e0_1912_03b1_0000, 0x00f0_30fa_00c5_0000,
            0x0028_7d2a_00f8_0000,
        ]
        let known: UInt64 = 0x07ff_7dfa_03fd_0000
        var value: UInt8 = 0
        for bit in 0..<5 { value |= UInt8(truncatingIfNeeded: valueBits[bit] >> shift & 1) << UInt8(bit) }
        return known >> shift & 1 == 1 ? value : nil
    }

    private struct Checksum {
        var value: UInt32 = 1

        init(prefix: some Sequence<UInt8>) {
            let prefix = Array(prefix)
            for character in prefix { add(character >> 5) }
            add(0)
            for character in prefix { add(character & 31) }
        }

        mutating func add(_ quintet: UInt8) {
            let top = value >> 25
            value = (value & 0x1ff_ffff) << 5 ^ UInt32(quintet)
            let generator: [5 of UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
            for bit in 0..<5 { value ^= generator[bit] & (0 &- (top >> UInt32(bit) & 1)) }
        }
    }
}

/// What is wrong with a bech32m text.
///
/// No case carries a character of it.
enum Bech32mError: Error, Equatable {
    case prefix
    /// The position of a character that is not in the alphabet.
    case character(Int)
    case mixedCase
    case length
    case checksum
    case padding
}

extension UInt8 {
    var lowercased: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self + 32 : self }
    var uppercased: UInt8 { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) ? self - 32 : self }
}
