internal import CommandSupport
internal import QRCode
internal import SystemIO

/// Text as QR codes on standard output, where a camera can read them.
package enum QRCodeOutput {
    /// Draws one code, in black and white on a terminal.
    ///
    /// - Parameters:
    ///   - text: Of the alphanumeric mode.
    ///   - hint: What else the user can do if the window is too small.
    /// - Throws: ``CommandFailure`` if the window is too narrow; in one that is too low, no more than the margin may be
    ///   out of sight.
    package static func show(_ text: String, hint: String) throws {
        try show({ _ in [text] }, for: window.map { ($0.columns, nil) }, hint: hint)
    }

    /// Draws as few codes as fit, on a terminal one after the other.
    ///
    /// - Parameters:
    ///   - hint: What else the user can do if the window is too small.
    ///   - texts: As for ``QRCode/QRSymbol/series(within:texts:)``.
    /// - Throws: ``CommandFailure`` if the window is too small.
    package static func show(hint: String, _ texts: (_ count: Int) -> [String]) throws {
        // One row is for the prompt.
        try show(texts, for: window.map { ($0.columns, $0.rows - 1) }, hint: hint)
    }

    /// `nil` if standard output is no terminal.
    private static var window: (columns: Int, rows: Int)? {
        guard StandardStream.output.isTerminal else { return nil }
        return Terminal.controlling()?.windowSize ?? (80, 24)
    }

    private static func show(_ texts: (Int) -> [String], for window: (columns: Int, rows: Int?)?, hint: String) throws {
        let limit = window.map { QRTerminalRenderer.maximumSize(columns: $0.columns, rows: $0.rows) }
        let symbols: [QRSymbol]
        do throws(QRCodeError) {
            symbols = try QRSymbol.series(within: limit ?? QRSymbol.maximumSize, texts: texts)
        } catch .tooLarge(let size, _) {
            let needed = QRTerminalRenderer.windowSize(forSymbolOf: size)
            let rows = window?.rows.map { _ in " and \(needed.rows + 1) rows" } ?? ""
            throw CommandFailure(
                .cannotCreate,
                "a QR code of this needs a window with \(needed.columns) columns\(rows)",
                hint: hint
            )
        } catch {
            throw CommandFailure(.cannotCreate, "\(error)")
        }
        let renderer = QRTerminalRenderer(style: window == nil ? .lightText : .blackOnWhite)
        for (index, symbol) in symbols.enumerated() {
            try StandardStream.writeOutput(renderer.lines(for: symbol).map { $0 + "\n" }.joined())
            guard symbols.count > 1 else { return }
            let caption = "part \(index + 1) of \(symbols.count)"
            if window != nil, index + 1 < symbols.count, let terminal = Terminal.controlling() {
                _ = try terminal.ask("\(caption); press Enter for the next: ")
            } else {
                try StandardStream.writeOutput("\(caption)\n")
            }
        }
    }
}
