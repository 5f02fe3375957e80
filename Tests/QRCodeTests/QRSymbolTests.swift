import QRCode
import Testing

@Suite("QR symbol")
struct QRSymbolTests {
    // ISO/IEC 18004, table 7: what version 1 and version 40 hold in alphanumeric mode.
    static let capacities: [(QRCorrectionLevel, smallest: Int, largest: Int)] = [
        (.low, 25, 4296), (.medium, 20, 3391), (.quartile, 16, 2420), (.high, 10, 1852),
    ]

    @Test("takes the smallest version that holds the text", arguments: capacities)
    func takesSmallestVersion(level: QRCorrectionLevel, smallest: Int, largest: Int) throws {
        #expect(try QRSymbol(alphanumeric: text(count: smallest), level: level).size == 21)
        #expect(try QRSymbol(alphanumeric: text(count: smallest + 1), level: level).size == 25)
    }

    @Test("fills the largest version to its last character and refuses one more", arguments: capacities)
    func refusesTooLong(level: QRCorrectionLevel, smallest: Int, largest: Int) throws {
        #expect(try QRSymbol(alphanumeric: text(count: largest), level: level).size == 177)
        #expect(throws: QRCodeError.tooLong(characterCount: largest + 1, limit: largest)) {
            try QRSymbol(alphanumeric: text(count: largest + 1), level: level)
        }
    }

    @Test("stays in alphanumeric mode for digits alone too, so that the length alone decides the size")
    func staysInOneMode() throws {
        // 41 digits fit version 1 in numeric mode; 26 do not in alphanumeric mode.
        #expect(try QRSymbol(alphanumeric: String(repeating: "7", count: 26), level: .low).size == 25)
    }

    @Test(
        "refuses a character outside the alphanumeric mode and says which",
        arguments: [
            ("WGS1:abc", 5), ("wgid1", 0), ("AB\n", 2), ("A\u{0}B", 1), ("A\u{E4}", 1), ("A_B", 1), ("A,B", 1),
        ]
    )
    func refusesOtherCharacters(text: String, offset: Int) {
        #expect(throws: QRCodeError.notAlphanumeric(offset: offset)) { try QRSymbol(alphanumeric: text, level: .low) }
    }

    @Test("refuses the empty text")
    func refusesNothing() {
        #expect(throws: QRCodeError.empty) { try QRSymbol(alphanumeric: "", level: .low) }
    }

    @Test("is light all around")
    func isLightAround() throws {
        let symbol = try QRSymbol(alphanumeric: "WGS1:", level: .low)
        #expect(symbol.isDark(row: 0, column: 0))
        for outside in [(-1, 0), (0, -1), (21, 0), (0, 21), (Int.min, Int.max)] {
            #expect(!symbol.isDark(row: outside.0, column: outside.1))
        }
    }

    private func text(count: Int) -> String { String(repeating: "A", count: count) }
}
