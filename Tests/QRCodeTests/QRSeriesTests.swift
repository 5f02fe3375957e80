import QRCode
import Testing

@Suite("QR series")
struct QRSeriesTests {
    /// `length` characters in at most `count` parts, each with a head of ten.
    private static func divided(_ length: Int) -> (_ count: Int) -> [String] {
        { count in
            let size = (length + count - 1) / count
            let sizes = stride(from: 0, to: length, by: size).map { min(size, length - $0) }
            return sizes.map { String(repeating: "A", count: $0 + (sizes.count > 1 ? 10 : 0)) }
        }
    }

    // ISO/IEC 18004, table 7: version 10, 57 modules, holds 395, 311, 221 and 174 characters.
    @Test(
        "has as few symbols as fit",
        arguments: [
            (395, 1), (396, 2), (770, 2), (771, 3), (385 * 98, 98), (385 * 99, 99),
        ]
    )
    func fewest(length: Int, count: Int) throws {
        let symbols = try QRSymbol.series(within: 57, texts: Self.divided(length))
        #expect(symbols.count == count)
        #expect(symbols.allSatisfy { $0.size <= 57 })
    }

    @Test(
        "has medium correction, low where only that fits, and more where it costs nothing",
        arguments: [
            // In version 10, as low as must be.
            (395, 57, QRCorrectionLevel.low), (312, 57, .low), (311, 57, .medium),
            // There is room for a larger symbol, so it is medium.
            (312, 177, .medium), (395, 177, .medium),
            // Versions 1 and 9 have room for more.
            (10, 177, .high), (16, 177, .quartile), (17, 177, .medium), (20, 177, .medium), (21, 177, .quartile),
            // Only low correction holds so much.
            (4296, 177, .low), (3391, 177, .medium), (3392, 177, .low),
        ]
    )
    func level(length: Int, limit: Int, level: QRCorrectionLevel) throws {
        let text = String(repeating: "A", count: length)
        let symbols = try QRSymbol.series(within: limit) { _ in [text] }
        #expect(symbols == [try QRSymbol(alphanumeric: text, level: level)])
    }

    @Test("is refused where 99 are too large, and says how large")
    func tooLarge() throws {
        #expect(throws: QRCodeError.tooLarge(size: 61, limit: 57)) {
            try QRSymbol.series(within: 57, texts: Self.divided(385 * 99 + 1))
        }
        #expect(throws: QRCodeError.tooLarge(size: 21, limit: 20)) { try QRSymbol.series(within: 20) { _ in ["A"] } }
        #expect(throws: QRCodeError.tooLarge(size: 21, limit: -8)) { try QRSymbol.series(within: -8) { _ in ["A"] } }
    }

    @Test("is refused where there is no text, and where it is of another mode")
    func refused() throws {
        #expect(throws: QRCodeError.empty) { try QRSymbol.series(within: 177) { _ in [] } }
        #expect(throws: QRCodeError.empty) { try QRSymbol.series(within: 177) { _ in [""] } }
        #expect(throws: QRCodeError.notAlphanumeric(offset: 1)) { try QRSymbol.series(within: 177) { _ in ["Aa"] } }
        #expect(throws: QRCodeError.tooLong(characterCount: 4297, limit: 4296)) {
            try QRSymbol.series(within: 177) { _ in [String(repeating: "A", count: 4297)] }
        }
    }
}
