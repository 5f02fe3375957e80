extension QRSymbol {
    /// Draws the symbol and its quiet zone as an SVG picture, black on white.
    ///
    /// - Returns: A file of text (SVG 1.1).
    package func svg() -> String {
        let side = size + 2 * Self.quietZone
        let length = side * Self.pixelsPerModule
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(length)" height="\(length)" \
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
