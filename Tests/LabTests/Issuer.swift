import Crypto
import Foundation
import PeerBundle
import TestSupport
import Testing
import WireGuard

/// An issuer without a host, whose bundles a test makes as it likes.
struct Issuer {
    let name: String
    let key = IdentityKey()

    /// One that a host trusts under its name, within limits as `wgkey trust` takes them.
    static func trusted(_ name: String, by host: String, _ limits: [String] = []) async throws -> Issuer {
        let issuer = Issuer(name: name)
        try await lab().text(host, ["wgkey", "trust", issuer.key.identity.text, "--name", name] + limits)
        return issuer
    }

    // A bundle of a network of this issuer's, with a hub that nobody can reach. Each name is a network of its own, `created`
    // is in seconds from now, and two bundles that differ in `mtu` alone are two bundles.
    func seal(
        to recipient: Identity,
        network: String = "test",
        epoch: UInt32 = 1,
        serial: UInt64,
        created: Int = 0,
        lifetime: UInt64 = 90 * 86_400,
        mtu: UInt16 = 1400,
        allowed: String = "10.99.0.0/24"
    ) throws -> [UInt8] {
        let bytes = Array((Array(network.utf8) + [UInt8](repeating: 0, count: 16)).prefix(16))
        let id = NetworkID(bytes.span)
        let created = UnixTime(seconds: UInt64(Int(Date().timeIntervalSince1970) + created))
        let prefix = try #require(IPPrefix(allowed))
        let address = try #require(IPAddress(family: prefix.address.family, number: prefix.address.number + 2))
        let hub = PeerConfiguration(
            publicKey: key.identity.wireGuardKey,
            name: try #require(Name("hub")),
            endpoints: [try #require(Endpoint("198.51.100.1", defaultPort: 51_820))],
            allowedAddresses: [prefix]
        )
        let bundle = try Bundle(
            networkID: #require(id),
            networkName: #require(Name(network)),
            epoch: epoch,
            serial: serial,
            created: created,
            notAfter: created.adding(seconds: lifetime),
            addresses: [#require(InterfaceAddress(address, prefixLength: prefix.address.family.bitCount))],
            mtu: mtu,
            peers: [hub]
        )
        return try bundle.seal(from: key, to: recipient)
    }
}

extension Lab {
    /// Makes a host's keys.
    func makeIdentity(of host: String) async throws -> Identity {
        try Identity(text: try await text(host, "wgkey", "gen"))
    }

    /// Requires that a host refuses a bundle in a line that begins so, and is as it was.
    func expectRefusal(
        of bundle: [UInt8],
        on host: String = "B",
        _ error: String,
        status: Int32 = 65,
        with arguments: [String] = ["--engine", "none"]
    ) async throws {
        try await write(bundle, to: "refused.bin", on: host)
        let before = try await snapshot(host)
        let result = try await run(host, ["wgup", "client", "refused.bin"] + arguments)
        #expect(result.status == status)
        #expect(result.error.hasPrefix("wgup: error: \(error)"), "\(result.error)")
        let changed = changes(from: before, to: try await snapshot(host))
        // A bundle that was accepted, and found the interface taken, is remembered.
        #expect(changed.filter { status != 75 || !isKept($0) } == [])
    }

    /// Starts `wgup client` with a bundle, and waits until its tunnel is up; nobody answers at the other end.
    func apply(
        _ bundle: [UInt8],
        on host: String = "B",
        with arguments: [String] = ["--engine", "none"]
    ) async throws -> BackgroundCommand {
        try await write(bundle, to: "applied.bin", on: host)
        let client = try start(host, ["wgup", "client", "applied.bin"] + arguments)
        try await client.waitForOutput(" is up; waiting for the handshake")
        return client
    }
}
