import CommandSupport
import Testing

@Suite("Command line")
struct UsageTests {
    static let commands = [
        ("wgkey", ["gen", "show", "passphrase", "export", "import", "trust", "untrust", "list"]),
        ("wgbundle", ["seal", "inspect", "peers", "qr", "export", "import"]),
    ]

    @Test("help of a tool names all its commands", arguments: commands)
    func toolHelp(tool: String, commands: [String]) async throws {
        let transcript = try await Host().run(tool, "--help")
        #expect(transcript.status == 0)
        #expect(transcript.error == "")
        for command in commands { #expect(transcript.output.contains("\n  \(command) ")) }
    }

    @Test(
        "every command has help",
        arguments: commands.flatMap { tool, names in names.map { (tool, $0) } }
    )
    func commandHelp(tool: String, command: String) async throws {
        let transcript = try await Host().run(tool, command, "--help")
        #expect(transcript.status == 0)
        #expect(transcript.error == "")
        #expect(transcript.output.contains("USAGE: \(tool) \(command) "))
    }

    @Test("--version prints the release", arguments: ["wgkey", "wgbundle"])
    func version(tool: String) async throws {
        #expect(try await Host().run(tool, "--version") == Transcript(.done, output: "wgseal 0.1.0\n"))
    }

    @Test(
        "a wrong command line is one line, one hint and status 64",
        arguments: [
            ("wgkey", ["sing"], "wgkey: error: unknown subcommand 'sing'\nhint: wgkey --help\n"),
            ("wgup", ["status", "a", "b"], "wgup: error: unexpected argument 'b'\nhint: wgup status --help\n"),
            (
                "wgup", ["plan", "client"],
                "wgup: error: missing expected argument '<bundle>'\nhint: wgup plan client --help\n"
            ),
            ("wgkey", ["trust"], "wgkey: error: missing expected argument '<identity>'\nhint: wgkey trust --help\n"),
            (
                "wgkey", ["trust", "x", "--name", "Hub"],
                "wgkey: error: the value 'Hub' is invalid for '--name <name>'\nhint: wgkey trust --help\n"
            ),
            (
                "wgbundle", ["seal"],
                "wgbundle: error: give either --to or --batch\nhint: wgbundle seal --help\n"
            ),
            (
                "wgbundle", ["seal", "--to", "x", "--expires", "401d"],
                "wgbundle: error: the value '401d' is invalid for '--expires <expires>'\nhint: wgbundle seal --help\n"
            ),
            (
                "wgbundle", ["seal", "--to", "x", "--endpoint", "host:0"],
                "wgbundle: error: the value 'host:0' is invalid for '--endpoint <host[:port]>'\nhint: wgbundle seal --help\n"
            ),
            (
                "wgbundle", ["seal", "--to", "x", "--qr", "-o", "-"],
                "wgbundle: error: --qr needs standard output, so give -o a file\nhint: wgbundle seal --help\n"
            ),
            (
                "wgbundle", ["qr", "x", "-o", "code.gif"],
                "wgbundle: error: -o needs a file that ends in .png or .svg\nhint: wgbundle qr --help\n"
            ),
            (
                "wgbundle", ["qr", "x", "-o", "png"],
                "wgbundle: error: -o needs a file that ends in .png or .svg\nhint: wgbundle qr --help\n"
            ),
            (
                "wgbundle", ["seal", "--to", "x", "--json", "-o", "-"],
                """
                wgbundle: error: --json needs standard output, so the bundle must go to a file
                hint: wgbundle seal --help

                """
            ),
            (
                "wgbundle", ["export", "x", "--format", "networkd", "-o", "here"],
                """
                wgbundle: error: --format networkd needs the absolute path of a directory: -o /etc/systemd/network
                hint: wgbundle export --help

                """
            ),
            (
                "wgbundle", ["seal", "--to", "x", "--container", "nginx:latest"],
                """
                wgbundle: error: the value 'nginx:latest' is invalid for '--container <image@sha256:digest>'
                hint: wgbundle seal --help

                """
            ),
        ]
    )
    func wrong(tool: String, arguments: [String], error: String) async throws {
        #expect(try await Host().run(tool, arguments) == Transcript(.usage, error: error))
    }

    @Test(
        "of a misspelled word, the hint says what may be meant",
        arguments: [
            ("wgup stauts", "unknown subcommand 'stauts'", "status"),
            ("wgup stat", "unknown subcommand 'stat'", "status"),
            ("wgup plan sevrer --engine none", "unknown subcommand 'sevrer'", "server"),
            ("wgbundle sael --to x", "unknown subcommand 'sael'", "seal"),
            ("wgbundle remove x", "unknown subcommand 'remove'", "revoke"),
            ("wgkey gne", "unknown subcommand 'gne'", "gen"),
            ("wgkey hlep", "unknown subcommand 'hlep'", "help"),
            // Before what is missing because of it.
            ("wgbundle seal --too x", "unknown option '--too'", "--to"),
            ("wgbundle seal -to x", "unknown option '-to'", "--to"),
            ("wgup server --netwrok=office", "unknown option '--netwrok'", "--network"),
            ("wgup plan server --JSON", "unknown option '--JSON'", "--json"),
            ("wgup status -json", "unknown option '-json'", "--json"),
            ("wgkey show --finger", "unknown option '--finger'", "--fingerprint"),
            ("wgkey --verison", "unknown option '--verison'", "--version"),
        ]
    )
    func misspelled(line: String, error: String, meant: String) async throws {
        let words = line.split(separator: " ").map(String.init)
        let expected = "\(words[0]): error: \(error)\nhint: did you mean '\(meant)'?\n"
        #expect(try await Host().run(words[0], Array(words.dropFirst())) == Transcript(.usage, error: expected))
    }

    @Test(
        "where no name is like it, and where the word is no name, the hint is the command's help",
        arguments: [
            ("wgup foo bar", "unknown subcommand 'foo'", "wgup"),
            ("wgbundle ren", "unknown subcommand 'ren'", "wgbundle"),  // renew or rename
            ("wgup --json status", "unknown option '--json'", "wgup"),
            ("wgup server --xyz", "unknown option '--xyz'", "wgup server"),
            ("wgbundle seal -x", "unknown option '-x'", "wgbundle seal"),
            ("wgup server status", "unexpected argument 'status'", "wgup server"),
            ("wgup server --network", "missing value for '--network <network>'", "wgup server"),
            (
                "wgup server --engine-arg --capadd=x --network A -- --netwrok",
                "the value 'A' is invalid for '--network <network>'", "wgup server"
            ),
        ]
    )
    func notMisspelled(line: String, error: String, command: String) async throws {
        let words = line.split(separator: " ").map(String.init)
        let expected = "\(words[0]): error: \(error)\nhint: \(command) --help\n"
        #expect(try await Host().run(words[0], Array(words.dropFirst())) == Transcript(.usage, error: expected))
    }
}
