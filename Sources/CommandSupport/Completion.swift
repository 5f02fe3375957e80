package import ArgumentParser
internal import Keystore
internal import SystemIO
internal import WireGuard

// What a shell offers for a word that is not complete yet. It is found without a lock and without a key, and changes
// nothing; of what cannot be read, nothing is offered.

extension CompletionKind {
    /// The networks that this host is the hub of.
    package static var networks: CompletionKind {
        names { home, _ in try home.networkNames().filter { (try? home.network($0)) != nil } }
    }

    /// The peers of the network that the line names.
    package static var peers: CompletionKind { names { home, line in try line.peers(of: home) } }

    /// The trusted issuers.
    package static var issuers: CompletionKind { names { home, _ in try home.trustedIssuers().map(\.name) } }

    /// Whom a bundle can be sealed to by name; with files, which ``CompletionScript`` has the shell add.
    package static var recipients: CompletionKind {
        names { home, line in
            // Before its first peer there is no network.
            let peers = (try? line.peers(of: home)) ?? []
            return peers + (try home.trustedIssuers().map(\.name).filter { !peers.contains($0) })
        }
    }

    /// No word: what stands there is new, or known to nobody here.
    ///
    /// Of an argument that has no completion at all, zsh says so, and then inserts no option in its place either.
    package static var nothing: CompletionKind { .list([]) }

    /// Words that the rest of the line does not change.
    package static func words(_ list: @escaping @Sendable () throws -> [String]) -> CompletionKind {
        .custom { (words: [String], index: Int, _: String) -> [String] in
            UnfinishedLine(words, index).completions(from: (try? list()) ?? [])
        }
    }

    private static func names(
        _ list: @escaping @Sendable (borrowing Home, UnfinishedLine) throws -> [Name]
    ) -> CompletionKind {
        .custom { (words: [String], index: Int, _: String) -> [String] in
            let line = UnfinishedLine(words, index)
            guard let home = try? line.home.open(), let names = try? list(home, line) else { return [] }
            return line.completions(from: names.map(\.description))
        }
    }
}

/// A command line as a shell has it while somebody types.
private struct UnfinishedLine {
    /// So many are looked through at a glance.
    private static let maximumCount = 1000

    private let words: [String]
    private let index: Int

    /// Takes the words, and which of them is to be completed; that may be one past the last.
    init(_ words: [String], _ index: Int) {
        self.words = words
        self.index = index
    }

    /// The home that the line names, or the usual one.
    var home: HomeOptions {
        var options = HomeOptions()
        options.home = value(of: "--home").map { path in
            guard path.hasPrefix("~/"), let user = User.invoking() else { return path }
            return user.homeDirectory + path.dropFirst()
        }
        return options
    }

    func peers(of home: borrowing Home) throws -> [Name] {
        guard let name = Name(value(of: "--network") ?? Network.defaultName.description) else { return [] }
        return try home.network(name).peerNames()
    }

    /// What begins like the word, sorted.
    ///
    /// Of very many it is the first and the last, so that what the shell takes for their common beginning is that of all.
    func completions(from candidates: [String]) -> [String] {
        var start = words.indices.contains(index) ? words[index][...] : ""
        // fish leaves the option at its value.
        if start.hasPrefix("--"), let equals = start.firstIndex(of: "=") { start = start[equals...].dropFirst() }
        // Of a word in quotes, shells give these, too.
        start = start.drop { $0 == "'" || $0 == "\"" }
        let found = candidates.filter { $0.hasPrefix(start) }.sorted()
        return found.count > Self.maximumCount ? found.prefix(Self.maximumCount - 1) + found.suffix(1) : found
    }

    /// The last value that is given; `bash` makes three words of `--option=value`.
    private func value(of option: String) -> String? {
        var value: String?
        for (position, word) in words.enumerated() where position != index {
            if word == option {
                value = words.dropFirst(position + 1).prefix(2).first { $0 != "=" }
            } else if word.hasPrefix("\(option)=") {
                value = String(word.dropFirst(option.count + 1))
            }
        }
        return value
    }
}
