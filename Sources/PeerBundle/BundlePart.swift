internal import Crypto

/// A piece of a bundle that is too long for one QR code.
///
/// Its text says which of how many it is, and of which bundle, so that parts may be read in any order, and none is missed
/// or taken from another bundle unnoticed.
struct BundlePart: Equatable {
    /// The number of parts that a bundle can have; one part would be the bundle.
    static let counts = 2...99

    private let number: Int
    private let count: Int
    private let tag: [UInt8]
    private let content: [UInt8]

    /// Cuts a bundle into parts of one even length, of which the last may have less: base45 encodes pairs.
    ///
    /// - Returns: At most `count` parts, fewer where some would be empty.
    static func cut(_ bundle: [UInt8], into count: Int) -> [BundlePart] {
        let length = max(1, (bundle.count + 2 * count - 1) / (2 * count)) * 2
        let starts = stride(from: 0, to: bundle.count, by: length)
        let tag = Array(Digest.blake2b128(of: bundle.span, personalization: "wgseal.bundle.qr").prefix(tagByteCount))
        return starts.enumerated().map { index, start in
            BundlePart(
                number: index + 1,
                count: (bundle.count + length - 1) / length,
                tag: tag,
                content: Array(bundle[start..<min(start + length, bundle.count)])
            )
        }
    }

    /// Puts a bundle together again.
    ///
    /// - Parameter lines: Texts of parts in any order, each as often as a scanner saw it, with the numbers of their lines.
    /// - Returns: The bytes of the bundle.
    /// - Throws: ``BundleError/parts(_:)``.
    static func join(_ lines: [(number: Int, text: ArraySlice<UInt8>)]) throws(BundleError) -> [UInt8] {
        var parts: [Int: BundlePart] = [:]
        for line in lines {
            let part = try BundlePart(line.text, line: line.number)
            if let other = parts.values.first {
                guard part.tag == other.tag else { throw .parts(.otherBundle(line: line.number)) }
                guard part.count == other.count else { throw .parts(.otherCount(line: line.number)) }
            }
            if let same = parts.updateValue(part, forKey: part.number) {
                guard part == same else { throw .parts(.different(part: part.number)) }
            }
        }
        let count = parts.values.first?.count ?? 0
        let ordered = parts.sorted { $0.key < $1.key }.map(\.value)
        guard ordered.count == count else {
            throw .parts(.missing((1...count).filter { parts[$0] == nil }, count: count))
        }
        let bundle = ordered.flatMap(\.content)
        guard cut(bundle, into: count) == ordered else { throw .parts(.tag) }
        return bundle
    }
}

// As text: `WGS1/`, number and count of two digits each, the tag in hexadecimal, a colon, and base45.
extension BundlePart {
    static let prefix = Array("WGS1/".utf8)
    private static let tagByteCount = 4
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// All in the alphanumeric mode.
    var text: String {
        let twoDigits = [number, count].flatMap { [Self.digits[$0 / 10], Self.digits[$0 % 10], UInt8(ascii: "/")] }
        let hexadecimal = tag.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }
        let header = Self.prefix + twoDigits + hexadecimal + [UInt8(ascii: ":")]
        return String(decoding: header + Base45.encode(content.span), as: UTF8.self)
    }

    private init(_ text: ArraySlice<UInt8>, line: Int) throws(BundleError) {
        let head = text.prefix { $0 != UInt8(ascii: ":") }
        let fields = head.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard text.starts(with: Self.prefix), fields.count == 4, head.endIndex < text.endIndex,
            let number = Self.number(fields[1], base: 10, digitCount: 2),
            let count = Self.number(fields[2], base: 10, digitCount: 2),
            let tag = Self.number(fields[3], base: 16, digitCount: 2 * Self.tagByteCount),
            Self.counts.contains(count), (1...count).contains(number)
        else { throw .parts(.line(line)) }
        do throws(BundleError) {
            content = try Base45.decode(Array(text[head.endIndex...].dropFirst()).span)
        } catch {
            throw .parts(.text(part: number))
        }
        self.number = number
        self.count = count
        self.tag = UInt32(truncatingIfNeeded: tag).bigEndianBytes
    }

    private static func number(_ text: ArraySlice<UInt8>, base: Int, digitCount: Int) -> Int? {
        guard text.count == digitCount else { return nil }
        var number = 0
        for character in text {
            guard let digit = digits.firstIndex(of: character), digit < base else { return nil }
            number = number * base + digit
        }
        return number
    }
}
