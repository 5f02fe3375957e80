import QRCode
import TestSupport
import Testing

@Suite("QR terminal renderer")
struct QRTerminalRendererTests {
    static let base45 = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")

    /// The lengths that an identity and the first four bundle sizes have, at every level that holds them.
    static let symbols = [171, 569, 857, 1625, 3161].flatMap { length in
        QRCorrectionLevel.allCases.filter { length <= $0.maximumCharacterCount }.map { (length, $0) }
    }

    @Test("draws what zbarimg reads back, bit-exact", arguments: symbols)
    func survivesScanning(length: Int, level: QRCorrectionLevel) async throws {
        var generator = SplitMix64(seed: UInt64(length))
        // A space last, since a scanner that trims would change the bundle.
        let body = (0..<length - 6).compactMap { _ in Self.base45.randomElement(using: &generator) }
        let text = "WGS1:" + String(body) + " "
        let symbol = try QRSymbol(alphanumeric: text, level: level)
        let screen = TerminalScreen(QRTerminalRenderer(style: .blackOnWhite).lines(for: symbol), inkIsDark: true)
        let directory = try TemporaryDirectory()
        let picture = try directory.write(screen.pbm(scale: 4), to: "symbol.pbm")
        let scan = try await Tool("zbarimg").run(["--quiet", "--raw", "-Sbinary", picture])
        #expect(scan.status == 0, "\(scan.error)")
        #expect(scan.text == text)
    }

    @Test(
        "shows the same picture in every style on the terminal that the style is for",
        arguments: [(QRTerminalRenderer.Style.blackOnWhite, true), (.darkText, true), (.lightText, false)]
    )
    func agreesAcrossStyles(style: QRTerminalRenderer.Style, inkIsDark: Bool) throws {
        let symbol = try QRSymbol(alphanumeric: "WGS1:HELLO", level: .medium)
        let screen = TerminalScreen(QRTerminalRenderer(style: style).lines(for: symbol), inkIsDark: inkIsDark)
        let side = symbol.size + 8
        // The number of module rows is odd, so the last line has a row to spare.
        #expect(screen.rows.count == side + 1)
        for row in 0...side {
            #expect(screen.rows[row] == (0..<side).map { symbol.isDark(row: row - 4, column: $0 - 4) }, "row \(row)")
        }
    }

    @Test("forces black on white in every line and leaves the terminal's colours as they were")
    func setsAndResetsColours() throws {
        let symbol = try QRSymbol(alphanumeric: "WGS1:HELLO", level: .medium)
        for line in QRTerminalRenderer(style: .blackOnWhite).lines(for: symbol) {
            #expect(line.hasPrefix("\u{1B}[38;5;16;48;5;231m") && line.hasSuffix("\u{1B}[0m"))
        }
    }

    @Test("writes no escape sequence in the plain styles", arguments: [QRTerminalRenderer.Style.lightText, .darkText])
    func staysPlain(style: QRTerminalRenderer.Style) throws {
        let symbol = try QRSymbol(alphanumeric: "WGS1:HELLO", level: .medium)
        #expect(QRTerminalRenderer(style: style).lines(for: symbol).joined().allSatisfy("▀▄█ ".contains))
    }

    @Test(
        "knows the window that it needs",
        arguments: [
            (569, QRCorrectionLevel.low, 77, 39), (569, .medium, 85, 43), (857, .low, 93, 47), (1625, .low, 121, 61),
            (3161, .low, 161, 81), (3161, .medium, 181, 91),
        ]
    )
    func knowsItsSize(length: Int, level: QRCorrectionLevel, columns: Int, rows: Int) throws {
        let symbol = try QRSymbol(alphanumeric: String(repeating: "A", count: length), level: level)
        let size = QRTerminalRenderer.windowSize(forSymbolOf: symbol.size)
        #expect((size.columns, size.rows) == (columns, rows))
        let lines = QRTerminalRenderer(style: .darkText).lines(for: symbol)
        #expect(lines.count == rows)
        #expect(lines.allSatisfy { $0.count == columns })
    }
}
