/// A bundle on its way: as bytes, as armored text, or as what QR codes hold.
package enum BundleText {
    /// The most that can be a bundle in any of the forms, white space included, in bytes: where reading stops.
    package static let maximumByteCount = 96 * 1024

    /// The most QR codes that a bundle can be divided among.
    package static let maximumCodeCount = BundlePart.counts.upperBound

    private static let codePrefix = Array("WGS1:".utf8)
    // `zbarimg` writes the kind of symbol before what it reads.
    private static let scannerPrefix = Array("QR-Code:".utf8)

    /// Text for mail and chat, with a final line end.
    package static func armor(_ bundle: Span<UInt8>) -> String { Armor.encode(bundle) }

    /// Text for a QR code: `WGS1:` and base45, all in the alphanumeric mode.
    package static func code(_ bundle: Span<UInt8>) -> String {
        String(decoding: codePrefix + Base45.encode(bundle), as: UTF8.self)
    }

    /// Texts for several QR codes, all in the alphanumeric mode.
    ///
    /// - Parameters:
    ///   - bundle: The bytes of a bundle.
    ///   - count: From 1 to ``maximumCodeCount``.
    /// - Returns: At most so many; one is ``code(_:)``, and of several none is longer than the first.
    package static func codes(_ bundle: [UInt8], count: Int) -> [String] {
        let parts = BundlePart.cut(bundle, into: count)
        return parts.count > 1 ? parts.map(\.text) : [code(bundle.span)]
    }

    /// Finds the bytes of a bundle in whichever form they came.
    ///
    /// - Returns: What claims to be a bundle; nothing is checked but the wrapping.
    /// - Throws: ``BundleError/notABundle``, or the place where the text is wrong.
    package static func decode(_ input: [UInt8]) throws(BundleError) -> [UInt8] {
        if input.starts(with: BundleHeader.magic) { return input }
        let text = input.drop(while: \.isWhiteSpace)
        if text.starts(with: Armor.begin.utf8) { return try Armor.decode(input[...]) }

        let lines = codeLines(input)
        guard let first = lines.first?.text else { throw .notABundle }
        if first.starts(with: BundlePart.prefix) { return try BundlePart.join(lines) }
        if let other = lines.first(where: { $0.text != first }) { throw .parts(.line(other.number)) }
        return try Base45.decode(Array(first.dropFirst(codePrefix.count)).span)
    }

    /// The lines that are of a bundle, with their numbers, from 1, and without what scanners add.
    ///
    /// There may be others, as scanners see other codes beside a QR code, and sometimes within a large one. Spaces at the end
    /// of a line remain: the space is one of the 45 characters.
    private static func codeLines(_ input: [UInt8]) -> [(number: Int, text: ArraySlice<UInt8>)] {
        let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            var text = line
            if text.last == UInt8(ascii: "\r") { text.removeLast() }
            if text.starts(with: scannerPrefix) { text = text.dropFirst(scannerPrefix.count) }
            guard text.starts(with: codePrefix) || text.starts(with: BundlePart.prefix) else { return nil }
            return (index + 1, text)
        }
    }
}
