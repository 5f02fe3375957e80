import TestSupport
import Testing

/// A terminal of a host, at which somebody types what a page shows and compares what comes of it.
final class TypedTerminal {
    /// What differs from the page.
    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    /// The passphrase that is typed wherever one is asked for, unseen.
    static let passphrase = "correct horse battery staple"

    let host: String
    private let shell: BackgroundCommand
    private let prompt: String
    // What was on the terminal before the command that was typed last.
    private var past = ""
    // That command, and what the page shows of it.
    private var command: String?
    private var shown: [String] = []

    /// Opens a terminal on a host, whose prompt is that of the pages.
    static func open(on host: String) async throws -> TypedTerminal {
        let lab = try lab()
        let arguments = ["env", "NO_COLOR=1", "TERM=dumb", "bash", "-c", script, "bash", host, lab.directory]
        let terminal = TypedTerminal(host: host, shell: try lab.startOnTerminal(host, arguments))
        try await terminal.shell.waitForOutput(terminal.prompt)
        return terminal
    }

    private init(host: String, shell: BackgroundCommand) {
        (self.host, self.shell, prompt) = (host, shell, "host\(host)$ ")
    }

    // A shell in which ^C ends what runs and nothing else, whichever process group that is in. Who types is root already, a
    // copy to another host goes by the disk, and a scanner looks for no desktop. Debian's Compose is a program of its own,
    // which on a terminal would leave the cursor behind its last line.
    private static let script = #"""
        trap : INT
        stty rows 60 columns 200
        sudo() { "$@"; }
        scp() {
            local target=${!#} lab=$lab
            [[ $1 != -q ]] || shift
            target=${target#host}
            cp "${@:1:$#-1}" "$lab/${target%%:*}/root/${target#*:}"
        }
        docker() { if [[ $1 = compose ]]; then docker-compose "${@:2}" 2>&1 | cat; else command docker "$@"; fi; }
        zbarimg() { command zbarimg --nodbus "$@"; }
        host=$1 lab=$2
        while printf 'host%s$ ' "$host"; IFS= read -r line || exit; do
            eval "$line"
            status=$?
            ((status == 0 || status == 130)) || printf '(status %d)\n' "$status"
        done
        """#

    /// Whether a command runs here that stays until it is interrupted.
    var isBusy: Bool { command.map(Self.stays) ?? false }

    /// Whether this is what runs here.
    func runs(_ command: String) -> Bool { isBusy && self.command == command }

    private static func stays(_ command: String) -> Bool {
        command.contains(#/\bwgup (server|client)\b/#)
    }

    /// Begins to show the command again that runs here.
    func showAgain() { shown = [] }

    /// Types a command.
    func type(_ command: String) throws {
        past = text
        (self.command, shown) = (command, [])
        try shell.type("\(command)\n")
    }

    /// Presses ^C.
    func interrupt() throws { try shell.type("\u{3}") }

    /// Waits until what the page shows next is there: of a command that does not stay, all of it and the prompt.
    func expect(_ lines: [String], _ samples: inout Samples) async throws {
        shown += lines
        try await wait(for: isBusy ? .beginning : .end, &samples)
        guard isBusy || !output.contains("\n(status ") else { throw Difference(description: "fails: \(output)") }
    }

    /// Waits until the command has ended, of which the page has shown all with these lines.
    func expectEnd(_ lines: [String], _ samples: inout Samples) async throws {
        shown += lines
        try await wait(for: .end, &samples)
        command = nil
    }

    /// Waits until the command asks something after these lines, and answers.
    func expect(
        _ lines: [String],
        thenAnswer question: (text: String, answer: String, line: String),
        _ samples: inout Samples
    ) async throws {
        shown += lines
        try await wait(for: .question(question.text), &samples)
        try shell.type("\(question.answer)\n")
        shown.append(question.line)
    }

    /// Ends what is still running, of which the page shows no more, and closes the terminal.
    func close() async throws {
        // Another one may have taken over from it.
        if isBusy, !isAtPrompt {
            try interrupt()
            let deadline = ContinuousClock.now + .seconds(30)
            while !isAtPrompt {
                guard ContinuousClock.now < deadline else { throw Difference(description: "does not end:\n\(text)") }
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(!output.contains("\n(status "), "\(output)")
        }
        try shell.type("exit\n")
        _ = try await shell.waitForEnd()
    }

    /// Whether nothing runs here; what was running may have ended by itself when ^C was pressed, whose echo is then on either
    /// side of the prompt.
    private var isAtPrompt: Bool { text.replacing("^C", with: "").hasSuffix("\n\(prompt)") }

    /// What the command has said.
    var output: String { String(text.dropFirst(past.count)) }

    private enum Extent {
        case beginning, end
        case question(String)
    }

    private func wait(for extent: Extent, _ samples: inout Samples) async throws {
        guard let command else { return }
        // What is typed is seen as it is; the prompt before it was a part of what came before.
        let typed = "\(command)\n"
        let deadline = ContinuousClock.now + .seconds(30)
        var seen: String?
        while true {
            let isOver = ContinuousClock.now > deadline || !shell.isRunning
            let output = output
            if output != seen, output.hasPrefix(typed) {
                let said = String(output.dropFirst(typed.count))
                let agree =
                    switch extent {
                    case .beginning: try samples.match(shown, inBeginningOf: said)
                    case .end: try samples.match(shown, then: prompt, in: said)
                    case .question(let question): try samples.match(shown, then: question, in: said)
                    }
                if agree { return }
            }
            seen = output
            guard !isOver else {
                throw Difference(
                    description: """
                        on host \(host), the terminal shows
                        \(output)
                        where the page has
                        \(([command] + shown).joined(separator: "\n"))
                        """
                )
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // A carriage return and the line feed after it are one character.
    private var text: String { String(String.UnicodeScalarView(shell.output.unicodeScalars.filter { $0 != "\r" })) }
}
