internal import CQREncode

/// How much of a symbol may be unreadable; more correction needs a larger symbol.
package enum QRCorrectionLevel: CaseIterable, Sendable {
    /// About 7 % of the symbol (L).
    case low
    /// About 15 % (M).
    case medium
    /// About 25 % (Q).
    case quartile
    /// About 30 % (H).
    case high

    /// The characters that the largest symbol holds in alphanumeric mode (ISO/IEC 18004, table 7, version 40).
    package var maximumCharacterCount: Int {
        switch self {
        case .low: 4296
        case .medium: 3391
        case .quartile: 2420
        case .high: 1852
        }
    }

    fileprivate var libraryValue: QRecLevel {
        switch self {
        case .low: QR_ECLEVEL_L
        case .medium: QR_ECLEVEL_M
        case .quartile: QR_ECLEVEL_Q
        case .high: QR_ECLEVEL_H
        }
    }
}

extension QRSymbol {
    /// Encodes text in alphanumeric mode, as the smallest symbol that holds it (`QRcode_encodeInput`).
    ///
    /// - Parameters:
    ///   - text: Digits, capital letters, space and `$%*+-./:`. The mode is never left, so a symbol is as small as the
    ///     length allows, and a scanner hands over the text as it was.
    ///   - level: How much correction to add.
    /// - Throws: ``QRCodeError``.
    package init(alphanumeric text: String, level: QRCorrectionLevel) throws(QRCodeError) {
        let characters = Array(text.utf8)
        guard !characters.isEmpty else { throw .empty }
        if let offset = characters.firstIndex(where: { !Self.alphanumericSet.contains($0) }) {
            throw .notAlphanumeric(offset: offset)
        }
        let limit = level.maximumCharacterCount
        guard characters.count <= limit else { throw .tooLong(characterCount: characters.count, limit: limit) }
        guard let symbol = Self.encode(characters, level: level.libraryValue) else {
            // The input was checked, so what is left is memory, which ends the process as everywhere in Swift.
            fatalError("out of memory for a QR code of \(characters.count) characters")
        }
        self = symbol
    }

    private static let alphanumericSet = Set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)

    private static func encode(_ characters: [UInt8], level: QRecLevel) -> QRSymbol? {
        // Version 0 asks for the smallest.
        guard let input = unsafe QRinput_new2(0, level) else { return nil }
        defer { unsafe QRinput_free(input) }
        guard unsafe QRinput_append(input, QR_MODE_AN, CInt(characters.count), characters) == 0,
            let code = unsafe QRcode_encodeInput(input)
        else { return nil }
        defer { unsafe QRcode_free(code) }
        let size = unsafe Int(code.pointee.width)
        let modules = unsafe UnsafeBufferPointer(start: code.pointee.data, count: size * size)
        // The lowest bit is the colour; the others tell what the module is for.
        return unsafe QRSymbol(size: size, modules: modules.map { $0 & 1 == 1 })
    }
}
