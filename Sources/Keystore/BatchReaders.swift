/// Reads records of comma-separated values (RFC 4180), with either end of line.
struct CSVReader {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // What spreadsheets write before UTF-8.
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
    }

    /// The next record, and the line that it begins in; `nil` after the last.
    mutating func next() throws(BatchError) -> (line: Int, fields: [String])? {
        guard offset < bytes.count else { return nil }
        let start = line
        var fields: [String] = []
        while true {
            fields.append(try field())
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: ",") else { break }
            offset += 1
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "\r") { offset += 1 }
        if offset < bytes.count {
            guard bytes[offset] == UInt8(ascii: "\n") else { throw BatchError(line, .quote) }
            offset += 1
            line += 1
        }
        return (start, fields)
    }

    private mutating func field() throws(BatchError) -> String {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            let start = offset
            let ends = [UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
            while offset < bytes.count, !ends.contains(bytes[offset]) { offset += 1 }
            return String(decoding: bytes[start..<offset], as: UTF8.self)
        }
        offset += 1
        var text: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") {
                guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                    return String(decoding: text, as: UTF8.self)
                }
                offset += 1
            } else if byte == UInt8(ascii: "\n") {
                line += 1
            }
            text.append(byte)
        }
        throw BatchError(line, .quote)
    }
}

/// Reads a JSON object (RFC 8259) whose members are strings, arrays of strings, or booleans, which is all that a host needs.
struct JSONLineReader {
    private let bytes: ArraySlice<UInt8>
    private var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
        skipBlanks()
    }

    /// Whether nothing is left but blanks.
    var isAtEnd: Bool { offset == bytes.endIndex }

    /// The members in their order; arrays with a blank between their strings, booleans as `yes` or `no`.
    ///
    /// - Returns: `nil` if it is not such an object, or something follows it.
    mutating func object() -> [(name: String, value: String)]? {
        guard take("{") else { return nil }
        var members: [(String, String)] = []
        if !take("}") {
            repeat {
                guard let name = string(), take(":"), let value = value() else { return nil }
                members.append((name, value))
            } while take(",")
            guard take("}") else { return nil }
        }
        return isAtEnd ? members : nil
    }

    private mutating func value() -> String? {
        if take("true") { return "yes" }
        if take("false") { return "no" }
        guard take("[") else { return string() }
        var values: [String] = []
        if take("]") { return "" }
        repeat {
            guard let value = string() else { return nil }
            values.append(value)
        } while take(",")
        return take("]") ? values.joined(separator: " ") : nil
    }

    private mutating func string() -> String? {
        guard offset < bytes.endIndex, bytes[offset] == UInt8(ascii: "\"") else { return nil }
        offset += 1
        var text = ""
        var start = offset
        while offset < bytes.endIndex {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                text += String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                skipBlanks()
                return text
            case UInt8(ascii: "\\"):
                text += String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                guard let character = escaped() else { return nil }
                text.unicodeScalars.append(character)
                start = offset
            case 0..<0x20: return nil
            default: offset += 1
            }
        }
        return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
        guard offset < bytes.endIndex else { return nil }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = hexadecimal() else { return nil }
            // Two of these make one character beyond the first 65,536.
            guard (0xd800...0xdbff).contains(unit) else { return Unicode.Scalar(unit) }
            guard offset < bytes.endIndex - 1, bytes[offset] == UInt8(ascii: "\\"),
                bytes[offset + 1] == UInt8(ascii: "u")
            else { return nil }
            offset += 2
            guard let low = hexadecimal(), (0xdc00...0xdfff).contains(low) else { return nil }
            return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
        default: return nil
        }
    }

    private mutating func hexadecimal() -> UInt32? {
        guard bytes.endIndex - offset >= 4 else { return nil }
        let digits = bytes[offset..<(offset + 4)]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        offset += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// Takes a token and the blanks after it.
    private mutating func take(_ token: StaticString) -> Bool {
        let text = Array(token.description.utf8)
        guard bytes[offset...].starts(with: text) else { return false }
        offset += text.count
        skipBlanks()
        return true
    }

    private mutating func skipBlanks() {
        while offset < bytes.endIndex, [0x20, 0x09, 0x0d].contains(bytes[offset]) { offset += 1 }
    }
}
