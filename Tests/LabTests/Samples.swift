/// What stands on a page for what is another in each run, and what it was in this one.
struct Samples {
    private var values: [String: String] = [:]

    private enum Piece {
        /// The same in each run.
        case literal(Substring)
        /// Keys, and what is made of them, which mean the same thing wherever they stand.
        case key(String)
        case time
        /// Of milliseconds, seconds, bytes or a port.
        case number
        /// Three dots.
        case anything
        /// The space between columns.
        case blanks
    }

    private static func pieces(of line: String) -> [Piece] {
        let pattern =
            #/
            (?<key> wgid1[a-z0-9]*\.\.\. | [0-9A-Z]{5}(?:-[0-9A-Z]{5}){4} | peer-[0-9a-z]{5}\b )
            | (?<time> \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ )
            | (?<number> \b\d+(?=\ (?:ms|s)\b) | :(?!51820)\d{5}\b | \b\d{3,}(?=\ |$) )
            | (?<anything> \.\.\. )
            | \ {2,}
            /#
        var pieces: [Piece] = []
        var rest = line[...]
        while let match = rest.firstMatch(of: pattern) {
            pieces.append(.literal(rest[..<match.range.lowerBound]))
            rest = rest[match.range.upperBound...]
            if let key = match.output.key {
                pieces.append(.key(String(key)))
            } else if match.output.time != nil {
                pieces.append(.time)
            } else if let number = match.output.number {
                if number.hasPrefix(":") { pieces.append(.literal(":")) }
                pieces.append(.number)
            } else {
                pieces.append(match.output.anything != nil ? .anything : .blanks)
            }
        }
        return pieces + [.literal(rest)]
    }

    /// Lets a sample stand for something.
    mutating func bind(_ sample: String, to value: String) { values[sample] = value }

    /// What a line that is typed is in this run.
    func actual(_ line: String) throws -> String {
        let samples = Self.pieces(of: line).compactMap { if case .key(let sample) = $0 { sample } else { nil } }
        return try samples.reduce(line) { line, sample in
            guard let value = values[sample] else {
                throw TypedTerminal.Difference(description: "nothing has shown \(sample) before '\(line)' is typed")
            }
            return line.replacing(sample, with: value)
        }
    }

    /// Whether lines of a page are what a terminal shows first; one of three dots stands for any lines, or none.
    mutating func match(_ lines: [String], inBeginningOf text: String) throws -> Bool {
        let (pattern, samples) = pattern(for: lines)
        return try bind(samples, Regex(pattern).prefixMatch(in: text))
    }

    /// Whether lines of a page, and then a prompt, are all that a terminal shows.
    mutating func match(_ lines: [String], then prompt: String, in text: String) throws -> Bool {
        var (pattern, samples) = pattern(for: lines)
        add(prompt, to: &pattern, &samples)
        return try bind(samples, Regex(pattern).wholeMatch(in: text))
    }

    private mutating func bind(_ samples: [String], _ match: Regex<AnyRegexOutput>.Match?) -> Bool {
        guard let match else { return false }
        var found = values
        for (sample, capture) in zip(samples, match.output.dropFirst()) {
            let value = String(capture.substring ?? "")
            guard found[sample, default: value] == value else { return false }
            found[sample] = value
        }
        values = found
        return true
    }

    private func pattern(for lines: [String]) -> (text: String, samples: [String]) {
        var samples: [String] = []
        var text = ""
        for line in lines {
            guard line != "..." else {
                text += #"(?:.*\n)*?"#
                continue
            }
            add(line, to: &text, &samples)
            // Nothing is seen of the blank after a question whose answer is not.
            text += line.hasSuffix(":") ? #" ?\n"# : #"\n"#
        }
        return (text, samples)
    }

    private func add(_ line: String, to text: inout String, _ samples: inout [String]) {
        for piece in Self.pieces(of: line) {
            switch piece {
            case .literal(let part): text += Self.escaped(part)
            case .key(let sample):
                samples.append(sample)
                switch sample.prefix(5) {
                case "wgid1": text += "(wgid1[a-z0-9]{166})"
                case "peer-": text += "(peer-[0-9a-z]{5})"
                default: text += "([0-9A-Z]{5}(?:-[0-9A-Z]{5}){4})"
                }
            case .time: text += #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"#
            case .number: text += #"\d+"#
            case .anything: text += ".*"
            case .blanks: text += " {2,}"
            }
        }
    }

    private static func escaped(_ text: some StringProtocol) -> String {
        text.reduce(into: "") { $0 += $1.isASCII && !$1.isLetter && !$1.isNumber && $1 != " " ? "\\\($1)" : "\($1)" }
    }
}
