internal import SystemIO

/// What a command says beside its data: every line goes to standard error.
package struct Diagnostics: Sendable {
    /// The command's name, which stands before its errors.
    package let tool: String
    /// Whether a person reads along.
    package let isInteractive: Bool
    /// Whether a line can be written over.
    private let isScreen: Bool
    private let isColored: Bool

    /// Looks at standard error once: progress needs a terminal that understands it, and colour `NO_COLOR` unset, too.
    package init(tool: String) {
        self.tool = tool
        isInteractive = StandardStream.error.isTerminal
        isScreen = isInteractive && Environment.value("TERM").map { $0 != "dumb" } ?? false
        isColored = isScreen && Environment.value("NO_COLOR") == nil
    }

    /// Says why the command ends: `wgup: error: …`.
    package func error(_ text: String) { write("\(tool): \(styled("error:", "1;31")) \(text.onOneLine)") }

    /// Says what to do about an error: `hint: …`.
    package func hint(_ text: String) { write("\(styled("hint:", "1;36")) \(text.onOneLine)") }

    /// Says something that the user should know and that is no error: `note: …`.
    package func note(_ text: String) { write("\(styled("note:", "1;33")) \(text.onOneLine)") }

    /// Says what was done.
    package func say(_ text: String) { write(text.onOneLine) }

    /// Shows what is going on until the next line, on a terminal only.
    package func progress(_ text: String) {
        if isScreen { StandardStream.writeError("\(Self.clearLine)\(text.onOneLine)") }
    }

    /// Shows how much of something is done, until the next line, on a terminal only.
    ///
    /// - Parameters:
    ///   - what: What is being done.
    ///   - done: So many of `total`.
    ///   - total: At least `done`, more than 0.
    package func progress(_ what: String, _ done: Int, of total: Int) {
        let width = 30
        let filled = width * done / max(1, total)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        progress("\(what) [\(bar)] \(done) of \(total)")
    }

    /// Reports an error with its hint.
    ///
    /// - Returns: How the command ends.
    package func report(_ error: any Error) -> ExitStatus {
        guard let error = error as? any Diagnosable else {
            self.error("\(error)")
            return .software
        }
        self.error("\(error)")
        if let hint = error.hint { self.hint(hint) }
        return error.exitStatus
    }

    private static let clearLine = "\r\u{1b}[K"

    private func write(_ line: String) { StandardStream.writeError("\(isScreen ? Self.clearLine : "")\(line)\n") }

    private func styled(_ text: String, _ style: String) -> String {
        isColored ? "\u{1b}[\(style)m\(text)\u{1b}[0m" : text
    }
}

extension String {
    /// This text without line ends and other characters that steer a terminal, whoever wrote it.
    package var onOneLine: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: text.append(scalar == "\n" ? " " : "?")
            case .format: text.append("?")
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Int {
    /// This number of things, for people.
    ///
    /// - Parameter noun: One of them; its plural ends in "s".
    /// - Returns: Such as "1 peer" or "2 peers".
    package func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
