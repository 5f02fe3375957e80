import Crypto
import TestSupport
import Testing
import WireGuard

@testable import PeerBundle

extension Bundle {
    /// The payload, which in these tests holds no real secret.
    var encoded: [UInt8] {
        var writer = SecretWriter()
        encode(into: &writer)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }
}

@Suite("Bundle encoding")
struct BundleEncodingTests {
    @Test("is the layout of the format, byte for byte")
    func layout() throws {
        let server = try Sample.server(endpoints: ["192.0.2.1:51820", "[2001:db8::1]:443", "host.example:51820"])
        let bundle = try Sample.bundle(
            epoch: 7,
            serial: 0x0102_0304_0506_0708,
            addresses: ["10.0.0.2/24", "fd00::2/64"],
            mtu: 1420,
            listenPort: 51_820,
            peers: [server],
            services: [try Sample.service("web", "10.0.0.1")],
            container: try Sample.container("app", arguments: ["-x", ""])
        )
        let peer: [UInt8] =
            [0x01, 0, 32] + server.publicKey.rawValue.bytes + [0x02, 0, 6] + Array("server".utf8)
            + [0x03, 0, 32] + [UInt8](repeating: 0x77, count: 32)
            + [0x04, 0, 8, 0, 4, 192, 0, 2, 1, 0xca, 0x6c]
            + [0x04, 0, 20, 1, 6, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x01, 0xbb]
            + [0x04, 0, 16, 2, 0] + Array("host.example".utf8) + [0xca, 0x6c]
            + [0x05, 0, 6, 4, 10, 0, 0, 0, 24] + [0x06, 0, 2, 0, 25]
        let service: [UInt8] =
            [0x01, 0, 3] + Array("web".utf8) + [0x02, 0, 5, 4, 10, 0, 0, 1] + [0x03, 0, 2, 0, 80] + [0x04, 0, 1, 6]
        let container: [UInt8] =
            [0x01, 0, 3] + Array("app".utf8) + [0x02, 0, 32] + [UInt8](repeating: 0xdd, count: 32)
            + [0x03, 0, 3, 0] + Array("-x".utf8) + [0x03, 0, 1, 1]
        var expected: [UInt8] = [0x01, 0, 16] + [UInt8](repeating: 0xaa, count: 16)
        expected += [0x02, 0, 7] + Array("default".utf8) + [0x03, 0, 4, 0, 0, 0, 7]
        expected += [0x04, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]
        expected += [0x05, 0, 8, 0, 0, 0, 0, 0x69, 0x55, 0xb9, 0x00]
        expected += [0x06, 0, 8, 0, 0, 0, 0, 0x69, 0xcc, 0x60, 0x00]
        expected += [0x10, 0, 6, 4, 10, 0, 0, 2, 24]
        expected += [0x10, 0, 18, 6, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 64]
        expected += [0x11, 0, 2, 0x05, 0x8c]
        expected += [0x12, 0, 2, 0xca, 0x6c]
        expected += [0x20, 0, UInt8(peer.count)] + peer
        expected += [0x30, 0, UInt8(service.count)] + service
        expected += [0x40, 0, UInt8(container.count)] + container
        #expect(bundle.encoded == expected)
    }

    @Test("does not depend on the order that lists were given in")
    func canonicalOrder() throws {
        let peers = [
            try Sample.server(allowed: ["10.0.0.1/32", "fd00::1/128", "10.0.0.0/32"]),
            try Sample.server(key: Sample.stranger.identity.wireGuardKey, allowed: ["10.0.0.9/32"]),
        ]
        let services = [try Sample.service("b", "10.0.0.1"), try Sample.service("aa", "10.0.0.1")]
        let addresses = ["fd00::2/64", "10.0.0.2/24"]
        let one = try Sample.bundle(addresses: addresses, peers: peers, services: services)
        let other = try Sample.bundle(
            addresses: addresses.reversed(),
            peers: peers.reversed(),
            services: services.reversed()
        )
        #expect(one.encoded == other.encoded)
        #expect(one.services.map(\.name.description) == ["b", "aa"])
    }

    @Test("keeps endpoints in the order of preference")
    func endpointOrder() throws {
        let endpoints = ["z.example:1", "192.0.2.9:1", "a.example:1", "192.0.2.1:1"]
        let bundle = try Sample.bundle(peers: [Sample.server(endpoints: endpoints)])
        let decoded = try Bundle(decoding: bundle.encoded.span)
        #expect(decoded.peers.first?.endpoints.map(\.description) == endpoints)
    }

    @Test("of what was decoded is what was encoded, for 2,000 random bundles")
    func roundTrip() throws {
        var bundles = RandomBundles(seed: 45)
        for _ in 0..<2_000 {
            let encoded = try bundles.next().encoded
            #expect(try Bundle(decoding: encoded.span).encoded == encoded)
        }
    }

    @Test("is the only one: whatever damage the decoder takes for a bundle, it would have written so")
    func canonical() throws {
        var bundles = RandomBundles(seed: 46)
        var generator = SplitMix64(seed: 47)
        var accepted = 0
        for _ in 0..<5_000 {
            var bytes = try bundles.next().encoded
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[index], at: index)
                }
            }
            guard let bundle = try? Bundle(decoding: bytes.span) else { continue }
            accepted += 1
            #expect(bundle.encoded == bytes)
        }
        // Damage within a number or a key is a bundle too, before there is a signature.
        #expect(accepted > 100)
    }
}
