import Crypto
import Keystore
import PeerBundle
import TestSupport
import Testing
import WireGuard

@Suite("Secrets")
struct SecretTests {
    @Test("no command prints a secret, and no file but the key files holds one")
    func nowhere() async throws {
        let (hub, hubIdentity) = try await Host.withIdentity()
        let (client, identity) = try await Host.withIdentity()
        var emitted: [UInt8] = []
        func run(_ host: Host, _ tool: String, _ arguments: String...) async throws {
            let transcript = try await host.run(tool, arguments)
            #expect(transcript.status == 0)
            emitted += Array("\(transcript.output)\(transcript.error)".utf8)
        }
        try await run(hub, "wgbundle", "seal", "--to", identity, "--endpoint", "192.0.2.1", "--json")
        try await run(hub, "wgbundle", "peers", "--json")
        try await run(hub, "wgbundle", "qr", "bundle.bin")
        try await run(hub, "wgkey", "show", "--json")
        try client.directory.write(hub.directory.read("bundle.bin"), to: "bundle.bin")
        try await run(client, "wgkey", "trust", hubIdentity, "--name", "hub")
        try await run(client, "wgkey", "list", "--json")
        try await run(client, "wgbundle", "inspect", "bundle.bin")
        try await run(client, "wgbundle", "inspect", "bundle.bin", "--json")
        for host in [hub, client] {
            let files = try await host.shell("find . -type f ! -name identity.key ! -name preshared.key -exec cat {} +")
            emitted += Array(files.output.utf8)
        }

        let secrets = try secrets(of: hub) + secrets(of: client)
        #expect(secrets.count == 5 * 4)
        for (index, secret) in secrets.enumerated() {
            #expect(!emitted.contains(secret), "secret \(index)")
        }
        // The search finds what is there.
        #expect((emitted + secrets[0] + [0]).contains(secrets[0]))
    }

    // Of each secret: its bytes, base64 with and without padding, hexadecimal. Seed and WireGuard key of a host, and the
    // root of a network.
    private func secrets(of host: Host) throws -> [[UInt8]] {
        let home = try Home.open("\(host.path)/home")
        guard case .plain(let key) = try home.storedIdentity().key else { throw CryptoError.passphrase }
        var raw: [[UInt8]] = key.withEncoded { bytes in
            [(1..<33).map { bytes[$0] }, (33..<65).map { bytes[$0] }]
        }
        for name in try home.networkNames() {
            let root = try home.network(name).presharedKeyRoot()
            raw.append(root.withBytes { bytes in bytes.indices.map { bytes[$0] } })
        }
        return raw.flatMap { secret in
            let base64 = Array(KeyEncoding.base64(Bytes32(secret.span) ?? Bytes32()).utf8)
            let hexadecimal = secret.flatMap { Array((($0 < 16 ? "0" : "") + String($0, radix: 16)).utf8) }
            return [secret, base64, base64.dropLast(), hexadecimal]
        }
    }
}
