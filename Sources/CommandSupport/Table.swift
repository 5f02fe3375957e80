/// Rows of text in columns of equal width.
package struct Table: Sendable {
    private var rows: [[String]]

    /// Starts with the heads of the columns.
    package init(_ heads: String...) { rows = [heads] }

    /// Adds a row, one text for each column.
    package mutating func add(_ row: String...) { rows.append(row) }

    /// The lines, two spaces between columns and none at their ends.
    package var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.compactMap { $0.dropFirst(column).first?.count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (text, width) in zip(row, widths) {
                line += text + String(repeating: " ", count: width - text.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
