import CommandSupport
import Crypto
import Keystore
import PeerBundle
import TestSupport
import Testing
import WireGuard

@Suite("wgbundle export")
struct ExportTests {
    /// A host with a bundle of a hub that it trusts.
    private func client(_ arguments: String..., trusting: [String] = []) async throws -> Host {
        let (hub, hubIdentity) = try await Host.withIdentity()
        let (client, identity) = try await Host.withIdentity()
        let sealed = try await hub.run(
            "wgbundle",
            ["seal", "--to", identity, "--endpoint", "192.0.2.1"] + arguments
        )
        #expect(sealed.status == 0)
        try client.directory.write(hub.directory.read("bundle.bin"), to: "bundle.bin")
        let trust = try await client.run("wgkey", ["trust", hubIdentity, "--name", "hub"] + trusting)
        #expect(trust.status == 0)
        return client
    }

    private func text(_ host: Host, _ name: String) throws -> String {
        String(decoding: try host.directory.read(name), as: UTF8.self)
    }

    @Test("writes for wg-quick what the bundle says, with this host's private key, for nobody else to read")
    func quick() async throws {
        let client = try await client("--allowed-ips", "192.168.7.0/24", "--endpoint", "[2001:db8::1]:7")
        let exported = try await client.run("wgbundle", "export", "bundle.bin", "--format", "wg-quick")
        #expect(exported.status == 0)
        #expect(
            exported.error.wholeMatch(
                of:
                    /note: [a-z0-9-]+ has 2 endpoints, and only the first is written\nwrote wg-tunnel.conf, which holds this host's private key\n/
            ) != nil
        )
        let bytes = try client.directory.read("wg-tunnel.conf")
        let written = try QuickConfiguration(text: bytes.span, file: "f")
        let identity = try Home.open("\(client.path)/home").identity().key.identity
        #expect(written.privateKey?.publicKey == identity.wireGuardKey)
        #expect(written.addresses.map(\.description) == ["10.0.0.2/24"])
        #expect(written.listenPort == nil && written.mtu == nil && written.dns.isEmpty)
        let peer = try #require(written.peers.first)
        #expect(written.peers.count == 1)
        #expect(peer.endpoint?.description == "192.0.2.1:51820")
        #expect(peer.allowedAddresses.map(\.description) == ["10.0.0.1/32", "192.168.7.0/24"])
        #expect(peer.keepaliveSeconds == 25)
        #expect(peer.presharedKey != nil)
        #expect(try await client.shell("stat -c %a wg-tunnel.conf").output == "600\n")
        // 'wg-quick' finds nothing to say about it.
        #expect(try await client.shell("wg-quick strip ./wg-tunnel.conf | grep -c =").error == "")

        let again = try await client.run("wgbundle", "export", "bundle.bin", "--format", "wg-quick")
        #expect(again.status == ExitStatus.cannotCreate.rawValue)
        let forced = ["export", "bundle.bin", "--format", "wg-quick", "--force-overwrite"]
        #expect(try await client.run("wgbundle", forced).status == 0)
        #expect(try client.directory.read("wg-tunnel.conf") == bytes)
        let piped = ["export", "-", "--format", "wg-quick", "-o", "-"]
        let output = try await client.run("wgbundle", piped, input: client.directory.read("bundle.bin"))
        #expect(Array(output.output.utf8) == bytes)
    }

    @Test("writes for networkd what names the keys, and the keys into files of their own")
    func networkd() async throws {
        let client = try await client()
        let directory = "\(client.path)/net"
        #expect(try await client.shell("mkdir net").status == 0)
        let arguments = ["export", "bundle.bin", "--format", "networkd", "-o", directory]
        let exported = try await client.run("wgbundle", arguments)
        #expect(exported.status == 0)
        let netdev = try text(client, "net/wg-tunnel.netdev")
        #expect(netdev.contains("\nPrivateKeyFile=\(directory)/wg-tunnel.key\n"))
        #expect(netdev.contains("\nPresharedKeyFile=\(directory)/wg-tunnel-0.psk\n"))
        #expect(try text(client, "net/wg-tunnel.network").hasSuffix("[Network]\nAddress=10.0.0.2/24\n"))
        let key = try await client.shell("wg pubkey <net/wg-tunnel.key").output.dropLast()
        #expect(try Home.open("\(client.path)/home").identity().key.identity.wireGuardKey.base64 == key)
        let psk = try text(client, "net/wg-tunnel-0.psk").dropLast()
        #expect(try KeyEncoding.bytes32(base64: String(psk)) != Bytes32())
        #expect(!netdev.contains(psk))
        // The keys are networkd's to read where this host has its group, and this test may give it to it.
        let others = try await client.shell("stat -c %A net/*.key net/*.psk | cut -c 5-").output
        #expect(["------\n------\n", "r-----\nr-----\n"].contains(others))
        #expect(try await client.shell("stat -c %a net/*.netdev net/*.network").output == "644\n644\n")

        #expect(
            try await client.run("wgbundle", arguments)
                == Transcript(
                    .cannotCreate,
                    error: """
                        wgbundle: error: \(directory)/wg-tunnel-0.psk: exists already
                        hint: -o FILE writes another file, --force-overwrite replaces this one

                        """
                )
        )
        #expect(try await client.run("wgbundle", arguments + ["--force-overwrite"]).status == 0)
    }

    @Test("refuses what wgup would refuse, and writes nothing", arguments: ["wg-quick", "networkd"])
    func refusals(format: String) async throws {
        let route = try await client("--allowed-ips", "0.0.0.0/0")
        let arguments = [
            "export", "bundle.bin", "--format", format, "-o", format == "networkd" ? route.path : "x.conf",
        ]
        let refused = try await route.run("wgbundle", arguments)
        #expect(refused.status == ExitStatus.refused.rawValue)
        #expect(refused.error.contains("hint: wgkey trust IDENTITY --name NAME --allow-default-route"))
        let names = try route.directory.names()
        #expect(names == ["bundle.bin", "home"])

        let stranger = try await client()
        #expect(try await stranger.run("wgkey", "untrust", "hub").status == 0)
        let untrusted = try await stranger.run("wgbundle", "export", "bundle.bin", "--format", "wg-quick")
        #expect(untrusted.status == ExitStatus.refused.rawValue)
        #expect(untrusted.error.hasPrefix("wgbundle: error: the bundle's issuer is not trusted: "))
        #expect(try stranger.directory.names() == ["bundle.bin", "home"])
    }

    @Test("writes a default route that the issuer may have for wg-quick alone, which makes rules for it")
    func defaultRoute() async throws {
        let client = try await client("--allowed-ips", "::/0", trusting: ["--allow-default-route"])
        #expect(try await client.run("wgbundle", "export", "bundle.bin", "--format", "wg-quick").status == 0)
        let networkd = ["export", "bundle.bin", "--format", "networkd", "-o", client.path]
        #expect(
            try await client.run("wgbundle", networkd)
                == Transcript(
                    .refused,
                    error: """
                        wgbundle: error: ::/0 in the tunnel would need rules that keep the tunnel's own packets out, and \
                        none are written
                        hint: --format wg-quick, which makes them

                        """
                )
        )
    }

    @Test(
        "refuses an old bundle",
        arguments: [(100, "the bundle expired at "), (40, "the first bundle from an issuer ")]
    )
    func old(ageDays: UInt64, error: String) async throws {
        let client = try await client()
        let (hub, _) = try await Host.withIdentity()
        let seconds = try #require(UInt64(try await hub.shell("date +%s").output.dropLast()))
        let home = try Home.open("\(hub.path)/home")
        guard case .plain(let key) = try home.identity().key else { throw CryptoError.passphrase }
        let store = try home.createNetwork(Network.defaultName, besides: [], hostName: "hub")
        let identity = try Home.open("\(client.path)/home").identity().key.identity
        let sealed = try store.seal(
            EnrolmentRequest(identity: identity),
            NetworkStore.Sealing(
                key: key,
                defaultEndpoint: Endpoint("192.0.2.1", defaultPort: 1),
                now: UnixTime(seconds: seconds - ageDays * 86_400),
                lifetimeSeconds: 90 * 86_400
            )
        )
        try client.directory.write(sealed.bundle, to: "old.bin")
        #expect(try await client.run("wgkey", "trust", key.identity.text, "--name", "old").status == 0)
        let refused = try await client.run("wgbundle", "export", "old.bin", "--format", "wg-quick")
        #expect(refused.status == ExitStatus.refused.rawValue)
        #expect(refused.error.hasPrefix("wgbundle: error: \(error)"))
    }

    @Test("does not show the private key on a terminal")
    func terminal() async throws {
        let client = try await client()
        let line = "$bin/wgbundle export bundle.bin --format wg-quick -o -"
        let shown = try await client.shell("script -qec \"\(line)\" /dev/null 2>&1 || echo $?")
        #expect(shown.output.contains("what is written holds the private key, which does not belong on a terminal\r\n"))
        #expect(shown.output.hasSuffix("73\n"))
        #expect(!shown.output.contains("PrivateKey"))
    }
}
