extension QRTerminalRenderer {
    /// Draws text as a QR code of medium correction, or of low correction where only that fits.
    ///
    /// - Parameters:
    ///   - text: Of the alphanumeric mode.
    ///   - columns: The width of the terminal's window in characters; `nil` draws text that is no terminal's.
    /// - Returns: Lines with their ends.
    /// - Throws: ``QRCodeError``, also if a window is too narrow: broken lines cannot be scanned.
    package static func draw(alphanumeric text: String, columns: Int?) throws(QRCodeError) -> String {
        let level = text.utf8.count > QRCorrectionLevel.medium.maximumCharacterCount ? QRCorrectionLevel.low : .medium
        var symbol = try QRSymbol(alphanumeric: text, level: level)
        if let columns {
            if size(of: symbol).columns > columns { symbol = try QRSymbol(alphanumeric: text, level: .low) }
            let needed = size(of: symbol).columns
            guard needed <= columns else { throw .tooWide(columns: needed, window: columns) }
        }
        let renderer = QRTerminalRenderer(style: columns == nil ? .lightText : .blackOnWhite)
        return renderer.lines(for: symbol).map { $0 + "\n" }.joined()
    }
}
