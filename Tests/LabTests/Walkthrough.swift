import TestSupport
import Testing

/// What a page has its reader type, typed line for line.
final class Walkthrough {
    /// What the samples of the page were in this run.
    var samples = Samples()
    private var terminals: [TypedTerminal] = []
    private var current: TypedTerminal?
    // What the page shows and has not been compared yet, and whether the command ends with it.
    private var shown: [String] = []
    private var isInterrupted = false

    /// Types the lines of the displays under a heading, and compares what comes of each with what the page shows.
    ///
    /// A line of three dots stands for any lines. A command that stays is shown again where more of it is to be seen, which
    /// goes on in the terminal that it has; `^C` is pressed where the page shows that.
    ///
    /// - Parameters:
    ///   - heading: Of the page, which is wgseal(7) unless another one is given.
    ///   - page: Relative to the package.
    ///   - hands: What somebody does beside typing, by the beginning of the command that needs it.
    /// - Throws: ``TypedTerminal/Difference``.
    func play(
        _ heading: String,
        of page: String = "man/wgseal.7",
        hands: [String: () async throws -> Void] = [:]
    ) async throws {
        let displays = try ManualPage(page).displays(under: heading)
        try #require(!displays.isEmpty, "\(page) has no displays under '\(heading)'")
        try await play(displays.filter { !$0.typedLines.isEmpty }.flatMap(\.lines), hands: hands)
    }

    /// Does the same with lines of one's own, before those of a page or after them.
    func play(_ lines: [String], hands: [String: () async throws -> Void] = [:]) async throws {
        var idle = Set(hands.keys)
        for line in lines {
            if let typed = TypedLine(line) {
                try await compare()
                for (beginning, hand) in hands where typed.command.hasPrefix(beginning) {
                    idle.remove(beginning)
                    try await hand()
                }
                try await type(typed)
            } else if line.hasPrefix("^C") {
                try await compare()
                try current?.interrupt()
                (isInterrupted, shown) = (true, [line])
            } else if let (question, answer) = Self.question(line) {
                let actual = try samples.actual(answer)
                try await compare(butFor: (question, actual, line))
            } else {
                shown.append(line)
            }
        }
        try await compare()
        #expect(idle == [], "nothing that is typed begins so")
    }

    /// What the last command has said.
    var output: String { current?.output ?? "" }

    /// Ends what is still running, and closes the terminals.
    func end() async throws {
        for terminal in terminals { try await terminal.close() }
        terminals = []
    }

    /// What a command asks, and the answer: after `> ` it is seen, a passphrase is not.
    private static func question(_ line: String) -> (question: String, answer: String)? {
        if line.hasPrefix("> ") { return ("> ", String(line.dropFirst(2))) }
        guard line.hasSuffix(":"), line.contains("assphrase") || line == "The same again:" else { return nil }
        return ("\(line) ", TypedTerminal.passphrase)
    }

    private func type(_ typed: TypedLine) async throws {
        let host = String(try #require(typed.host.wholeMatch(of: #/host([A-Z])/#)?.1, "no host: \(typed)"))
        let command = try samples.actual(typed.command)
        let own = terminals.filter { $0.host == host }
        if let running = own.first(where: { $0.runs(command) }) {
            running.showAgain()
            current = running
            return
        }
        if let idle = own.first(where: { !$0.isBusy }) {
            current = idle
        } else {
            let new = try await TypedTerminal.open(on: host)
            terminals.append(new)
            current = new
        }
        try current?.type(command)
    }

    private func compare(butFor question: (String, answer: String, line: String)? = nil) async throws {
        defer { (shown, isInterrupted) = ([], false) }
        guard let current else { return }
        if let question {
            try await current.expect(shown, thenAnswer: question, &samples)
        } else if isInterrupted {
            try await current.expectEnd(shown, &samples)
        } else {
            try await current.expect(shown, &samples)
        }
    }
}
