/// Draws a symbol with half-block characters, two rows of modules in one line of text.
///
/// A terminal's cell is about twice as high as wide, so the modules come out square. The quiet zone is drawn too: a
/// terminal's own background may be dark.
package struct QRTerminalRenderer: Sendable {
    /// How light and dark come about; scanners look for dark modules on light ground, and few read the reverse.
    package enum Style: Sendable {
        /// Escape sequences force black on white, whatever the terminal's colours: for a terminal.
        case blackOnWhite
        /// Text alone, to be shown light on dark: characters draw the light modules.
        case lightText
        /// Text alone, to be shown dark on light, as on paper: characters draw the dark modules.
        case darkText
    }

    /// The size of a drawing, to be held against the terminal's window.
    package struct Size: Equatable, Sendable {
        /// Characters in each line.
        package let columns: Int
        /// Lines.
        package let rows: Int
    }

    private let style: Style

    /// Makes a renderer of one style.
    package init(style: Style) { self.style = style }

    /// The window that a symbol needs, which ``QRSymbol/size`` decides; one row more leaves room for the prompt below it.
    package static func windowSize(forSymbolOf size: Int) -> Size {
        let side = size + 2 * QRSymbol.quietZone
        return Size(columns: side, rows: (side + 1) / 2)
    }

    /// Tells how large a symbol a window has room for.
    ///
    /// - Parameters:
    ///   - columns: Characters in each line.
    ///   - rows: Lines; `nil` if there are enough.
    /// - Returns: Modules along its side; fewer than any symbol has where none fits.
    package static func maximumSize(columns: Int, rows: Int?) -> Int {
        min(columns, rows.map { 2 * $0 } ?? columns) - 2 * QRSymbol.quietZone
    }

    /// Draws a symbol.
    ///
    /// - Returns: Lines without their ends, each of which sets its colours and resets them.
    package func lines(for symbol: QRSymbol) -> [String] {
        let size = Self.windowSize(forSymbolOf: symbol.size)
        let quietZone = QRSymbol.quietZone
        return (0..<size.rows).map { line in
            let row = 2 * line - quietZone
            let text = (-quietZone..<symbol.size + quietZone).reduce(into: "") { text, column in
                text.append(
                    character(
                        upperIsDark: symbol.isDark(row: row, column: column),
                        lowerIsDark: symbol.isDark(row: row + 1, column: column)
                    )
                )
            }
            return decorate(text)
        }
    }

    private func character(upperIsDark: Bool, lowerIsDark: Bool) -> Character {
        let charactersAreDark = style != .lightText
        return switch (upperIsDark == charactersAreDark, lowerIsDark == charactersAreDark) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
    }

    private func decorate(_ text: String) -> String {
        switch style {
        // Colours 16 and 231 are black and white in every palette; the first sixteen belong to the user's theme.
        case .blackOnWhite: "\u{1B}[38;5;16;48;5;231m\(text)\u{1B}[0m"
        case .lightText, .darkText: text
        }
    }
}
