/// The modules of a QR code: a square of dark and light, without the quiet zone around it.
package struct QRSymbol: Equatable, Sendable {
    /// The number of modules along a side: 21 for version 1, 4 more for each further version, up to 177.
    package let size: Int

    /// The modules along the side of the largest symbol, version 40.
    package static let maximumSize = 177

    /// The light modules that must be on each side of a symbol (ISO/IEC 18004, 5.3.8).
    static let quietZone = 4

    /// The side of a module in a picture, as long as it is not scaled: a millimetre on most screens.
    static let pixelsPerModule = 4

    // Row by row from the top, each from the left.
    let modules: [Bool]

    /// Tells whether a module is dark; everything around the symbol is light.
    package func isDark(row: Int, column: Int) -> Bool {
        (0..<size).contains(row) && (0..<size).contains(column) && modules[row * size + column]
    }
}
