import Crypto
import PeerBundle
import TestSupport
import Testing
import WireGuard

/// The rules on blocks of addresses against the plainest account of them: a bit for each part of a small address space.
@Suite("Content policy and a bit set")
struct ContentPolicyOracleTests {
    /// 128 parts of equal size: what the first seven bits after a common beginning tell apart.
    private struct Space {
        let beginning: IPPrefix
        let other: String

        private static let bitCount = 7

        /// A block of the space with its parts.
        func block(_ generator: inout SplitMix64, shortest: Int = 0) throws -> (prefix: IPPrefix, parts: UInt128) {
            let length = Int.random(in: shortest...Self.bitCount, using: &generator)
            let size = Self.bitCount - length
            let start = Int.random(in: 0..<(1 << length), using: &generator) << size
            let family = beginning.address.family
            let unit = family.bitCount - beginning.length - Self.bitCount
            let address = IPAddress(family: family, number: beginning.address.number | UInt128(start) << UInt128(unit))
            let prefix = IPPrefix(try #require(address), length: beginning.length + length)
            var parts: UInt128 = 0
            for part in start..<(start + 1 << size) { parts |= 1 << UInt128(part) }
            return (try #require(prefix), parts)
        }

        func limits(_ length: Int, allowsDefaultRoute: Bool = false) -> IssuerLimits {
            let length = UInt8(beginning.length + length)
            return IssuerLimits(
                shortestPrefixLengthV4: beginning.address.family == .v4 ? length : 32,
                shortestPrefixLengthV6: beginning.address.family == .v6 ? length : 128,
                allowsDefaultRoute: allowsDefaultRoute
            )
        }
    }

    private static let keys = (0..<3).map { _ in PrivateKey().publicKey }

    private func verdict(_ bundle: Bundle, _ limits: IssuerLimits, beside hostPrefixes: [IPPrefix]? = nil)
        -> PolicyError?
    {
        do throws(PolicyError) {
            try ContentPolicy.check(
                bundle,
                limits: limits,
                ownKey: Sample.recipient.identity.wireGuardKey,
                hostPrefixes: hostPrefixes
            )
            return nil
        } catch {
            return error
        }
    }

    private func bundle(_ claims: [[IPPrefix]], address: String) throws -> Bundle {
        let name = try #require(Name("peer"))
        return try Sample.bundle(
            addresses: [address],
            peers: zip(Self.keys, claims).map { key, claims in
                PeerConfiguration(publicKey: key, name: name, allowedAddresses: claims)
            }
        )
    }

    @Test(
        "agree on overlap, size and the host's networks, for 100,000 random lists of blocks",
        arguments: 0..<4 as Range<UInt64>
    )
    func blocks(seed: UInt64) throws {
        // An interface address of the other family takes no part.
        let spaces = [
            Space(beginning: try #require(IPPrefix("10.0.0.0/8")), other: "fd00:ffff::2/128"),
            Space(beginning: try #require(IPPrefix("fd00:aa00::/24")), other: "172.16.0.2/32"),
        ]
        var generator = SplitMix64(seed: 27 + seed)
        var counts: [String: Int] = [:]
        for number in 0..<25_000 {
            let space = spaces[number & 1]
            var claims: [[IPPrefix]] = []
            var masks: [UInt128] = []
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                var blocks: [IPPrefix: UInt128] = [:]
                for _ in 0..<Int.random(in: 0...4, using: &generator) {
                    let (prefix, parts) = try space.block(&generator, shortest: 2)
                    blocks[prefix] = parts
                }
                claims.append(blocks.keys.sorted())
                masks.append(blocks.values.reduce(0, |))
            }
            let host = try (0..<Int.random(in: 0...2, using: &generator)).map { _ in
                try space.block(&generator, shortest: 4)
            }
            let length = Int.random(in: 0...3, using: &generator)

            let all = masks.reduce(0, |)
            let expected =
                if masks.indices.contains(where: { index in masks[..<index].contains { $0 & masks[index] != 0 } }) {
                    "overlap"
                } else if all.nonzeroBitCount > 1 << (7 - length) {
                    "too wide"
                } else if host.contains(where: { $0.parts & all != 0 }) {
                    "host network"
                } else {
                    "fine"
                }
            let found =
                switch verdict(
                    try bundle(claims, address: space.other),
                    space.limits(length),
                    beside: host.map(\.prefix)
                )
                {
                case nil: "fine"
                case .overlap: "overlap"
                case .tooWide: "too wide"
                case .hostNetwork: "host network"
                case let error?: "\(error)"
                }
            #expect(found == expected, "seed \(27 + seed), list \(number): \(claims)")
            counts[expected, default: 0] += 1
        }
        // Each of them was there often enough to mean something.
        #expect(counts.count == 4 && counts.values.allSatisfy { $0 > 1000 }, "\(counts)")
    }

    @Test("agree on what is more than half of all addresses, or the limit, for 20,000 random lists of wide blocks")
    func wideBlocks() throws {
        let spaces = [
            Space(beginning: try #require(IPPrefix("0.0.0.0/0")), other: "fd00:ffff::2/128"),
            Space(beginning: try #require(IPPrefix("::/0")), other: "172.16.0.2/32"),
        ]
        var generator = SplitMix64(seed: 43)
        var count = 0
        for number in 0..<20_000 {
            let space = spaces[number & 1]
            let blocks = try (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                try space.block(&generator, shortest: 1)
            }
            let length = Int.random(in: 0...3, using: &generator)
            let allowsDefaultRoute = Bool.random(using: &generator)
            let bundle = try bundle([Set(blocks.map(\.prefix)).sorted()], address: space.other)
            let error = verdict(bundle, space.limits(length, allowsDefaultRoute: allowsDefaultRoute))
            let isTooWide = if case .tooWide = error { true } else { false }
            let limit = 1 << (7 - max(length, allowsDefaultRoute ? 0 : 1))
            let isExpected = blocks.map(\.parts).reduce(0, |).nonzeroBitCount > limit
            #expect(isTooWide == isExpected, "list \(number): \(blocks.map(\.prefix)), /\(length)")
            if isExpected { count += 1 }
        }
        #expect((5_000...15_000).contains(count))
    }
}
