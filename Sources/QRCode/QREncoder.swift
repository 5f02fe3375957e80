internal import CQRCodeGen

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

    fileprivate var libraryValue: qrcodegen_Ecc {
        switch self {
        case .low: qrcodegen_Ecc_LOW
        case .medium: qrcodegen_Ecc_MEDIUM
        case .quartile: qrcodegen_Ecc_QUARTILE
        case .high: qrcodegen_Ecc_HIGH
        }
    }
}

extension QRSymbol {
    /// Encodes text in alphanumeric mode, as the smallest symbol that holds it (`qrcodegen_encodeSegmentsAdvanced`).
    ///
    /// - Parameters:
    ///   - text: Digits, capital letters, space and `$%*+-./:`. The mode is never left, so a symbol is as small as the
    ///     length allows, and a scanner hands over the text as it was.
    ///   - level: How much correction to add.
    /// - Throws: ``QRCodeError``.
    package init(alphanumeric text: String, level: QRCorrectionLevel) throws(QRCodeError) {
        let code = try Self.code(text, level: level, mask: qrcodegen_Mask_AUTO)
        let size = unsafe qrcodegen_getSize(code)
        modules = (0..<size).flatMap { y in (0..<size).map { x in unsafe qrcodegen_getModule(code, x, y) } }
        self.size = Int(size)
    }

    /// The modules along the side of the symbol that ``init(alphanumeric:level:)`` makes, without a search for its best mask,
    /// which takes most of the time.
    static func size(alphanumeric text: String, level: QRCorrectionLevel) throws(QRCodeError) -> Int {
        unsafe Int(qrcodegen_getSize(try code(text, level: level, mask: qrcodegen_Mask_0)))
    }

    private static let alphanumericSet = Set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)

    /// - Returns: The library's symbol.
    private static func code(
        _ text: String,
        level: QRCorrectionLevel,
        mask: qrcodegen_Mask
    ) throws(QRCodeError) -> [UInt8] {
        let characters = text.utf8
        guard !characters.isEmpty else { throw .empty }
        if let offset = Array(characters).firstIndex(where: { !alphanumericSet.contains($0) }) {
            throw .notAlphanumeric(offset: offset)
        }
        let limit = level.maximumCharacterCount
        guard characters.count <= limit else { throw .tooLong(characterCount: characters.count, limit: limit) }
        let bitsSize = qrcodegen_calcSegmentBufferSize(qrcodegen_Mode_ALPHANUMERIC, characters.count)
        var bits = [UInt8](repeating: 0, count: bitsSize)
        // What the header calls qrcodegen_BUFFER_LEN_MAX.
        var scratch = [UInt8](repeating: 0, count: (maximumSize * maximumSize + 7) / 8 + 1)
        var code = scratch
        let fits = unsafe bits.withUnsafeMutableBufferPointer { bits in
            var segment = unsafe qrcodegen_makeAlphanumeric(text, bits.baseAddress)
            return unsafe qrcodegen_encodeSegmentsAdvanced(
                &segment,
                1,
                level.libraryValue,
                qrcodegen_VERSION_MIN,
                qrcodegen_VERSION_MAX,
                mask,
                false,
                &scratch,
                &code
            )
        }
        guard fits else { throw .tooLong(characterCount: characters.count, limit: limit) }
        return code
    }
}
