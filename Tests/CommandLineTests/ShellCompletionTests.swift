import CommandSupport
import TestSupport
import Testing

/// A shell, and how it finds the scripts.
enum Shell: CaseIterable, Sendable {
    case bash
    /// With Debian's package of completions, which reads a script when it is needed.
    case bashWithPackage
    case zsh
    case fish

    /// Where its scripts are for it to find, below `share`, and what makes a tool's name that of its script.
    var scripts: (directory: String, prefix: String, suffix: String) {
        switch self {
        case .bash, .bashWithPackage: ("bash-completion/completions", "", "")
        case .zsh: ("zsh/site-functions", "_", "")
        case .fish: ("fish/vendor_completions.d", "", ".fish")
        }
    }

    var name: String { self == .bashWithPackage ? "bash" : "\(self)" }

    /// How it is started without the settings of anybody.
    fileprivate var command: [String] {
        switch self {
        case .bash, .bashWithPackage: ["bash", "--noprofile", "--norc", "-i"]
        case .zsh: ["zsh", "-f", "-i"]
        case .fish: ["fish", "-i"]
        }
    }

    /// What has it find the scripts, and what makes `show` print its words in brackets.
    fileprivate var preparation: String {
        let function = #"show() { printf '[%s]' "$@"; echo .; }"#
        switch self {
        case .bash:
            return "for file in share/bash-completion/completions/*; do . $file; done; "
                + "bind 'set show-all-if-ambiguous on'; \(function)"
        case .bashWithPackage:
            return ". /usr/share/bash-completion/bash_completion; bind 'set show-all-if-ambiguous on'; \(function)"
        case .zsh:
            return "fpath=($PWD/share/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D; \(function)"
        case .fish: return "function show; printf '[%s]' $argv; echo .; end"
        }
    }
}

/// What happens at a terminal when somebody presses tab.
@Suite("Completion in shells", .serialized, .timeLimit(.minutes(3)))
struct ShellCompletionTests {
    @Test("is of what the word can be: a subcommand, an option, a name or a file", arguments: Shell.allCases)
    func completes(shell: Shell) async throws {
        let host = try await Self.host(for: shell)
        let session = try await Session(shell, on: host)
        let expected = [
            ("wgup stat", "wgup status"),
            ("wgup plan cl", "wgup plan client"),
            ("wgup server --netw", "wgup server --network"),
            ("wgkey trust --na", "wgkey trust --name"),
            ("wgbundle rename alice --netw", "wgbundle rename alice --network"),
            ("wgup server --engine po", "wgup server --engine podman"),
            ("wgup server --network off", "wgup server --network office"),
            ("wgup server --network=off", "wgup server --network=office"),
            ("wgbundle seal --output=bun", "wgbundle seal --output=bundle.bin"),
            ("wgup client ./bun", "wgup client ./bundle.bin"),
            // zsh takes the slash away again when something follows.
            ("wgup server --home oth", "wgup server --home other" + (shell == .zsh ? "" : "/")),
            ("wgup server -- --eng", "wgup server -- --eng"),
            ("wgup client bundle.bin --isolate -- --eng", "wgup client bundle.bin --isolate -- --eng"),
            ("wgbundle renew alb", "wgbundle renew albert"),
            ("wgbundle revoke albert ali", "wgbundle revoke albert alice"),
            ("wgbundle renew --network office q", "wgbundle renew --network office quentin"),
            ("wgbundle renew --network=office q", "wgbundle renew --network=office quentin"),
            ("wgbundle renew --home other car", "wgbundle renew --home other carol"),
            ("wgbundle renew --home ~/other car", "wgbundle renew --home \(host.path)/other carol"),
            ("wgbundle seal --to ali", "wgbundle seal --to alice"),
            ("wgbundle seal --to ven", "wgbundle seal --to vendor"),
            ("wgbundle seal --to dav", "wgbundle seal --to david.id"),
            ("wgbundle export bundle.bin --format w", "wgbundle export bundle.bin --format wg-quick"),
            ("wgkey untrust v", "wgkey untrust vendor"),
            ("wgkey import dav", "wgkey import david.id"),
        ]
        for (line, completed) in expected {
            let words = completed.split(separator: " ").map(String.init)
            let found = try await session.complete(line)
            #expect(found.words == words, "\(line): \(found.words) \(found.screen)")
        }
        #expect(try await session.complete("wgup client two").words == ["wgup", "client", "two words"])
        try await session.end()
    }

    @Test("shows what there is to choose from", arguments: Shell.allCases)
    func lists(shell: Shell) async throws {
        let session = try await Session(shell, on: Self.host(for: shell))
        for (line, shown, others) in [
            ("wgbundle renew al", ["albert", "alice"], ["vendor", "quentin"]),
            ("wgbundle ", ["seal", "renew", "revoke", "peers"], ["share", "bundle.bin"]),
            ("wgup server --network ", ["default", "office"], ["albert"]),
        ] {
            let screen = try await session.complete(line).screen
            // What all have in common may stand in another style.
            for word in shown { #expect(screen.contains(word.suffix(3)), "\(line): \(screen)") }
            for word in others { #expect(!screen.contains(word), "\(line): \(screen)") }
        }
        try await session.end()
    }

    @Test("says nothing where the program can't be asked", arguments: Shell.allCases)
    func silent(shell: Shell) async throws {
        let host = try await Self.host(for: shell)
        let session = try await Session(shell, on: host)
        for line in ["./missing/wgkey untrust v", "wgkey untrust --home nowhere v", "wgbundle renew --network Bad a"] {
            let (words, screen) = try await session.complete(line)
            #expect(words == line.split(separator: " ").map(String.init))
            for word in ["error", "o such file", "nown command", "not found", "wgkey:"] {
                #expect(!screen.contains(word), "\(line): \(screen)")
            }
        }
        try await session.end()
    }

    /// A host with the shell's scripts, two networks and another home, among files and directories of all kinds of names.
    private static func host(for shell: Shell) async throws -> Host {
        let (host, _) = try await Host.withIdentity()
        let (directory, prefix, suffix) = shell.scripts
        let script = """
            mkdir -p share/\(directory) status peers
            for tool in wgkey wgbundle wgup; do
                $bin/$tool --generate-completion-script \(shell.name) >share/\(directory)/\(prefix)$tool\(suffix)
            done
            seal() {
                name=$1; shift
                $bin/wgkey gen --home gone >gone.id
                $bin/wgbundle seal --to gone.id --name $name --endpoint 192.0.2.1 -o gone.bundle "$@"
                rm -r gone*
            }
            $bin/wgkey gen --home other >david.id
            $bin/wgkey trust $(cat david.id) --name vendor
            seal albert
            seal alice
            seal quentin --network office
            seal carol --home other
            touch bundle.bin 'two words'
            """
        let made = try await host.shell(script)
        try #require(made.status == 0, "\(made.error)")
        return host
    }
}

/// A shell at a terminal.
private final class Session {
    // Its directory goes with it.
    private let host: Host
    private let command: BackgroundCommand
    private var count = 0

    init(_ shell: Shell, on host: Host) async throws {
        self.host = host
        var environment = host.environment
        environment["PATH"] = "\(BuiltPrograms.bundleDirectory):/usr/bin:/bin"
        environment["HOME"] = host.path
        environment["XDG_DATA_DIRS"] = "\(host.path)/share:/usr/share"
        environment["TERM"] = shell == .fish ? "xterm" : "dumb"
        command = try BackgroundCommand.onTerminal(
            "/usr/bin/env",
            ["-C", host.path] + shell.command,
            environment: environment
        )
        try command.type(shell.preparation + "\r")
        _ = try await complete("")
    }

    /// Types a line, presses tab, and has the shell say which words the line has then.
    ///
    /// - Returns: The words, and what was on the screen meanwhile.
    func complete(_ line: String) async throws -> (words: [String], screen: String) {
        count += 1
        let start = command.output.count
        // The line itself is not run: it becomes the arguments of another command.
        try command.type("\(line)\(line.isEmpty ? "" : "\t")\u{1}show :\(count) \r")
        try await command.waitForOutput("[:\(count)")
        while !command.output.dropFirst(start).contains("].") { try await Task.sleep(for: .milliseconds(10)) }
        let (screen, rest) = try Self.divide(command.output.dropFirst(start), at: "[:\(count)")
        let (words, _) = try Self.divide(rest, at: "].")
        return (words.split(separator: "][").map(String.init), String(screen))
    }

    private static func divide(_ text: Substring, at mark: String) throws -> (Substring, Substring) {
        let range = try #require(text.firstRange(of: mark), "\(text)")
        return (text[..<range.lowerBound], text[range.upperBound...])
    }

    func end() async throws {
        try command.type("exit\r")
        _ = try await command.waitForEnd()
    }
}
