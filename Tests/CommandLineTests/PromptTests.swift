import CommandSupport
import TestSupport
import Testing

/// What a person sees who has a terminal.
@Suite("Prompts", .timeLimit(.minutes(2)))
struct PromptTests {
    @Test("a new passphrase is asked for twice, the present one once, and none is shown")
    func dialogue() async throws {
        let host = try Host()
        var shown = try await host.dialogue(
            "$bin/wgkey gen --passphrase >identity",
            [("New passphrase: ", "hunter2"), ("The same again: ", "hunter2")]
        )
        #expect(shown.hasPrefix("New passphrase: \r\nThe same again: \r\nfingerprint: "))
        shown = try await host.dialogue(
            "$bin/wgkey passphrase",
            [
                ("Passphrase of \(host.key): ", "hunter2"), ("New passphrase: ", "tiger3"),
                ("The same again: ", "tiger3"),
            ]
        )
        #expect(
            shown == """
                Passphrase of \(host.key): \r\nNew passphrase: \r\nThe same again: \r\n\
                \(host.key) has a new passphrase\r\nstatus 0\r\n
                """
        )
        shown = try await host.dialogue(
            "$bin/wgkey passphrase --remove 2>error",
            [("Passphrase of \(host.key): ", "tiger3")]
        )
        #expect(shown == "Passphrase of \(host.key): \r\nstatus 0\r\n")
        shown = try await host.dialogue(
            "$bin/wgkey export -o copy 2>error",
            [("New passphrase: ", "lion4"), ("The same again: ", "lion4")]
        )
        #expect(shown == "New passphrase: \r\nThe same again: \r\nstatus 0\r\n")
        shown = try await host.dialogue(
            "$bin/wgkey import copy --home other | cmp - identity",
            [("Passphrase of copy: ", "lion4")]
        )
        #expect(shown == "Passphrase of copy: \r\nstatus 0\r\n")
    }

    @Test("two that differ are no passphrase")
    func differ() async throws {
        let host = try Host()
        let shown = try await host.dialogue(
            "$bin/wgkey gen --passphrase",
            [("New passphrase: ", "hunter2"), ("The same again: ", "hunter3")]
        )
        #expect(shown.hasSuffix("the two passphrases differ\r\nstatus 65\r\n"))
        #expect(try await host.shell("test ! -e home/identity.key").status == 0)
    }

    @Test("a wrong one is refused at once")
    func wrong() async throws {
        let host = try Host()
        _ = try await host.shell("echo one | $bin/wgkey gen --passphrase-fd 0")
        let shown = try await host.dialogue("$bin/wgkey passphrase", [("Passphrase of \(host.key): ", "two")])
        #expect(shown.hasSuffix("the passphrase is wrong\r\nstatus 77\r\n"))
    }

    @Test(
        "whatever ends the question, the terminal shows again what is typed",
        arguments: [("\u{3}", 130), ("\u{1C}", 131), ("\u{4}", 74), ("x\n", 77)] as [(String, Int)]
    )
    func interrupted(keys: String, status: Int) async throws {
        let host = try Host()
        _ = try await host.shell("echo one | $bin/wgkey gen --passphrase-fd 0")
        let shown = try await host.dialogue(
            "$bin/wgkey passphrase; echo ended $?; stty -a | grep -o '[-]*echo '",
            [("Passphrase of \(host.key): ", keys)],
            end: ""
        )
        #expect(shown.contains("ended \(status)\r\n"))
        #expect(shown.hasSuffix("\r\necho \r\nstatus 0\r\n"), "\(shown)")
    }

    @Test("a signal from elsewhere leaves the terminal as it was", arguments: [("TERM", 143), ("HUP", 129)])
    func signalled(name: String, status: Int) async throws {
        let host = try Host()
        _ = try await host.shell("echo one | $bin/wgkey gen --passphrase-fd 0")
        let shown = try await host.dialogue(
            """
            $bin/wgkey passphrase & pid=$!
            until stty -a </dev/tty | grep -q -e -echo; do sleep 0.01; done
            kill -\(name) $pid; wait $pid; echo ended $?; stty -a </dev/tty | grep -o '[-]*echo '
            """,
            []
        )
        #expect(shown.contains("ended \(status)\r\n"), "\(shown)")
        #expect(shown.hasSuffix("\r\necho \r\nstatus 0\r\n"), "\(shown)")
    }
}

extension Host {
    /// Runs a script of the shell on a terminal, and answers what it asks.
    ///
    /// - Returns: What the terminal showed, ending with the script's status.
    func dialogue(_ script: String, _ answers: [(prompt: String, text: String)], end: String = "\n") async throws
        -> String
    {
        // The shell outlives what its terminal sends to all.
        let command = try BackgroundCommand.onTerminal(
            "/bin/sh",
            ["-c", "trap : INT QUIT; cd \(path); \(script)\necho status $?"],
            environment: environment
        )
        for (prompt, text) in answers {
            try await command.waitForOutput(prompt, seconds: 60)
            try command.type(text + end)
        }
        _ = try await command.waitForEnd()
        return command.output
    }
}
