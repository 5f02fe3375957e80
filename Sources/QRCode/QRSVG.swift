extension QRSymbol {
    /// Draws the symbol and its quiet zone as an SVG picture, black on white.
    ///
    /// - Parameter length: The length of a module's side in the units of CSS, which programs take for pixels.
    /// - Returns: A file of text (SVG 1.1).
    package func svg(moduleLength length: Int = 8) -> String {
        let side = size + 2 * Self.quietZone
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(side * length)" height="\(side * length)" \
            viewBox="0 0 \(side) \(side)">
            <rect width="\(side)" height="\(side)" fill="#fff"/>
            <path fill="#000" shape-rendering="crispEdges" d="\(outline)"/>
            </svg>

            """
    }

    /// A rectangle for each run of dark modules in a row.
    private var outline: String {
        var path = ""
        for row in 0..<size {
            var column = 0
            while column < size {
                let start = column
                while isDark(row: row, column: column) { column += 1 }
                let width = column - start
                if width > 0 { path += "M\(start + Self.quietZone) \(row + Self.quietZone)h\(width)v1h-\(width)z" }
                column += 1
            }
        }
        return path
    }
}
