/// A bundle on its way: as bytes, as armored text, or as what a QR code holds.
package enum BundleText {
    /// The most that can be a bundle in any of the forms, white space included, in bytes: where reading stops.
    package static let maximumByteCount = 96 * 1024

    private static let codePrefix = "WGS1:"
    // `zbarimg` writes the kind of symbol before what it reads.
    private static let scannerPrefix = "QR-Code:"

    /// Text for mail and chat, with a final line end.
    package static func armor(_ bundle: Span<UInt8>) -> String { Armor.encode(bundle) }

    /// Text for a QR code: `WGS1:` and base45, all in the alphanumeric mode.
    package static func code(_ bundle: Span<UInt8>) -> String {
        codePrefix + String(decoding: Base45.encode(bundle), as: UTF8.self)
    }

    /// Finds the bytes of a bundle in whichever form they came.
    ///
    /// - Returns: What claims to be a bundle; nothing is checked but the wrapping.
    /// - Throws: ``BundleError/notABundle``, or the place where the text is wrong.
    package static func decode(_ input: [UInt8]) throws(BundleError) -> [UInt8] {
        if input.starts(with: BundleHeader.magic) { return input }
        let text = input.drop(while: \.isWhiteSpace)
        if text.starts(with: Armor.begin.utf8) { return try Armor.decode(input[...]) }

        var code = input[...]
        if code.starts(with: scannerPrefix.utf8) { code = code.dropFirst(scannerPrefix.utf8.count) }
        guard code.starts(with: codePrefix.utf8) else { throw .notABundle }
        code = code.dropFirst(codePrefix.utf8.count)
        // A line end only: the space is one of the 45 characters.
        if code.last == UInt8(ascii: "\n") { code.removeLast() }
        if code.last == UInt8(ascii: "\r") { code.removeLast() }
        return try Base45.decode(Array(code).span)
    }
}
