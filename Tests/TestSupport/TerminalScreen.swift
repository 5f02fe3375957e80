/// What a terminal shows of lines of half-block characters; `true` is dark.
package struct TerminalScreen: Sendable {
    /// From top to bottom, two for each line of text, with the modules from left to right.
    package private(set) var rows: [[Bool]] = []

    /// Reads lines without their ends.
    ///
    /// - Parameters:
    ///   - lines: Half-block characters and escape sequences, which are left out.
    ///   - inkIsDark: Whether characters stand for dark modules and the ground for light ones, or the reverse.
    package init(_ lines: [String], inkIsDark: Bool) {
        for line in lines {
            var upper: [Bool] = []
            var lower: [Bool] = []
            var isInEscape = false
            for character in line {
                switch character {
                case "\u{1B}": isInEscape = true
                case _ where isInEscape: isInEscape = character != "m"
                default:
                    upper.append("▀█".contains(character) == inkIsDark)
                    lower.append("▄█".contains(character) == inkIsDark)
                }
            }
            rows += [upper, lower]
        }
    }

    /// A binary PBM picture with `scale` pixels a module, the way a camera would see it.
    package func pbm(scale: Int) -> [UInt8] {
        let width = (rows.first?.count ?? 0) * scale
        var picture = Array("P4\n\(width) \(rows.count * scale)\n".utf8)
        for row in rows {
            let pixels = row.flatMap { repeatElement($0, count: scale) }
            let packed = stride(from: 0, to: width, by: 8).map { start in
                (0..<8).reduce(UInt8(0)) { $0 << 1 | (start + $1 < width && pixels[start + $1] ? 1 : 0) }
            }
            for _ in 0..<scale { picture += packed }
        }
        return picture
    }
}
