import CommandSupport
import Crypto
import Keystore
import TestSupport
import Testing

@Suite("Passphrases", .timeLimit(.minutes(2)))
struct PassphraseTests {
    @Test("a key with a passphrase is made, used, changed and freed, and stays the same key")
    func life() async throws {
        let host = try Host()
        let made = try await host.shell("echo one | $bin/wgkey gen --passphrase-fd 0")
        #expect(made.status == 0)
        #expect(try await host.keyLine().hasPrefix("WGID-ENCRYPTED-1"))
        // The public half needs no passphrase, and a session without a terminal could not ask for one.
        #expect(try await host.shell("setsid --wait $bin/wgkey show </dev/null") == made)

        let other = try await Host.withIdentity().identity
        let seal = "$bin/wgbundle seal --to $1 --endpoint 192.0.2.1 --force-overwrite --passphrase-fd 3"
        #expect(try await host.shell("\(seal) 3<<END\none\nEND", with: other).status == 0)
        #expect(try await host.shell("\(seal) 3<<END\ntwo\nEND", with: other) == host.wrongPassphrase(of: "wgbundle"))

        // One descriptor gives both, a line each.
        let change = "printf 'one\\ntwo\\n' | $bin/wgkey passphrase --passphrase-fd 0 --new-passphrase-fd 0"
        #expect(try await host.shell(change) == Transcript(.done, error: "\(host.key) has a new passphrase\n"))
        #expect(try await host.shell("\(seal) 3<<END\none\nEND", with: other) == host.wrongPassphrase(of: "wgbundle"))
        #expect(try await host.shell("\(seal) 3<<END\ntwo\nEND", with: other).status == 0)

        let remove = "$bin/wgkey passphrase --remove --passphrase-fd 3 3<<END"
        #expect(try await host.shell("\(remove)\none\nEND") == host.wrongPassphrase(of: "wgkey"))
        #expect(try await host.keyLine().hasPrefix("WGID-ENCRYPTED-1"))
        #expect(
            try await host.shell("\(remove)\ntwo\nEND")
                == Transcript(.done, error: "\(host.key) has no passphrase any more\n")
        )
        #expect(try await host.keyLine().hasPrefix("WGID-SECRET-1"))
        #expect(try await host.shell("stat -c %a home/identity.key").output == "600\n")
        #expect(try await host.run("wgkey", "show") == made)
    }

    @Test("inspect opens a bundle with the passphrase, and not without")
    func inspect() async throws {
        let (hub, _) = try await Host.withIdentity()
        let client = try Host()
        let identity = try await client.shell("echo one | $bin/wgkey gen --passphrase-fd 0").output.dropLast()
        let sealed = try await hub.run("wgbundle", "seal", "--to", String(identity), "--endpoint", "192.0.2.1")
        #expect(sealed.status == 0)
        try client.directory.write(hub.directory.read("bundle.bin"), to: "bundle.bin")
        let inspect = "$bin/wgbundle inspect bundle.bin --passphrase-fd 0"
        #expect(try await client.shell("echo one | \(inspect)").status == 0)
        #expect(try await client.shell("echo two | \(inspect)") == client.wrongPassphrase(of: "wgbundle"))

        let both = try await client.shell("(echo one; cat bundle.bin) | $bin/wgbundle inspect - --passphrase-fd 0")
        #expect(both.status == 0, "\(both.error)")
    }

    @Test(
        "without a terminal a command that needs a passphrase says how to give it",
        arguments: [
            ("wgbundle inspect bundle.bin", "--passphrase-fd"), ("wgbundle seal --to $1 -o new.bin", "--passphrase-fd"),
            ("wgkey passphrase", "--passphrase-fd"), ("wgkey import copy --home other", "--passphrase-fd"),
            ("wgkey gen --passphrase --home other", "--passphrase-fd"), ("wgkey export", "--new-passphrase-fd"),
        ]
    )
    func withoutTerminal(command: String, option: String) async throws {
        let (hub, identity) = try await Host.withIdentity()
        let isExport = command == "wgkey export"
        let host = isExport ? hub : try Host()
        if !isExport {
            let made = try await host.shell("echo one | $bin/wgkey gen --passphrase-fd 0; $bin/wgkey export >copy")
            let to = String(made.output.dropLast())
            _ = try await hub.run("wgbundle", "seal", "--to", to, "--endpoint", "192.0.2.1")
            try host.directory.write(hub.directory.read("bundle.bin"), to: "bundle.bin")
        }
        let transcript = try await host.shell("setsid --wait $bin/\(command) </dev/null", with: identity)
        #expect(transcript.status == ExitStatus.noInput.rawValue)
        #expect(transcript.output == "")
        let path = command.contains("import") ? "copy" : host.key
        let isNew = isExport || command.contains("gen")
        #expect(
            transcript.error == """
                \(command.prefix { $0 != " " }): error: \
                \(isNew
                    ? "there is no terminal to ask for a new passphrase"
                    : "\(path): the key is encrypted, and there is no terminal to ask for its passphrase")
                hint: \(option) NUMBER reads it from a descriptor

                """
        )
    }

    @Test(
        "a bad descriptor or passphrase is one line, and changes nothing",
        arguments: [
            ("gen --passphrase-fd 1", 64, "the value '1' is invalid for '--passphrase-fd <number>'"),
            ("gen --passphrase-fd -1", 64, "missing value for '--passphrase-fd <number>'"),
            ("gen --passphrase-fd 77", 74, "descriptor 77: fcntl: bad file descriptor"),
            ("gen --passphrase-fd 0 </dev/null", 74, "standard input: ended too early"),
            ("gen --passphrase-fd 0 </dev/zero", 65, "standard input: is longer than 4095 bytes"),
            ("gen --passphrase-fd 0 <empty", 65, "the new passphrase is empty"),
        ] as [(String, Int32, String)]
    )
    func badInput(arguments: String, status: Int32, error: String) async throws {
        let host = try Host()
        let transcript = try await host.shell("echo >empty; $bin/wgkey \(arguments)")
        #expect(transcript.status == status)
        #expect(transcript.error.split(separator: "\n").first.map(String.init) == "wgkey: error: \(error)")
        #expect(try await host.shell("test ! -e home/identity.key").status == 0)
    }

    @Test("gen keeps a key that exists, and asks for no passphrase first")
    func existing() async throws {
        let (host, _) = try await Host.withIdentity()
        let transcript = try await host.shell("setsid --wait $bin/wgkey gen --passphrase </dev/null")
        #expect(transcript.status == ExitStatus.cannotCreate.rawValue)
        #expect(transcript.error.hasSuffix("hint: wgkey show\n"))
    }

    @Test("memory that is not there is an error that says how much it takes")
    func memory() async throws {
        let host = try Host()
        #expect(
            try await host.shell("ulimit -v 200000; echo one | $bin/wgkey gen --passphrase-fd 0")
                == Transcript(
                    .tryAgain,
                    error: "wgkey: error: no memory to try the passphrase with, which takes 262144 KiB\n"
                )
        )
    }

    @Test("a copy is always encrypted, and comes back on another host only with its passphrase")
    func exportAndImport() async throws {
        let (host, identity) = try await Host.withIdentity()
        let export = "echo one | $bin/wgkey export --new-passphrase-fd 0"
        #expect(
            try await host.shell("umask 0; \(export) -o copy")
                == Transcript(
                    .done,
                    error: "wrote copy; wgkey import reads it, on a host that has no identity key\n"
                )
        )
        #expect(try await host.shell("stat -c '%a %h' copy").output == "600 1\n")
        #expect(try await host.shell("grep -c ^WGID-ENCRYPTED-1 copy; ! grep -q SECRET copy").output == "1\n")
        let again = try await host.shell("\(export) -o copy")
        #expect(
            again
                == Transcript(
                    .cannotCreate,
                    error: "wgkey: error: copy: exists already\nhint: -o FILE writes another file\n"
                )
        )
        #expect(try await host.keyLine().hasPrefix("WGID-SECRET-1"))

        let new = try Host()
        try new.directory.write(host.directory.read("copy"), to: "copy", mode: 0o644)
        #expect(
            try await new.shell("echo two | $bin/wgkey import copy --passphrase-fd 0")
                == Transcript(.permission, error: "wgkey: error: copy: the passphrase is wrong\n")
        )
        #expect(try await new.shell("test ! -e home/identity.key").status == 0)
        // A pipe, with the passphrase in front of the copy.
        #expect(
            try await new.shell("$bin/wgkey import - --passphrase-fd 3 <copy 3<<END\none\nEND")
                == Transcript(.done, output: "\(identity)\n")
        )
        #expect(try await new.run("wgkey", "show") == Transcript(.done, output: "\(identity)\n"))
        #expect(try await new.keyLine().hasPrefix("WGID-ENCRYPTED-1"))
        #expect(
            try await new.shell("stat -c '%a %n' home/*").output == "600 home/identity.key\n644 home/identity.pub\n"
        )
        let third = try await new.shell("$bin/wgkey import copy --passphrase-fd 0")
        #expect(third.status == ExitStatus.cannotCreate.rawValue)
        // Another copy of it needs no passphrase, and is the same line.
        #expect(try await new.run("wgkey", "export").output.contains(new.keyLine()))
    }

    @Test(
        "a copy that was changed is not taken over",
        arguments: ["s/WGID-ENCRYPTED-1Q/WGID-ENCRYPTED-1P/", "$d", "/^WG/s/.$//"]
    )
    func damaged(edit: String) async throws {
        let host = try Host()
        let make = "echo one | $bin/wgkey gen --passphrase-fd 0; $bin/wgkey export | sed '\(edit)' >copy"
        #expect(try await host.shell(make).status == 0)
        let transcript = try await host.shell("echo one | $bin/wgkey import copy --home other --passphrase-fd 0")
        #expect(transcript.status == ExitStatus.configuration.rawValue)
        #expect(transcript.error.hasPrefix("wgkey: error: copy: "))
        #expect(try await host.shell("test ! -e other/identity.key").status == 0)
    }
}

extension Host {
    /// The path of the identity key.
    var key: String { "\(path)/home/identity.key" }

    /// The line of the identity key's file that is no comment.
    func keyLine() async throws -> String { try await shell("grep -v '^#' home/identity.key").output }

    /// What a tool says of the home's key and another passphrase.
    func wrongPassphrase(of tool: String) -> Transcript {
        Transcript(.permission, error: "\(tool): error: \(key): the passphrase is wrong\n")
    }
}
