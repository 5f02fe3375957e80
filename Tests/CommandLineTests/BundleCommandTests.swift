import CommandSupport
import TestSupport
import Testing

@Suite("wgbundle")
struct BundleCommandTests {
    private let endpoint = ["--endpoint", "192.0.2.1"]

    @Test("seal, inspect and peers tell the same story")
    func story() async throws {
        let (hub, hubIdentity) = try await Host.withIdentity()
        let (client, identity) = try await Host.withIdentity()
        let sealed = try await hub.run("wgbundle", ["seal", "--to", identity] + endpoint)
        #expect(sealed.status == 0)
        #expect(sealed.output == "")
        let lines = sealed.error.split(separator: "\n")
        #expect(lines.first == "note: new network 'default': 10.0.0.0/24, this host is 10.0.0.1")
        let name = try #require(sealed.error.firstMatch(of: /new peer (peer-[0-9a-z]{5}), 10\.0\.0\.2, valid until/)).1

        let peers = try await hub.run("wgbundle", "peers")
        #expect(peers.output.split(separator: "\n")[1].hasPrefix("\(name)  10.0.0.2  "))

        let bundle = try hub.directory.read("bundle.bin")
        #expect(bundle.count == 440)
        try client.directory.write(bundle, to: "bundle.bin")
        let unknown = try await client.run("wgbundle", "inspect", "bundle.bin")
        #expect(unknown.status == 0)
        #expect(unknown.output.hasPrefix("issuer        not trusted, "))
        #expect(
            unknown.error == "note: this host does not trust the issuer: anybody can have made this bundle\n"
        )

        _ = try await client.run("wgkey", "trust", hubIdentity, "--name", "hub")
        let known = try await client.run("wgbundle", ["inspect", "-"], input: bundle)
        #expect(known.status == 0)
        #expect(known.error == "")
        #expect(known.output.hasPrefix("issuer        hub, "))
        for line in ["address       10.0.0.2/24", "  endpoint    192.0.2.1:51820", "  allowed     10.0.0.1/32"] {
            #expect(known.output.contains("\(line)\n"))
        }
    }

    @Test("what a peer was given once is in its next bundle too, at the same address")
    func renewal() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (client, identity) = try await Host.withIdentity()
        let first = ["--name", "laptop", "--allowed-ips", "192.168.7.0/24", "--service", "web:80", "-o", "first"]
        #expect(try await hub.run("wgbundle", ["seal", "--to", identity] + endpoint + first).status == 0)
        let again = try await hub.run("wgbundle", "seal", "--to", "laptop", "-o", "second", "--json")
        #expect(again.status == 0)
        #expect(again.output.hasPrefix("{\n  \"peer\": \"laptop\",\n  \"new\": false,\n"))
        #expect(again.output.contains("\"serial\": 2,\n"))
        try client.directory.write(hub.directory.read("second"), to: "second")
        let shown = try await client.run("wgbundle", "inspect", "second").output
        for line in [
            "version       epoch 1, serial 2", "address       10.0.0.2/24", "  endpoint    192.0.2.1:51820",
            "  allowed     192.168.7.0/24", "service       web, 10.0.0.1:80/tcp",
        ] {
            #expect(shown.contains("\(line)\n"))
        }
    }

    @Test("an identity may come from a file or from standard input")
    func recipients() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        try hub.directory.write(Array("\(identity)\n".utf8), to: "friend.pub")
        let fromFile = ["seal", "--to", "friend.pub", "-o", "one"] + endpoint
        #expect(try await hub.run("wgbundle", fromFile).status == 0)
        let fromInput = ["seal", "--to", "-", "-o", "two"]
        #expect(try await hub.run("wgbundle", fromInput, input: Array(identity.uppercased().utf8)).status == 0)
        #expect(try await hub.run("wgbundle", "peers").output.split(separator: "\n").count == 2)
    }

    @Test("an existing output is not overwritten, and nothing is recorded")
    func overwrite() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        try hub.directory.write([1, 2, 3], to: "bundle.bin")
        for arguments in [[], ["-o", "bundle.bin"]] {
            #expect(
                try await hub.run("wgbundle", ["seal", "--to", identity] + endpoint + arguments)
                    == Transcript(
                        .cannotCreate,
                        error: """
                            wgbundle: error: bundle.bin: exists already
                            hint: -o FILE writes another file, --force-overwrite replaces this one

                            """
                    )
            )
        }
        #expect(try hub.directory.read("bundle.bin") == [1, 2, 3])
        #expect(try await hub.run("wgbundle", "peers").status == ExitStatus.configuration.rawValue)
        let forced = ["seal", "--to", identity, "--force-overwrite"] + endpoint
        #expect(try await hub.run("wgbundle", forced).status == 0)
        #expect(try hub.directory.read("bundle.bin").count == 440)
    }

    @Test(
        "an output that cannot be made is refused before anything is recorded",
        arguments: [
            ("none/bundle", "none/bundle: there is no such directory"),
            ("home", "home: is a directory, which is not overwritten"),
            ("/dev/null", "/dev/null: is a device, which is not overwritten"),
        ]
    )
    func impossibleOutput(path: String, error: String) async throws {
        let (hub, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        let transcript = try await hub.run("wgbundle", ["seal", "--to", identity, "-o", path] + endpoint)
        #expect(transcript.status == ExitStatus.cannotCreate.rawValue)
        #expect(transcript.error.hasPrefix("wgbundle: error: \(error)\n"))
        #expect(try await hub.run("wgbundle", "peers").status == ExitStatus.configuration.rawValue)
    }

    @Test("bytes do not go to a terminal, armor does")
    func terminal() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        // `script` of util-linux gives the command a terminal.
        let line = "$bin/wgbundle seal --to $1 --endpoint 192.0.2.1 -o -"
        let bytes = try await hub.shell("script -qec \"\(line)\" /dev/null 2>&1 || echo $?", with: identity)
        #expect(bytes.output.contains("a bundle is bytes, which do not belong on a terminal\r\n"))
        #expect(bytes.output.hasSuffix("73\n"))
        let armored = try await hub.shell(
            "export id=$1; script -qec '\(line.replacing("$1", with: "$id")) --armor' /dev/null",
            with: identity
        )
        #expect(armored.output.contains("-----BEGIN WGSEAL BUNDLE-----\r\n"))
    }

    @Test("armor is opened like bytes")
    func armor() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (client, identity) = try await Host.withIdentity()
        let sealed = try await hub.run("wgbundle", ["seal", "--to", identity, "--armor", "-o", "-"] + endpoint)
        #expect(sealed.output.hasSuffix("-----END WGSEAL BUNDLE-----\n"))
        let shown = try await client.run("wgbundle", ["inspect", "-"], input: Array(sealed.output.utf8))
        #expect(shown.status == 0)
    }

    @Test("what zbarimg reads from a picture of the QR code is opened like the bundle itself")
    func qrCode() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (client, identity) = try await Host.withIdentity()
        let shown = try await hub.run("wgbundle", ["seal", "--to", identity, "--qr"] + endpoint)
        #expect(shown.status == 0)
        #expect(try !hub.directory.names().contains("bundle.bin"))

        try hub.directory.write(picture(of: shown.output), to: "picture.pgm")
        let scanned = try await hub.shell("zbarimg --quiet --raw -Sbinary picture.pgm")
        #expect(scanned.output.hasPrefix("WGS1:"))
        let opened = try await client.run("wgbundle", ["inspect", "-"], input: Array(scanned.output.utf8))
        #expect(opened.status == 0)

        try client.directory.write(Array(scanned.output.utf8), to: "scanned")
        #expect(try await client.run("wgbundle", "qr", "scanned").output == shown.output)
    }

    // A grey map (netpbm) of half-block characters that draw what is light, four pixels a module.
    private func picture(of text: String) -> [UInt8] {
        let lines = text.split(separator: "\n").map(Array.init)
        let rows: [[UInt8]] = lines.flatMap { line in
            ["█▀", "█▄"].map { light in line.flatMap { [UInt8](repeating: light.contains($0) ? 255 : 0, count: 4) } }
        }
        let pixels = rows.flatMap { row in (0..<4).flatMap { _ in row } }
        return Array("P5 \(rows[0].count) \(rows.count * 4) 255\n".utf8) + pixels
    }

    @Test("32 seals at once make 32 peers with 32 addresses and 32 serials")
    func atOnce() async throws {
        let (hub, _) = try await Host.withIdentity()
        let endpoint = endpoint
        let sealed = try await withThrowingTaskGroup { group in
            for index in 0..<32 {
                group.addTask {
                    let (_, identity) = try await Host.withIdentity()
                    return try await hub.run("wgbundle", ["seal", "--to", identity, "-o", "\(index).bin"] + endpoint)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sealed.allSatisfy { $0.status == 0 })
        let peers = try await hub.run("wgbundle", "peers").output.split(separator: "\n").dropFirst()
            .map { $0.split(separator: " ") }
        #expect(peers.count == 32)
        #expect(Set(peers.map { $0[1] }) == Set((2...33).map { "10.0.0.\($0)" }))
        #expect(Set(peers.map { $0[4] }) == Set((1...32).map { "\($0)" }))
    }

    @Test("names and addresses that are not to be had are refused, and nothing changes")
    func conflicts() async throws {
        let (hub, own) = try await Host.withIdentity()
        let (_, first) = try await Host.withIdentity()
        let (_, second) = try await Host.withIdentity()
        let setUp = ["seal", "--to", first, "--name", "first", "-o", "first"] + endpoint
        #expect(try await hub.run("wgbundle", setUp).status == 0)
        let before = try await hub.run("wgbundle", "peers")
        for (arguments, error) in [
            (["--to", second, "--name", "first"], "another peer of this network is called 'first'"),
            (["--to", first, "--name", "other"], "this identity is in the network already, as 'first'"),
            (["--to", second, "--address", "10.0.0.2"], "10.0.0.2 is not free in this network"),
            (["--to", second, "--address", "10.0.0.1"], "10.0.0.1 is not free in this network"),
            (["--to", second, "--address", "10.0.9.2"], "10.0.9.2 is outside this network's address range"),
            (["--to", own], "this is the identity of this host itself"),
            (
                ["--to", second, "--endpoint", "10.0.0.9"],
                "the recipient would refuse the bundle: peer endpoint 10.0.0.9 lies in address 10.0.0.0/24, behind its own tunnel"
            ),
        ] {
            let transcript = try await hub.run("wgbundle", ["seal"] + arguments + endpoint)
            #expect(transcript.status == ExitStatus.refused.rawValue)
            #expect(transcript.error.hasPrefix("wgbundle: error: \(error)\n"))
        }
        #expect(try await hub.run("wgbundle", "peers") == before)
        #expect(try !hub.directory.names().contains("bundle.bin"))
    }
}
