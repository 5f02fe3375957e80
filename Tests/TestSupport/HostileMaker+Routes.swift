// Payloads that are bundles, and would take what is not theirs.
extension HostileMaker {
    /// A block as its bytes in a bundle, and as people write it.
    private struct Block {
        let bytes: [UInt8]
        let text: String

        /// The block that an address lies in.
        init(v4 address: UInt32, _ length: Int) {
            let number = address & ~(UInt32.max >> UInt32(length))
            let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
            bytes = [4] + octets + [UInt8(length)]
            text = octets.map(String.init).joined(separator: ".") + "/\(length)"
        }

        /// The block that an address lies in of which only the first 16 bits are set.
        init(v6 address: UInt16, _ length: Int) {
            let group = address & ~(UInt16.max >> UInt16(length))
            bytes = [6, UInt8(group >> 8), UInt8(group & 0xff)] + [UInt8](repeating: 0, count: 14) + [UInt8(length)]
            text = (group == 0 ? "::" : String(group, radix: 16) + "::") + "/\(length)"
        }
    }

    private static let spelling = "must be an address and a prefix length"

    /// Second spellings of a block, and blocks that are none.
    func prefixes() -> [HostilePayload] {
        let rule = "bundle field peer allowed-address: \(Self.spelling), zero after the prefix"
        let family = "must be an IPv4 or IPv6 address"
        var all = (0..<32).map { withPeer(0x05, [4, 10, 99, 0, 1, $0], "host bits after /\($0)", rule) }
        let unique = [UInt8]([6, 0xfd]) + [UInt8](repeating: 0, count: 14) + [1]
        all += stride(from: 0, through: 127, by: 7).map {
            withPeer(0x05, unique + [UInt8($0)], "IPv6 host bits after /\($0)", rule)
        }
        all += [33, 64, 128, 255].map { withPeer(0x05, [4, 10, 99, 0, 1, $0], "IPv4 /\($0)", rule) }
        all += [129, 255].map { withPeer(0x05, unique + [$0], "IPv6 /\($0)", rule) }
        all += [33, 128, 255].map {
            hostile("address /\($0)", base.with(0x10, [4, 10, 99, 0, 2, $0]), "bundle field address: \(Self.spelling)")
        }
        for kind in [0, 1, 5, 6, 10, 255] as [UInt8] {
            all.append(
                withPeer(
                    0x05,
                    [kind, 10, 99, 0, 1, 32],
                    "family \(kind)",
                    "bundle field peer allowed-address: \(family)"
                )
            )
            all.append(
                hostile(
                    "own family \(kind)",
                    base.with(0x10, [kind, 10, 99, 0, 2, 24]),
                    "bundle field address: \(family)"
                )
            )
        }
        return all
    }

    /// All traffic, or more than the limit, in one block or in many.
    func sizes() -> [HostilePayload] {
        let (all4, all6) = (Block(v4: 0, 0), Block(v6: 0, 0))
        var all = [all4, all6].flatMap { block in
            [
                withAllowed(
                    [[block.bytes]],
                    "default route \(block.text)",
                    "peer allowed-address \(block.text) would take all traffic"
                ),
                withAllowed(
                    [[block.bytes]],
                    "default route \(block.text) for one without limit",
                    "peer allowed-address \(block.text) would take all traffic",
                    by: .unlimited
                ),
            ]
        }
        all.append(
            withAllowed([], address: [4, 10, 99, 0, 2, 0], "own /0", "address 0.0.0.0/0 would take all traffic")
        )
        let own6 = [UInt8]([6, 0xfd]) + [UInt8](repeating: 0, count: 14) + [2]
        all.append(withAllowed([], address: own6 + [0], "own IPv6 /0", "address ::/0 would take all traffic"))
        for length in 1...5 {
            let halves4 = (0..<(1 << length)).map { Block(v4: UInt32($0) << UInt32(32 - length), length) }
            let halves6 = (0..<(1 << length)).map { Block(v6: UInt16($0) << UInt16(16 - length), length) }
            for (blocks, limit) in [(halves4, 8), (halves6, 32)] {
                let bytes = blocks.map(\.bytes)
                let refusal =
                    "with peer allowed-address \(blocks[0].text), the bundle takes more addresses than a /\(limit) has"
                all.append(withAllowed([bytes], "everything in \(blocks.count) \(blocks[0].text)", refusal))
                let odd = bytes.indices.filter { $0 % 2 == 1 }.map { bytes[$0] }
                let even = bytes.indices.filter { $0 % 2 == 0 }.map { bytes[$0] }
                all.append(
                    withAllowed([even, odd], "everything for two in \(blocks.count) \(blocks[0].text)", refusal)
                )
            }
        }
        for length in 1...7 {
            let block = Block(v4: 0x4000_0000, length)
            all.append(withAllowed([[block.bytes]], block.text, "with peer allowed-address \(block.text), the bundle"))
            let text = block.text
            all.append(
                withAllowed(
                    [],
                    address: [4, 64, 0, 0, 1, UInt8(length)],
                    "own \(text)",
                    "with address \(text), the bundle"
                )
            )
        }
        for length in 1...31 {
            let block = Block(v6: 0x2000, length)
            all.append(withAllowed([[block.bytes]], block.text, "with peer allowed-address \(block.text), the bundle"))
        }
        let sixteenths = (0..<257).map { Block(v4: 0x1400_0000 + UInt32($0) << 16, 16).bytes }
        let shares = stride(from: 0, to: sixteenths.count, by: 32).map { Array(sixteenths[$0...].prefix(32)) }
        let more = "the bundle takes more addresses than a /8 has"
        all += [
            withAllowed(
                [[Block(v4: 0x1400_0000, 9).bytes, Block(v4: 0x1e00_0000, 9).bytes]],
                "two /9 and the interface's",
                "with peer allowed-address 30.0.0.0/9, \(more)"
            ),
            withAllowed(
                [[Block(v4: 0x0b00_0000, 8).bytes]],
                "a /8 more",
                "with peer allowed-address 11.0.0.0/8, \(more)"
            ),
            withAllowed(shares, "257 blocks of /16", "with peer allowed-address 20.255.0.0/16, \(more)"),
            withAllowed(
                [[Block(v6: 0x2001, 32).bytes, Block(v6: 0x2002, 128).bytes]],
                "a /32 and one address more",
                "with peer allowed-address 2002::/128, the bundle takes more addresses than a /32 has"
            ),
            withAllowed(
                [[Block(v4: 0x4000_0000, 2).bytes], [Block(v4: 0x8000_0000, 2).bytes]],
                "half, and the interface's, for one without limit",
                "with peer allowed-address 128.0.0.0/2, the bundle takes more addresses than a /1 has",
                by: .unlimited
            ),
            withAllowed(
                [[Block(v6: 0x8000, 2).bytes, Block(v6: 0xc000, 2).bytes, Block(v6: 0x2000, 3).bytes]],
                "more than half of IPv6 for one without limit",
                "with peer allowed-address c000::/2, the bundle takes more addresses than a /1 has",
                by: .unlimited
            ),
        ]
        return all
    }

    private static let reservedBlocks: [([UInt8], String)] = [
        ([0, 0, 0, 0, 32], "0.0.0.0/32"), ([0, 0, 0, 0, 9], "0.0.0.0/9"), ([0, 1, 2, 3, 32], "0.1.2.3/32"),
        ([127, 0, 0, 1, 32], "127.0.0.1/32"), ([127, 0, 0, 0, 9], "127.0.0.0/9"),
        ([127, 53, 0, 0, 16], "127.53.0.0/16"),
        ([169, 254, 169, 254, 32], "169.254.169.254/32"), ([169, 254, 0, 0, 16], "169.254.0.0/16"),
        ([169, 254, 0, 0, 15], "169.254.0.0/15"), ([169, 252, 0, 0, 14], "169.252.0.0/14"),
        ([224, 0, 0, 251, 32], "224.0.0.251/32"), ([224, 0, 0, 0, 24], "224.0.0.0/24"),
        ([239, 255, 255, 250, 32], "239.255.255.250/32"), ([240, 0, 0, 1, 32], "240.0.0.1/32"),
        ([255, 255, 255, 255, 32], "255.255.255.255/32"), ([255, 255, 255, 0, 24], "255.255.255.0/24"),
    ]

    private static func v6(_ head: [UInt8], _ tail: [UInt8], _ length: UInt8) -> [UInt8] {
        head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail + [length]
    }

    private static let reservedBlocks6: [([UInt8], String)] = [
        (v6([], [], 128), "::/128"), (v6([], [1], 128), "::1/128"), (v6([], [], 64), "::/64"),
        (v6([0xfe, 0x80], [], 64), "fe80::/64"), (v6([0xfe, 0x80], [1], 128), "fe80::1/128"),
        (v6([0xfe, 0xbf], [], 32), "febf::/32"), (v6([0xff, 0x02], [1], 128), "ff02::1/128"),
        (v6([0xff, 0x0e], [], 32), "ff0e::/32"), (v6([0xff], [], 32), "ff00::/32"),
        (v6([], [0xff, 0xff, 10, 0, 0, 0], 104), "::ffff:a00:0/104"),
        (v6([], [0xff, 0xff, 127, 0, 0, 1], 128), "::ffff:7f00:1/128"),
        (v6([], [0xff, 0xff, 169, 254, 169, 254], 128), "::ffff:a9fe:a9fe/128"),
    ]

    /// Loopback, link-local, multicast and the like, as a peer's and as one's own.
    func reserved() -> [HostilePayload] {
        let blocks =
            Self.reservedBlocks.map { ([4] + $0.0, $0.1) } + Self.reservedBlocks6.map { ([6] + $0.0, $0.1) }
        return blocks.flatMap { bytes, text in
            var all = [withAllowed([[bytes]], text, "peer allowed-address \(text) is of a reserved range")]
            if let host = text.split(separator: "/").first, bytes != [4, 169, 252, 0, 0, 14] {
                let length = bytes[0] == 4 ? 32 : 128
                all.append(
                    withAllowed([], address: bytes, "own \(text)", "address \(host)/\(length) is of a reserved range")
                )
            }
            return all
        }
    }

    /// Two peers that claim the same addresses: the kernel would give them to the second, without a word.
    func overlaps() -> [HostilePayload] {
        let lengths = [8, 12, 16, 20, 24, 28, 31, 32]
        var all = lengths.flatMap { length in
            let (outer, inner) = (Block(v4: 0x0a00_0000, length), Block(v4: 0x0a00_0000, 32))
            let refusal = "peer allowed-address \(inner.text) is claimed by two peers"
            return [
                withAllowed([[outer.bytes], [inner.bytes]], "\(inner.text) in \(outer.text)", refusal),
                withAllowed([[inner.bytes], [outer.bytes]], "\(outer.text) around \(inner.text)", refusal),
            ].prefix(length == 32 ? 1 : 2)
        }
        all += [32, 48, 64, 127].map { length in
            let (outer, inner) = (Block(v6: 0xfd00, length), Block(v6: 0xfd00, 128))
            return withAllowed(
                [[outer.bytes], [Block(v4: 0x0a63_0001, 32).bytes, inner.bytes]],
                "\(inner.text) in \(outer.text)",
                "peer allowed-address \(inner.text) is claimed by two peers"
            )
        }
        for block in [Block(v4: 0, 0), Block(v6: 0, 0)] {
            all.append(
                withAllowed(
                    [[block.bytes], [block.bytes]],
                    "two peers with \(block.text)",
                    "peer allowed-address \(block.text) is claimed by two peers",
                    by: .wide
                )
            )
        }
        let (net, far) = (Block(v4: 0x0a63_0000, 24).bytes, Block(v4: 0x0a63_0009, 32))
        all.append(
            withAllowed(
                [[Block(v4: 0, 0).bytes, net], [far.bytes]],
                "within what a peer has beside its default route",
                "peer allowed-address \(far.text) is claimed by two peers",
                by: .wide
            )
        )
        return all
    }

    /// Endpoints that are this host, everybody, the tunnel itself, or no place at all.
    func endpoints() -> [HostilePayload] {
        let port: [UInt8] = [0, 53]
        let good: [UInt8] = [0, 4, 198, 51, 100, 1, 0, 53]
        var all: [HostilePayload] = []
        let singles =
            (Self.reservedBlocks.filter { $0.0.last == 32 }.map { [4] + $0.0.dropLast() })
            + Self.reservedBlocks6.filter { $0.0.last == 128 }.map { [6] + $0.0.dropLast() }
        for address in singles {
            all.append(withPeer(0x04, [0] + address + port, "endpoint \(address)", "peer endpoint "))
            let second = peer().with(0x04, list: [good, [1] + address + port])
            all.append(hostile("second endpoint \(address)", base.with(0x20, second.bytes), "peer endpoint "))
        }
        all.append(
            withPeer(
                0x04,
                [0, 4, 10, 99, 0, 7] + port,
                "endpoint behind the interface's network",
                "peer endpoint 10.99.0.7 lies in address 10.99.0.0/24"
            )
        )
        for length in [8, 16, 24, 32] {
            let block = Block(v4: 0xcb00_7109, length)
            let inside = peer().with(0x05, block.bytes).with(0x04, [0, 4, 203, 0, 113, 9] + port)
            // A /8 with the interface's network is too wide for the narrow.
            all.append(
                hostile(
                    "endpoint in \(block.text)",
                    base.with(0x20, inside.bytes),
                    "peer endpoint 203.0.113.9 lies in peer allowed-address \(block.text)",
                    by: .unlimited
                )
            )
        }
        for host in [
            [4, 198, 51, 100, 1], [6, 0x20] + [UInt8](repeating: 1, count: 15), [0] + Array("a.example".utf8),
        ]
            as [[UInt8]]
        {
            let refusal = "bundle field peer endpoint: must be at a port from 1 to 65535"
            all.append(withPeer(0x04, [0] + host + [0, 0], "port 0 of \(host)", refusal))
        }
        for name in [
            "Host.example", "-a.example", "a-.example", "a..b", ".a", "a.", "a;id", "$(id)", "a b", "a\n", "a/b", "a:1",
            "192.0.2.1", "10.1", "0x7f000001", "2130706433", "[::1]", String(repeating: "a", count: 64),
        ] {
            let refusal = "bundle field peer endpoint: must be an address or a DNS name in lower case"
            all.append(withPeer(0x04, [0, 0] + Array(name.utf8) + port, "endpoint name \(name)", refusal))
        }
        for kind in [1, 5, 6, 255] as [UInt8] {
            let refusal = "bundle field peer endpoint: must be an IPv4 or IPv6 address"
            all.append(withPeer(0x04, [0, kind, 198, 51, 100, 1] + port, "endpoint family \(kind)", refusal))
        }
        for first in [1, 2, 255] as [UInt8] {
            let refusal = "bundle field peer endpoint: out of order"
            all.append(withPeer(0x04, [first] + good.dropFirst(), "first endpoint has number \(first)", refusal))
        }
        let twice = peer().with(0x04, list: [good, [1] + good.dropFirst()])
        all.append(
            hostile("one endpoint twice", base.with(0x20, twice.bytes), "bundle field peer endpoint: more than once")
        )
        return all
    }

    /// What the host has already: its own address, its network, its gateway, and the way of the tunnel's own packets.
    func surroundings() -> [HostilePayload] {
        let host = "overlaps \(HostilePayload.hostPrefix), which is reached without the tunnel"
        var all = (16...32).map { length in
            let block = Block(v4: 0xc000_0202, length)
            return withAllowed(
                [[block.bytes]],
                "\(block.text) around the host",
                "peer allowed-address \(block.text) \(host)"
            )
        }
        all += [Block(v4: 0xc000_02fe, 32), Block(v4: 0xc000_0280, 25)].map {
            withAllowed([[$0.bytes]], "\($0.text) beside the host", "peer allowed-address \($0.text) \(host)")
        }
        all += [16, 24, 28, 32].map { length in
            let text = Block(v4: 0xc000_0232, length).text
            return withAllowed(
                [],
                address: [4, 192, 0, 2, 50, UInt8(length)],
                "own \(text)",
                "address \(text) \(host)"
            )
        }
        all.append(
            withAllowed(
                [[Block(v4: 0, 0).bytes]],
                "default route for the tunnel's own packets",
                "peer endpoint 198.51.100.1 lies in peer allowed-address 0.0.0.0/0, behind its own tunnel",
                by: .wide
            )
        )
        return all
    }
}
