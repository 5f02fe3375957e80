import CommandSupport
import Testing

@Suite("wgkey")
struct KeyCommandTests {
    @Test("gen prints the identity and nothing else, and show prints it again")
    func genAndShow() async throws {
        let host = try Host()
        let made = try await host.run("wgkey", "gen")
        #expect(made.status == 0)
        #expect(made.error == "")
        #expect(made.output.hasPrefix("wgid1"))
        #expect(made.output.count == 172)
        #expect(try await host.run("wgkey", "show") == made)
    }

    @Test("gen makes files that nobody else can read, whatever the umask")
    func genModes() async throws {
        let host = try Host()
        #expect(try await host.shell("umask 0; $bin/wgkey gen").status == 0)
        let found = try await host.shell("cd home && stat -c '%a %n' . *")
        #expect(found.output == "700 .\n600 identity.key\n644 identity.pub\n")
    }

    @Test("gen never overwrites a key")
    func genTwice() async throws {
        let (host, identity) = try await Host.withIdentity()
        #expect(
            try await host.run("wgkey", "gen")
                == Transcript(
                    .cannotCreate,
                    error: """
                        wgkey: error: \(host.path)/home/identity.key: exists already, and an identity key is never overwritten
                        hint: wgkey show

                        """
                )
        )
        #expect(try await host.run("wgkey", "show").output == "\(identity)\n")
    }

    @Test("32 gens at once make one key")
    func genAtOnce() async throws {
        let host = try Host()
        let statuses = try await withThrowingTaskGroup { group in
            for _ in 0..<32 { group.addTask { try await host.run("wgkey", "gen").status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 0 }.count == 1)
        #expect(statuses.filter { $0 == ExitStatus.cannotCreate.rawValue }.count == 31)
    }

    @Test("show has the fingerprint alone, or all as JSON")
    func showForms() async throws {
        let (host, identity) = try await Host.withIdentity()
        let fingerprint = try await host.run("wgkey", "show", "--fingerprint").output
        #expect(fingerprint.wholeMatch(of: /([0-9A-Z]{5}-){4}[0-9A-Z]{5}\n/) != nil)
        let json = try await host.run("wgkey", "show", "--json").output
        #expect(
            json.hasPrefix("{\n  \"identity\": \"\(identity)\",\n  \"fingerprint\": \"\(fingerprint.dropLast())\",\n")
        )
    }

    @Test("without an identity every command says how to make one", arguments: ["show", "list"])
    func withoutIdentity(command: String) async throws {
        let host = try Host()
        #expect(
            try await host.run("wgkey", command)
                == Transcript(
                    .configuration,
                    error: """
                        wgkey: error: this host has no identity key in \(host.path)/home
                        hint: wgkey gen

                        """
                )
        )
    }

    @Test("trust, list and untrust name the issuer and its fingerprint")
    func trust() async throws {
        let (host, _) = try await Host.withIdentity()
        let (other, identity) = try await Host.withIdentity()
        let fingerprint = try await other.run("wgkey", "show", "--fingerprint").output.dropLast()
        #expect(
            try await host.run("wgkey", "trust", identity, "--name", "hub", "--max-prefix", "16,48")
                == Transcript(.done, error: "trusted: hub \(fingerprint)\n")
        )
        let list = try await host.run("wgkey", "list").output.split(separator: "\n")
        #expect(list.count == 2)
        #expect(list[0] == "NAME  FINGERPRINT                    SINCE                 LIMITS")
        #expect(list[1].hasPrefix("hub   \(fingerprint)  "))
        #expect(list[1].hasSuffix("Z  /16,/48"))
        let json = try await host.run("wgkey", "list", "--json").output
        for line in [
            #""max_prefix": 16"#, #""max_prefix6": 48"#, #""allow_default_route": false"#, #""allow_images": []"#,
        ] {
            #expect(json.contains(line), "\(json)")
        }
        #expect(
            try await host.run("wgkey", "untrust", fingerprint.lowercased())
                == Transcript(.done, error: "no longer trusted: hub \(fingerprint)\n")
        )
        #expect(try await host.run("wgkey", "list", "--json") == Transcript(.done, output: "[]\n"))
    }

    @Test("the same issuer is not trusted twice, nor two under one name")
    func trustTwice() async throws {
        let (host, own) = try await Host.withIdentity()
        let (_, first) = try await Host.withIdentity()
        let (_, second) = try await Host.withIdentity()
        #expect(try await host.run("wgkey", "trust", first, "--name", "one").status == 0)
        #expect(
            try await host.run("wgkey", "trust", first, "--name", "two")
                == Transcript(
                    .refused,
                    error: "wgkey: error: this issuer is trusted already, as 'one'\nhint: wgkey untrust one\n"
                )
        )
        #expect(
            try await host.run("wgkey", "trust", second, "--name", "one")
                == Transcript(
                    .refused,
                    error: """
                        wgkey: error: another issuer is trusted as 'one'
                        hint: choose another --name, or first: wgkey untrust one

                        """
                )
        )
        #expect(
            try await host.run("wgkey", "trust", own, "--name", "me")
                == Transcript(.refused, error: "wgkey: error: this is the identity of this host itself\n")
        )
    }

    @Test("trust under the same name replaces the limits")
    func trustAgain() async throws {
        let (host, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        _ = try await host.run("wgkey", "trust", identity, "--name", "hub", "--allow-default-route")
        let again = try await host.run(
            "wgkey",
            "trust",
            identity,
            "--name",
            "hub",
            "--allow-image",
            "nginx",
            "--allow-image",
            "ghcr.io/acme/*"
        )
        #expect(again.error.hasPrefix("changed: hub "))
        #expect(try await host.run("wgkey", "list").output.hasSuffix("Z  /8,/32,nginx,ghcr.io/acme/*\n"))
    }

    @Test(
        "what others could read or change is refused",
        arguments: [
            ("chmod 640 home/identity.key", "home/identity.key: mode 0640 gives others access", "chmod go-rwx '"),
            ("chmod 604 home/identity.key", "home/identity.key: mode 0604 gives others access", "chmod go-rwx '"),
            ("chmod 755 home", "home: mode 0755 gives others access", "chmod go-rwx '"),
            ("ln home/identity.key copy", "home/identity.key: has 2 names (hard links)", nil),
            (
                "mv home/identity.key key; ln -s ../key home/identity.key",
                "home/identity.key: is a symbolic link, not a regular file", nil
            ),
            (
                "rm home/identity.key; mkfifo -m 600 home/identity.key",
                "home/identity.key: is a FIFO, not a regular file", nil
            ),
            (
                "rm home/identity.key; mkdir -m 700 home/identity.key",
                "home/identity.key: is a directory, not a regular file", nil
            ),
        ] as [(String, String, String?)]
    )
    func permissions(change: String, error: String, hint: String?) async throws {
        let (host, _) = try await Host.withIdentity()
        #expect(try await host.shell(change).status == 0)
        let transcript = try await host.run("wgkey", "show")
        let lines = transcript.error.split(separator: "\n")
        #expect([ExitStatus.permission.rawValue, ExitStatus.refused.rawValue].contains(transcript.status))
        #expect(transcript.output == "")
        #expect(lines.first.map(String.init) == "wgkey: error: \(host.path)/\(error)")
        #expect(lines.dropFirst().first?.hasPrefix("hint: \(hint ?? "-")") ?? false == (hint != nil))
    }

    @Test("what others can change on the way is named, with a remedy that lets them read on")
    func ancestor() async throws {
        let (host, _) = try await Host.withIdentity()
        #expect(try await host.shell("chmod 775 .").status == 0)
        let error = """
            wgkey: error: \(host.path): mode 0775 gives others access
            hint: chmod go-w '\(host.path)'

            """
        #expect(try await host.run("wgkey", "show") == Transcript(.permission, error: error))
    }

    @Test("a damaged key file is refused without a word of what is in it")
    func damagedKey() async throws {
        let (host, _) = try await Host.withIdentity()
        #expect(try await host.shell("sed -i 's/WGID-SECRET-1Q/WGID-SECRET-1P/' home/identity.key").status == 0)
        #expect(
            try await host.run("wgkey", "show")
                == Transcript(
                    .configuration,
                    error: """
                        wgkey: error: \(host.path)/home/identity.key: the identity has a wrong character somewhere: its checksum does not match
                        hint: restore the file from its copy, or move it away and run wgkey gen

                        """
                )
        )
    }

    @Test("a closed or full standard output is an error, a reader who leaves is none worth a word")
    func output() async throws {
        let (host, _) = try await Host.withIdentity()
        let closed = try await host.shell("$bin/wgkey show >&-")
        #expect(
            closed
                == Transcript(.inputOutput, error: "wgkey: error: standard output: write: bad file descriptor\n")
        )
        let full = try await host.shell("$bin/wgkey show >/dev/full")
        #expect(
            full == Transcript(.inputOutput, error: "wgkey: error: standard output: write: no space left on device\n")
        )
        let left = try await host.shell("{ sleep 0.2; $bin/wgkey show || echo $? >&2; } | true")
        #expect(left.error == "74\n")
    }
}
