extension QRSymbol {
    /// How many symbols one text may be divided among.
    package static let maximumSeriesCount = 99

    /// Encodes text as one symbol or, where one would be too large, as the fewest that are not.
    ///
    /// The level of correction follows from the sizes: it is medium, or low where medium would need another symbol or be
    /// too large, and from there as much higher as leaves the symbols no larger.
    ///
    /// - Parameters:
    ///   - maximumSize: The modules along the side of the largest symbol that is wanted.
    ///   - texts: Gives the text in at most so many parts, from 1 to ``maximumSeriesCount``, none longer than the first.
    ///     One that always gives the same cannot be divided.
    /// - Returns: A symbol for each part, in their order.
    /// - Throws: ``QRCodeError``, `.tooLarge` if even the most parts are.
    package static func series(
        within maximumSize: Int,
        texts: (_ count: Int) -> [String]
    ) throws(QRCodeError) -> [QRSymbol] {
        // The more parts, the smaller the first one.
        var (tooFew, enough) = (0, maximumSeriesCount)
        guard try level(for: texts(enough), within: maximumSize) != nil else {
            throw .tooLarge(size: try size(alphanumeric: texts(enough)[0], level: .low), limit: maximumSize)
        }
        while enough - tooFew > 1 {
            let count = (tooFew + enough) / 2
            if try level(for: texts(count), within: maximumSize) == nil { tooFew = count } else { enough = count }
        }
        let parts = texts(enough)
        let level = try level(for: parts, within: maximumSize) ?? .low
        var symbols: [QRSymbol] = []
        for part in parts { symbols.append(try QRSymbol(alphanumeric: part, level: level)) }
        return symbols
    }

    /// The level of correction for texts of which the first is the longest.
    ///
    /// - Returns: `nil` if it does not fit at any.
    private static func level(for texts: [String], within maximumSize: Int) throws(QRCodeError) -> QRCorrectionLevel? {
        guard let text = texts.first else { throw .empty }
        for level in [QRCorrectionLevel.medium, .low] {
            guard let size = try size(of: text, level: level), size <= maximumSize else { continue }
            for higher in [QRCorrectionLevel.high, .quartile, .medium] {
                if try self.size(of: text, level: higher) == size { return higher }
            }
            return level
        }
        return nil
    }

    /// - Returns: `nil` if no symbol holds so much.
    private static func size(of text: String, level: QRCorrectionLevel) throws(QRCodeError) -> Int? {
        guard text.utf8.count <= level.maximumCharacterCount else { return nil }
        return try size(alphanumeric: text, level: level)
    }
}
