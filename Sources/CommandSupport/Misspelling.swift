internal import ArgumentParser

/// The command that a command line names, and the first word there that no command or option of it is called.
struct Misspelling {
    /// The command's name, with those of the commands that it belongs to.
    let command: String
    /// What is wrong, as an error says it; `nil` if every word that could be a name is one.
    var error: String?
    /// The name that was perhaps meant.
    var suggestion: String?

    /// Looks through the arguments of a command line that the parser has refused.
    init(in arguments: [String], of root: any ParsableCommand.Type) {
        var words = arguments.prefix { $0 != "--" }
        var path = [root._commandName]
        var type = root
        while let word = words.first,
            let next = type.configuration.subcommands.first(where: { $0._commandName == word })
        {
            words.removeFirst()
            path.append(word)
            type = next
        }
        command = path.joined(separator: " ")
        let subcommands = type.configuration.subcommands.map { $0._commandName }
        if let word = words.first, !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" {
            error = "unknown subcommand '\(word)'"
            suggestion = Self.nearest(to: word, of: subcommands + ["help"])
            return
        }
        let options = Self.options(inHelp: root.helpMessage(for: type, columns: .max))
        // The word after an option that takes a value may be one that looks like an option.
        var isValue = false
        for word in words {
            let name = String(word.prefix { $0 != "=" })
            let isOption = name.hasPrefix("-") && name.contains { $0 != "-" }
            if !isValue, isOption, options[name] == nil, options[String(name.prefix(2))] == nil || name.hasPrefix("--")
            {
                error = "unknown option '\(name)'"
                suggestion = Self.nearest(to: name, of: options.keys.filter { $0.hasPrefix("--") })
                return
            }
            isValue = !isValue && options[word] == true
        }
    }

    /// The names of options in the text of a command's help, each with whether it takes a value.
    ///
    /// The parser keeps them to itself otherwise.
    private static func options(inHelp help: String) -> [String: Bool] {
        var options: [String: Bool] = ["--generate-completion-script": true]
        for line in help.split(separator: "\n") where line.hasPrefix("  -") {
            let words = line.split(separator: " ").prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }
            let takesValue = words.contains { $0.hasPrefix("<") }
            for word in words where word.hasPrefix("-") {
                options[String(word.hasSuffix(",") ? word.dropLast() : word)] = takesValue
            }
        }
        return options
    }

    /// The name that a word was perhaps meant to be.
    ///
    /// - Returns: The only one that begins so, or else the nearest if a third of the letters at most are wrong.
    private static func nearest(to word: String, of names: [String]) -> String? {
        let letters = Array(word.lowercased().drop { $0 == "-" })
        let candidates = names.sorted().map { (name: $0, letters: Array($0.drop { $0 == "-" })) }
        let longer = candidates.filter { $0.letters.starts(with: letters) }
        if longer.count == 1, let only = longer.first { return only.name }
        let distances = candidates.map { (name: $0.name, distance: distance(letters, $0.letters)) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }),
            nearest.distance <= max(1, letters.count / 3)
        else { return nil }
        return nearest.name
    }

    /// How many letters one has to insert, drop, replace or exchange with their neighbour to make one word of another.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for (row, letter) in left.enumerated() {
            var distances = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(
                    distances[column] + 1,
                    rows[row][column + 1] + 1,
                    rows[row][column] + (letter == other ? 0 : 1)
                )
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    best = min(best, rows[row - 1][column - 1] + 1)
                }
                distances.append(best)
            }
            rows.append(distances)
        }
        return rows[left.count][right.count]
    }
}
