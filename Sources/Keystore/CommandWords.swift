/// Splits one line of text into the words of a command, without a shell.
package enum CommandWords {
    /// Splits at blanks that no quote keeps.
    ///
    /// Single and double quotes keep all they hold, a backslash keeps the character after it (but not in single quotes);
    /// nothing is expanded, so `$HOME`, `*` and `;` mean themselves.
    ///
    /// - Returns: `nil` for an open quote, a backslash at the end, or no word at all.
    package static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            switch (character, quote) {
            case ("\\", nil), ("\\", "\""):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            case (let character, let open?) where character == open:
                quote = nil
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case (" ", nil), ("\t", nil):
                if let finished = word { words.append(finished) }
                word = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        if let finished = word { words.append(finished) }
        return quote == nil && !words.isEmpty ? words : nil
    }
}
