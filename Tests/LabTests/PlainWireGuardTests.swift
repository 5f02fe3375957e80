import TestSupport
import Testing
import WireGuard

/// Hosts that speak WireGuard without `wgup`: on the other side of the tunnel, or here before it.
@Suite("Plain WireGuard", .serialized, .timeLimit(.minutes(3)), .labForEachTest("A", "B"))
struct PlainWireGuardTests {
    @Test("wg-quick brings up the tunnel of an exported bundle, and takes it down")
    func export() async throws {
        let lab = try lab()
        try await lab.prepare()
        let hub = try await lab.text("A", "wgkey", "show")
        try await lab.text("B", "wgkey", "trust", hub, "--name", "hub")
        try await lab.text("B", "wgbundle", "export", "bundle.bin", "--format", "wg-quick")
        let server = try await lab.serve(["--engine", "process"])
        let before = try await lab.snapshot("B")
        let up = try await lab.run("B", "wg-quick", "up", "./wg-tunnel.conf")
        #expect(up.status == 0, "\(up.error)")
        #expect(!up.error.contains("Warning"), "\(up.error)")
        let page = try await lab.text("B", "curl", "http://10.0.0.1")
        #expect(page.contains("Welcome to nginx!"))
        // A tunnel that is up is not in the way of its own bundle.
        try await lab.text("B", "wgbundle", "export", "bundle.bin", "--format", "wg-quick", "--force-overwrite")
        try await lab.text("B", "wg-quick", "down", "./wg-tunnel.conf")
        let after = try await lab.snapshot("B")
        #expect(changes(from: before, to: after) == [])
        try await server.interrupt()
    }

    @Test("no bundle is exported that takes what the host reaches without the tunnel")
    func hostNetwork() async throws {
        let lab = try lab()
        for host in lab.hosts { try await lab.text(host, "wgkey", "gen") }
        let identity = try await lab.text("B", "wgkey", "show")
        try await lab.text("A", "wgbundle", "seal", "--to", identity, "--allowed-ips", "192.0.2.64/26")
        try await lab.carry("bundle.bin", from: "A", to: "B")
        let hub = try await lab.text("A", "wgkey", "show")
        try await lab.text("B", "wgkey", "trust", hub, "--name", "hub")
        let refused = try await lab.run("B", "wgbundle", "export", "bundle.bin", "--format", "wg-quick")
        #expect(refused.status == 65)
        #expect(refused.error.contains("192.0.2.64/26"))
        #expect(
            refused.error.hasSuffix(
                "hint: 'wgup client' gives the tunnel a network of its own, which other programs do not\n"
            )
        )
        #expect(try await lab.text("B", "ls") == "bundle.bin")
    }

    @Test("no bundle is exported that is older than the one that wgup accepted")
    func rollback() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.text("B", "mv", "bundle.bin", "old.bin")
        try await lab.text("A", "rm", "for-B")
        try await lab.enrol("B")
        let client = try await lab.startClient("B", ["--engine", "none"])
        try await client.waitForOutput("wg-tunnel is up")
        try await client.interrupt()
        let old = try await lab.run("B", "wgbundle", "export", "old.bin", "--format", "wg-quick")
        #expect(old.status == 65)
        #expect(old.error.hasPrefix("wgbundle: error: the bundle is older (epoch 1, serial 1) than the one accepted"))
        let same = try await lab.run("B", "wgbundle", "export", "bundle.bin", "--format", "wg-quick")
        #expect(same.status == 0, "\(same.error)")
    }

    @Test("wgup gives the peers of a hub's file what wg gives them", arguments: HubFiles.names)
    func importFile(name: String) async throws {
        let lab = try lab()
        let bytes = try HubFiles.bytes(name)
        try await lab.text("A", "sh", "-c", "echo 192.0.2.77 site.example >>/etc/hosts; mkdir -p /etc/wireguard")
        try await lab.write(bytes, to: "/etc/wireguard/wg0.conf", on: "A")
        let imported = try await lab.run("A", "wgbundle", "import", "/etc/wireguard/wg0.conf")
        #expect(imported.status == 0, "\(imported.error)")

        let server = try await lab.serve(["--engine", "none"])
        let ours = try await lab.text("A", "wg", "showconf", "wg0")
        let addresses = try await lab.text("A", "sh", "-c", "ip -o address show wg0 scope global | awk '{ print $4 }'")
        try await server.interrupt()
        let configuration = try QuickConfiguration(text: bytes.span, file: name)
        #expect(
            Set(addresses.split(separator: "\n").map(String.init)) == Set(configuration.addresses.map(\.description))
        )

        let witness = try lab.start("A", ["env", "WG_PROCESS_FOREGROUND=1", "wireguard-go", "wg0"])
        // In wg-quick's own words, but without what it would run.
        let theirs = try await lab.text(
            "A",
            "sh",
            "-ec",
            """
            until wg show wg0 >/dev/null 2>&1; do sleep 0.05; done
            wg-quick strip wg0 >/root/stripped
            wg setconf wg0 /root/stripped 2>/dev/null
            wg showconf wg0
            """
        )
        witness.signal(15)
        _ = try await witness.waitForEnd()
        #expect(theirs.contains("PublicKey"))
        #expect(sections(ours) == sections(theirs))
    }

    /// The sections of what `wg showconf` shows, whose order differs from run to run, and so does that of the addresses.
    private func sections(_ text: String) -> [[String]] {
        text.split(separator: "\n\n").map { section in
            section.split(separator: "\n").map { line in
                guard line.hasPrefix("AllowedIPs = ") else { return String(line) }
                return line.dropFirst(13).split(separator: ", ").sorted().joined(separator: ", ")
            }.sorted()
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test("a peer of a wg-quick hub goes on when wgup takes over, and later with a bundle of its own")
    func takeOver() async throws {
        let lab = try lab()
        try await lab.text("A", "sh", "-ec", Self.makeKeys)
        let (hubKey, peerKey, psk) = (
            try await lab.text("A", "cat", "hub.pub"), try await lab.text("A", "cat", "peer.pub"),
            try await lab.text("A", "cat", "psk")
        )
        try await lab.carry("peer.key", from: "A", to: "B")
        let hub = """
            [Interface]
            Address = 10.8.0.1/24
            ListenPort = 51820
            PrivateKey = \(try await lab.text("A", "cat", "hub.key"))
            # laptop
            [Peer]
            PublicKey = \(peerKey)
            PresharedKey = \(psk)
            AllowedIPs = 10.8.0.7/32
            """
        let peer = """
            [Interface]
            Address = 10.8.0.7/24
            PrivateKey = \(try await lab.text("B", "cat", "peer.key"))
            [Peer]
            PublicKey = \(hubKey)
            PresharedKey = \(psk)
            AllowedIPs = 10.8.0.0/24
            Endpoint = 192.0.2.1:51820
            PersistentKeepalive = 1
            """
        for (host, text) in [("A", hub), ("B", peer)] {
            try await lab.text(host, "mkdir", "-p", "/etc/wireguard")
            try await lab.write(Array("\(text)\n".utf8), to: "/etc/wireguard/wg0.conf", on: host)
            try await lab.text(host, "wg-quick", "up", "wg0")
        }
        let ping = ["ping", "-c", "1", "-w", "60", "10.8.0.1"]
        try await lab.text("B", ping)

        try await lab.text("A", "wgbundle", "import", "/etc/wireguard/wg0.conf")
        try await lab.text("A", "wg-quick", "down", "wg0")
        let server = try await lab.serve(["--engine", "none"])
        try await lab.text("B", ping)

        // With an identity that has its key, it becomes a peer like all others while the hub is up.
        try await lab.text("B", "wg-quick", "down", "wg0")
        try await lab.text("B", "wgkey", "gen", "--private-key", "peer.key")
        try await lab.enrol("B")
        #expect(try await lab.text("A", "wgbundle", "peers").contains("laptop  10.8.0.7  "))
        let client = try await lab.join("B", ["--engine", "none"])
        try await lab.text("B", ping)
        try await client.interrupt()
        try await server.interrupt()
    }

    private static let makeKeys = """
        umask 077
        for name in hub peer; do wg genkey >$name.key; wg pubkey <$name.key >$name.pub; done
        wg genpsk >psk
        """
}
