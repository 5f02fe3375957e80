import CommandSupport
import Crypto
import Keystore
import TestSupport
import Testing

@Suite("wgbundle import")
struct ImportTests {
    private let host: Host

    init() throws {
        host = try Host()
        try host.directory.write(HubFiles.bytes("sites"), to: "wg0.conf")
    }

    private func importFile(_ arguments: String...) async throws -> Transcript {
        try await host.run("wgbundle", ["import"] + arguments)
    }

    @Test("makes the identity and the network, whose plain peers are listed")
    func story() async throws {
        #expect(
            try await importFile("wg0.conf")
                == Transcript(
                    .done,
                    error: """
                        made this host's identity of the private key; 'wgkey show' prints it
                        made network 'default' of wg0.conf: interface wg0, 2 plain peers

                        """
                )
        )
        #expect(
            try await host.run("wgbundle", "peers").output == """
                NAME          ADDRESS                                     FINGERPRINT  VALID UNTIL  SERIAL  NOTE
                branch-north  172.27.0.2,192.168.20.0/24,192.168.21.0/24  plain        -            -
                branch-south  172.27.0.3,192.168.30.0/24                  plain        -            -

                """
        )
        let json = try await host.run("wgbundle", "peers", "--json").output
        #expect(json.contains("\"name\": \"branch-south\",\n    \"identity\": null,\n"))
        #expect(json.contains("\"addresses\": [\n      \"172.27.0.3\",\n      \"192.168.30.0/24\"\n    ]"))
        // The key is that of the file: 'wg' tells which public key its peers know.
        let key = try await host.shell("sed -n 's/^PrivateKey = //p' wg0.conf | wg pubkey").output.dropLast()
        let home = try Home.open("\(host.path)/home")
        #expect(try home.identity().key.identity.wireGuardKey.base64 == key)
        #expect(
            try await host.shell("stat -c %a home/identity.key home/networks/default/*.conf").output
                == "600\n600\n600\n"
        )
    }

    @Test("takes the same file into another network, with another interface, from standard input")
    func again() async throws {
        #expect(try await importFile("wg0.conf").status == 0)
        #expect(
            try await importFile("wg0.conf")
                == Transcript(
                    .cannotCreate,
                    error: """
                        wgbundle: error: there is a network 'default' already
                        hint: give another one with --network

                        """
                )
        )
        #expect(
            try await importFile("wg0.conf", "--network", "office")
                == Transcript(
                    .refused,
                    error: "wgbundle: error: network 'default' has the interface wg0 or the port 51871 already\n"
                )
        )
        let input = try host.directory.read("wg0.conf")
        let other = String(decoding: input, as: UTF8.self).replacing("51871", with: "51872")
        let arguments = ["import", "-", "--network", "office", "--interface", "wg1"]
        #expect(
            try await host.run("wgbundle", arguments, input: Array(other.utf8))
                == Transcript(
                    .done,
                    error: "made network 'office' of standard input: interface wg1, 2 plain peers\n"
                )
        )
    }

    @Test("refuses a key that is not this host's, and what is left out is said")
    func otherKey() async throws {
        #expect(try await host.run("wgkey", "gen").status == 0)
        #expect(
            try await importFile("wg0.conf")
                == Transcript(
                    .refused,
                    error: """
                        wgbundle: error: wg0.conf: has another private key than this host, and its peers know that one alone
                        hint: keep it in a home of its own: wgbundle import --home DIRECTORY wg0.conf

                        """
                )
        )
        #expect(try await host.run("wgbundle", "peers").status == ExitStatus.configuration.rawValue)
        try host.directory.write(HubFiles.bytes("loose"), to: "wg0.conf")
        #expect(
            try await importFile("--home", "other", "wg0.conf").error.hasSuffix(
                "2 plain peers\nnote: DNS is left out: this host looks up names as it did\n"
            )
        )
    }

    @Test(
        "refuses what is no hub, or would be another one here",
        arguments: [
            (
                "sed -i '3i PostUp = iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE' wg0.conf", 65,
                """
                wg0.conf, line 3: 'PostUp' is a command, and a network of wgseal never runs commands
                hint: let this host do itself what the command does, and import a copy of the file without it
                """
            ),
            (
                "sed -i '3i SaveConfig = true' wg0.conf", 65,
                """
                wg0.conf, line 3: 'SaveConfig' keeps what 'wg set' changed, and a network of wgseal is what its files say
                hint: import a copy of the file without that line
                """
            ),
            (
                "sed -i /ListenPort/d wg0.conf", 65,
                """
                wg0.conf: 'ListenPort' is missing
                hint: peers call a hub at its port: add the one that they know
                """
            ),
            ("sed -i /^Address/d wg0.conf", 65, "wg0.conf: 'Address' is missing"),
            ("sed -i /PrivateKey/d wg0.conf", 65, "wg0.conf: 'PrivateKey' is missing"),
            (
                "sed -i 's,172.27.0.2/32,::/0,' wg0.conf", 65,
                "wg0.conf: ::/0 of a peer is the default route of a client, and this makes a hub"
            ),
            (
                "key=$(sed -n 's/^PrivateKey = //p' wg0.conf | wg pubkey); echo \"[Peer]\nPublicKey=$key\" >>wg0.conf",
                65,
                "wg0.conf: a peer has the key of the interface itself"
            ),
            ("head -c 1048577 /dev/zero >wg0.conf", 65, "wg0.conf: is longer than 1048576 bytes"),
            ("rm wg0.conf", 66, "wg0.conf: no such file or directory"),
        ] as [(String, Int32, String)]
    )
    func refusals(change: String, status: Int32, error: String) async throws {
        #expect(try await host.shell(change).status == 0)
        #expect(try await importFile("wg0.conf") == Transcript(status, error: "wgbundle: error: \(error)\n"))
        #expect(try !host.directory.names().contains("home"))
    }

    @Test(
        "asks for a name of the interface where the file's is none",
        arguments: ["Office.conf", "-", "wg-too-long-a-name.conf"]
    )
    func noInterface(file: String) async throws {
        #expect(
            try await importFile(file)
                == Transcript(
                    .usage,
                    error: """
                        wgbundle: error: \(file): the name of the file is none for an interface
                        hint: give one with --interface, such as --interface wg0

                        """
                )
        )
    }

    @Test("lets a plain peer in with an identity of its own key, at its own address")
    func becomesPeer() async throws {
        let client = try Host()
        let gen = try await client.shell("wg genkey >key; $bin/wgkey gen --private-key key; wg pubkey <key")
        let lines = gen.output.split(separator: "\n")
        try host.directory.write(
            HubFiles.bytes("minimal")
                + Array("\n# laptop\n[Peer]\nPublicKey = \(lines[1])\nAllowedIPs = 10.8.0.77\n".utf8),
            to: "wg0.conf"
        )
        #expect(try await importFile("wg0.conf").status == 0)
        let sealed = try await host.run("wgbundle", "seal", "--to", String(lines[0]), "--endpoint", "192.0.2.1")
        #expect(sealed.error.hasPrefix("sealed bundle.bin to new peer laptop, 10.8.0.77, valid until "))
        #expect(try await host.run("wgbundle", "peers").output.split(separator: "\n").count == 3)
    }

    @Test("lets a plain peer go by its name, key or address, and keeps the others")
    func revocation() async throws {
        #expect(try await importFile("wg0.conf").status == 0)
        let kept = try await host.run("wgbundle", "revoke", "branch-north", "nobody")
        #expect(kept.status == ExitStatus.noInput.rawValue, "\(kept)")
        #expect(try await host.run("wgbundle", "peers").output.contains("branch-north"))
        let revoked = try await host.run("wgbundle", "revoke", "172.27.0.2")
        let words = "removed branch-north, which had no identity to refuse from now on\n"
        #expect(revoked == Transcript(.done, error: words))
        let left = try await host.run("wgbundle", "peers").output
        #expect(left.contains("branch-south") && !left.contains("branch-north"))
        let count = try await host.shell("grep -c '^.Peer.$' home/networks/default/plain.conf")
        #expect(count.output == "1\n")
        let last = try await host.run("wgbundle", "revoke", "branch-south", "--json")
        #expect(last.output.contains("\"name\": \"branch-south\",\n    \"identity\": null,\n"))
        #expect(try await host.shell("ls home/networks/default/plain.conf").status != 0)
    }

    @Test("no command prints a secret of the file, and no file but those that are for it holds one")
    func secrets() async throws {
        try host.directory.write(HubFiles.bytes("both-families"), to: "wg0.conf")
        let text = String(decoding: try HubFiles.bytes("both-families"), as: UTF8.self)
        let secrets = text.split(separator: "\n").filter { $0.hasPrefix("Pr") }.map { $0.split(separator: " ")[2] }
        #expect(secrets.count == 3)
        let shown = try await host.shell(
            """
            $bin/wgbundle import wg0.conf 2>&1; $bin/wgbundle peers; $bin/wgbundle peers --json; rm wg0.conf
            find . -type f ! -name identity.key ! -name preshared.key ! -name plain.conf -exec cat {} +
            """
        )
        #expect(shown.status == 0)
        for secret in secrets { #expect(!shown.output.contains(secret)) }
        let plain = String(decoding: try host.directory.read("home/networks/default/plain.conf"), as: UTF8.self)
        #expect(secrets.filter(plain.contains).count == 2)
    }
}

@Suite("wgkey gen --private-key")
struct PrivateKeyTests {
    @Test("takes a key over, and refuses what is none", arguments: ["", "x", "\n\n"])
    func takesOver(other: String) async throws {
        let host = try Host()
        let bad = try await host.run("wgkey", ["gen", "--private-key", "-"], input: Array(other.utf8))
        #expect(
            bad
                == Transcript(
                    .refused,
                    error: "wgkey: error: standard input: not a private key as 'wg genkey' prints it\n"
                )
        )
        let good = try await host.shell(
            "wg genkey >key; $bin/wgkey gen --private-key - <key >/dev/null; wg pubkey <key"
        )
        let home = try Home.open("\(host.path)/home")
        #expect(try home.identity().key.identity.wireGuardKey.base64 + "\n" == good.output)
    }

    @Test("takes it from standard input after the passphrase")
    func withPassphrase() async throws {
        let host = try Host()
        let made = try await host.shell(
            """
            wg genkey >key
            { echo secret; cat key; } | $bin/wgkey gen --passphrase-fd 0 --private-key - >/dev/null
            wg pubkey <key
            """
        )
        let home = try Home.open("\(host.path)/home")
        #expect(try home.identity().key.identity.wireGuardKey.base64 + "\n" == made.output)
    }
}
