/// A page of the manual, read for what it has its reader type.
package struct ManualPage: Sendable {
    /// Lines that stand apart from the text, as they are.
    package struct Display: Sendable {
        /// The heading that they are under: of a subsection, or else of a section.
        package let heading: String
        /// As a reader sees them, but for those that end in a backslash, which the next one is a part of.
        package let lines: [String]

        /// What is typed in it, in its order.
        package var typedLines: [TypedLine] { lines.compactMap(TypedLine.init) }
    }

    /// All of the page's source.
    package let text: String
    /// Its displays, in its order; lines that follow each other with `.Dl` are one.
    package let displays: [Display]

    /// Reads a page.
    ///
    /// - Parameter path: Relative to the package.
    /// - Throws: What reading the file meets.
    package init(_ path: String) throws { self.init(text: try SourceTree.file(path).text) }

    /// Takes the source of a page.
    package init(text: String) {
        self.text = text
        var displays: [Display] = []
        var heading = ""
        var lines: [String]?
        var isInDisplay = false
        func end() {
            if let lines { displays.append(Display(heading: heading, lines: Self.joined(lines))) }
            lines = nil
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if isInDisplay, line != ".Ed" {
                lines?.append(Self.shown(line))
            } else if line.hasPrefix(".Dl ") {
                lines = (lines ?? []) + [Self.shown(line.dropFirst(4))]
            } else {
                end()
                isInDisplay = line.hasPrefix(".Bd -literal")
                if isInDisplay { lines = [] }
                if line.hasPrefix(".Sh ") || line.hasPrefix(".Ss ") { heading = String(line.dropFirst(4)) }
            }
        }
        self.displays = displays
    }

    /// The displays below one heading, in their order.
    package func displays(under heading: String) -> [Display] { displays.filter { $0.heading == heading } }

    private static func joined(_ lines: [String]) -> [String] {
        lines.reduce(into: []) { joined, line in
            if let last = joined.last, last.hasSuffix("\\") {
                joined[joined.count - 1] = String(last.dropLast() + line.drop(while: \.isWhitespace))
            } else {
                joined.append(line)
            }
        }
    }

    /// What mandoc makes of a line of a display.
    private static func shown(_ line: Substring) -> String {
        var shown = ""
        var rest = line[...]
        while let character = rest.popFirst() {
            guard character == "\\", let escaped = rest.popFirst() else {
                shown.append(character)
                continue
            }
            switch escaped {
            case "e": shown.append("\\")
            case "&": break
            default: shown.append(escaped)
            }
        }
        return shown
    }
}

/// A command that somebody types, at a prompt.
package struct TypedLine: Sendable, Equatable {
    /// The name before `$` or `#`, as in `hostA$ wgkey gen`; empty if there is none.
    package let host: String
    /// All that is typed there.
    package let command: String

    /// Reads a line of a display.
    ///
    /// - Returns: `nil` if it does not begin with a prompt.
    package init?(_ line: String) {
        guard let match = line.wholeMatch(of: #/([A-Za-z0-9]*)[$#] (.+)/#) else { return nil }
        (host, command) = (String(match.1), String(match.2))
    }
}
