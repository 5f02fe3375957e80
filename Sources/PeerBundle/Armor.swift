internal import Crypto

/// Bytes as lines of text that survive mail and chat: base64 between two markers.
///
/// One value has one text: canonical base64 in lines of 64 characters. Line ends may be those of Windows, and white
/// space may surround the whole, because that is what people's programs do to text; nothing else may.
enum Armor {
    static let begin = "-----BEGIN WGSEAL BUNDLE-----"
    private static let end = "-----END WGSEAL BUNDLE-----"
    private static let columnCount = 64

    static func encode(_ bytes: Span<UInt8>) -> String {
        let base64 = Array(KeyEncoding.base64(bytes).utf8)
        var text = begin + "\n"
        for start in stride(from: 0, to: base64.count, by: columnCount) {
            text += String(decoding: base64[start..<min(start + columnCount, base64.count)], as: UTF8.self) + "\n"
        }
        return text + end + "\n"
    }

    /// - Throws: The number of the first line that is wrong, from 1; blank lines before the first marker count.
    static func decode(_ text: ArraySlice<UInt8>) throws(BundleError) -> [UInt8] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        while let last = lines.last, last.allSatisfy(\.isWhiteSpace) { lines.removeLast() }
        let first = lines.firstIndex { !$0.allSatisfy(\.isWhiteSpace) } ?? 0
        guard lines.count - first >= 3 else { throw .armor(line: max(1, lines.count)) }

        for index in lines.indices where lines[index].last == UInt8(ascii: "\r") { lines[index].removeLast() }
        guard lines[first].elementsEqual(begin.utf8) else { throw .armor(line: first + 1) }
        // What a person sees as the last line may end in spaces: they are outside of the armor.
        guard lines[lines.count - 1].trimmingTrailingWhiteSpace.elementsEqual(end.utf8) else {
            throw .armor(line: lines.count)
        }

        let body = lines[(first + 1)..<(lines.count - 1)]
        var base64: [UInt8] = []
        for (index, line) in zip(body.indices, body) {
            let isLast = index == body.endIndex - 1
            guard isLast ? (1...columnCount).contains(line.count) : line.count == columnCount else {
                throw .armor(line: index + 1)
            }
            base64 += line
        }
        do throws(CryptoError) {
            return try KeyEncoding.bytes(base64: base64.span)
        } catch {
            throw .base64
        }
    }
}

extension UInt8 {
    var isWhiteSpace: Bool { self == UInt8(ascii: " ") || (UInt8(ascii: "\t")...UInt8(ascii: "\r")).contains(self) }
}

extension ArraySlice<UInt8> {
    fileprivate var trimmingTrailingWhiteSpace: ArraySlice<UInt8> {
        prefix(through: (lastIndex { !$0.isWhiteSpace } ?? startIndex - 1))
    }
}
