// Payloads that are no bundle, because a field is not what the format lets it be.
extension HostileMaker {
    private static let topNames: [UInt8: String] = [
        0x01: "network-id", 0x02: "network-name", 0x03: "epoch", 0x04: "serial", 0x05: "created", 0x06: "not-after",
        0x10: "address", 0x11: "mtu", 0x12: "listen-port", 0x20: "peer", 0x30: "service", 0x40: "container",
    ]

    private func field(_ name: String, _ fault: String) -> String { "bundle field \(name): \(fault)" }

    /// Fields that are missing, doubled, out of order, unknown or cut off; a hook is an unknown field.
    func structure() -> [HostilePayload] {
        var all: [HostilePayload] = []
        for (tag, name) in Self.topNames.sorted(by: { $0.key < $1.key }) {
            if ![0x11, 0x12, 0x20, 0x30, 0x40].contains(tag) {
                all.append(hostile("no \(name)", full.without(tag), field(name, "missing")))
            }
            let value = full.fields.first { $0.tag == tag }?.value ?? []
            all.append(hostile("\(name) twice", full.adding(tag, value), field(name, "more than once")))
        }
        for (tag, inner, names) in [
            (0x20, peer(), [0x01: "peer public-key", 0x02: "peer name"]),
            (0x30, service, [1: "service name", 2: "service address", 3: "service port", 4: "service protocol"]),
            (0x40, container, [0x01: "container image", 0x02: "container digest"]),
        ] as [(UInt8, RawPayload, [UInt8: String])] {
            for (missing, name) in names.sorted(by: { $0.key < $1.key }) {
                all.append(hostile("no \(name)", full.with(tag, inner.without(missing).bytes), field(name, "missing")))
            }
        }
        let hook = Array("PostUp = /bin/sh -c id".utf8)
        for tag in [0x00, 0x07, 0x0f, 0x13, 0x1f, 0x21, 0x31, 0x41, 0x7f, 0xff] as [UInt8] {
            let unknown = RawPayload(base.fields + [(tag, hook)])
            all.append(hostile("hook in tag \(tag)", unknown, field("tag \(tag)", "not known to this version")))
        }
        for (outer, inner, level) in [
            (0x20, peer(), "peer"), (0x30, service, "service"), (0x40, container, "container"),
        ]
            as [(UInt8, RawPayload, String)]
        {
            for tag in [0x00, 0x07, 0x10, 0x80, 0xff] as [UInt8] {
                let unknown = RawPayload(inner.fields + [(tag, hook)])
                all.append(
                    hostile(
                        "hook in \(level) tag \(tag)",
                        full.with(outer, unknown.bytes),
                        field("\(level) tag \(tag)", "not known to this version")
                    )
                )
            }
        }
        for index in 0..<5 {
            var swapped = base
            swapped.fields.swapAt(index, index + 1)
            let name = Self.topNames[base.fields[index].tag] ?? ""
            all.append(hostile("\(name) late", swapped, field(name, "out of order")))
        }
        for count in 1...5 {
            let cut = HostilePayload(
                name: "cut off by \(count)",
                issuer: .narrow,
                payload: base.bytes.dropLast(count),
                refusal: field("peer", "wrong length")
            )
            all.append(cut)
        }
        return all + lengths()
    }

    private func lengths() -> [HostilePayload] {
        var all: [HostilePayload] = []
        for (tag, count) in [(0x01, 16), (0x03, 4), (0x04, 8), (0x05, 8), (0x06, 8), (0x11, 2), (0x12, 2)]
            as [(UInt8, Int)]
        {
            for wrong in [0, count - 1, count + 1] {
                let payload = full.with(tag, [UInt8](repeating: 0, count: wrong))
                all.append(
                    hostile("\(wrong) bytes in \(tag)", payload, field(Self.topNames[tag] ?? "", "wrong length"))
                )
            }
        }
        for (tag, name, counts) in [
            (0x01, "public-key", [0, 31, 33]), (0x03, "preshared-key", [0, 31, 33, 64]),
            (0x06, "keepalive", [0, 1, 3]),
            (0x05, "allowed-address", [0, 1, 2, 5, 7, 17, 19]), (0x04, "endpoint", [1, 2, 3]),
        ] as [(UInt8, String, [Int])] {
            for count in counts {
                let value = [UInt8](repeating: 0, count: count)
                all.append(withPeer(tag, value, "\(count) bytes of \(name)", field("peer \(name)", "wrong length")))
            }
        }
        return all
    }

    /// Names that could end a line, name a path, an option or a template, or look like another.
    func names() -> [HostilePayload] {
        let ascii = [
            "", "A", "Web", "0a", "-a", "--privileged", "a b", " a", "a ", "a/b", "..", "../etc", "a/../b", "/a", "a\0",
            "a\n", "a\r", "\u{1b}[2J", "a\u{7f}", "%d", "wg%d", "$(id)", "`id`", "a;id", "a|b", "a&b", "a'b", "a\"b",
            "a.b", "a_b", "a:b", "a=b", "a,b", String(repeating: "a", count: 32), String(repeating: "a", count: 5000),
        ].map { (Array($0.utf8), "must be a lower-case letter and up to 30 letters, digits and hyphens") }
        let other = [Array("\u{e9}".utf8), Array("a\u{202e}b".utf8), Array("\u{430}".utf8), [0x61, 0xff]].map {
            ($0, "must be ASCII")
        }
        return (ascii + other).flatMap { bytes, rule in
            [
                hostile("network-name \(bytes.prefix(40))", base.with(0x02, bytes), field("network-name", rule)),
                withPeer(0x02, bytes, "peer name \(bytes.prefix(40))", field("peer name", rule)),
                hostile(
                    "service name \(bytes.prefix(40))",
                    full.with(0x30, service.with(0x01, bytes).bytes),
                    field("service name", rule)
                ),
            ]
        }
    }

    /// Keys that give everybody the same secret, second spellings of keys, this host's own, and no preshared key at all.
    func keys() -> [HostilePayload] {
        let low = [
            String(repeating: "00", count: 32), "01" + String(repeating: "00", count: 31),
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        ]
        // The field's prime less one, and what is the same as a smaller number.
        let high = ["ec", "ed", "ee", "ef", "f0", "f8", "ff"].map { $0 + String(repeating: "ff", count: 30) + "7f" }
        return (low + high).flatMap { text in
            let key = [UInt8](hex: text)
            return [key, key.dropLast() + [(key.last ?? 0) | 0x80]].map {
                withPeer(0x01, $0, "key \($0)", field("peer public-key", "must be a usable public key"))
            }
        } + [
            withPeer(0x01, target.ownKey, "own key", "peer public-key of hub is this host's own"),
            withPeer(
                0x03,
                [UInt8](repeating: 0, count: 32),
                "preshared key of zeros",
                field("peer preshared-key", "must be other than zero")
            ),
        ]
    }

    /// Numbers out of range.
    func numbers() -> [HostilePayload] {
        [0, 1, 68, 576, 1279, 9001, 65_535].map {
            hostile("mtu \($0)", full.with(0x11, bigEndian($0).suffix(2)), field("mtu", "must be 1280 to 9000"))
        }
            + [0, 22, 53, 1023].map {
                hostile(
                    "listen port \($0)",
                    full.with(0x12, bigEndian($0).suffix(2)),
                    field("listen-port", "must be 1024 to 65535")
                )
            } + [
                withPeer(0x06, [0, 0], "keepalive 0", field("peer keepalive", "must be 1 to 65535")),
                hostile(
                    "service port 0",
                    full.with(0x30, service.with(0x03, [0, 0]).bytes),
                    field("service port", "must be 1 to 65535")
                ),
            ]
            + [0, 1, 5, 7, 16, 18, 58, 255].map {
                hostile(
                    "service protocol \($0)",
                    full.with(0x30, service.with(0x04, [$0]).bytes),
                    field("service protocol", "must be 6 (TCP) or 17 (UDP)")
                )
            }
            + [
                [4, 10, 98, 0, 1], [4, 198, 51, 100, 1], [4, 127, 0, 0, 1],
                [6] + [UInt8](repeating: 0, count: 15) + [1],
            ].map {
                hostile(
                    "service at \($0)",
                    full.without(0x40).with(0x30, service.with(0x02, $0).bytes),
                    "service address "
                )
            }
    }

    /// Bundles without an end, before their time, and with serials that leave no others.
    func times() -> [HostilePayload] {
        let day: UInt64 = 86_400
        let lifetime = field("not-after", "must be within 400 days after created")
        func bundle(_ created: UInt64, _ notAfter: UInt64) -> RawPayload {
            base.with(0x05, bigEndian(created)).with(0x06, bigEndian(notAfter))
        }
        let now = target.now
        return [
            hostile("no lifetime", bundle(now, now), lifetime),
            hostile("negative lifetime", bundle(now, now - 1), lifetime),
            hostile("401 days", bundle(now, now + 401 * day), lifetime),
            hostile("for ever", bundle(now, .max), lifetime),
            hostile("from 1970 on", bundle(0, now + day), lifetime),
            hostile("expired", bundle(now - 20 * day, now - day), "the bundle expired at "),
            hostile("from the future", bundle(now + 2 * day, now + 3 * day), "the bundle was made at "),
            hostile("at the end of time", bundle(.max - 1, .max), "the bundle was made at "),
            hostile(
                "too old for the first",
                bundle(now - 31 * day, now + day),
                "the first bundle from an issuer must not"
            ),
            hostile("serial runs away", base.with(0x04, bigEndian(1 + 1 << 32)), "the bundle's serial 4294967297 is "),
            hostile("last serial", base.with(0x04, bigEndian(.max)), "the bundle's serial 18446744073709551615 is "),
        ]
    }

    /// More of everything than there may be.
    func counts() -> [HostilePayload] {
        func numbers(_ count: Int) -> [[UInt8]] { (0..<count).map { [UInt8($0 >> 8), UInt8($0 & 0xff)] } }
        let peers = numbers(257).map { number in
            RawPayload([(0x01, number + [UInt8](repeating: 0x42, count: 30)), (0x02, Array("p".utf8))]).bytes
        }
        let addresses = numbers(33).map { [4, 10, 99, 0, $0[1], 32] as [UInt8] }
        let endpoints = numbers(17).map { [$0[1], 4, 198, 51, 100, $0[1], 0, 1] as [UInt8] }
        let services = numbers(65).map { service.with(0x03, [$0[0], $0[1] + 1]).bytes }
        let arguments = numbers(65).map { [$0[1], 0x61] }
        return [
            hostile("257 peers", base.with(0x20, list: peers), field("peer", "more than 256")),
            hostile(
                "33 allowed addresses",
                base.with(0x20, peer().with(0x05, list: addresses).bytes),
                field("peer allowed-address", "more than 32")
            ),
            hostile(
                "17 endpoints",
                base.with(0x20, peer().with(0x04, list: endpoints).bytes),
                field("peer endpoint", "more than 16")
            ),
            hostile("65 services", full.with(0x30, list: services), field("service", "more than 64")),
            hostile(
                "17 addresses",
                base.with(0x10, list: addresses.prefix(17).map { $0 }),
                field("address", "more than 16")
            ),
            hostile(
                "65 arguments",
                full.with(0x40, container.with(0x03, list: arguments).bytes),
                field("container argument", "more than 64")
            ),
        ]
    }

    /// Images without a digest, of other names, or that are options; and arguments that are no text.
    func containers() -> [HostilePayload] {
        let names = [
            "", "-nginx", "--privileged", "-v=/:/host", "nginx:latest", "nginx@sha256:00", "Nginx", "a//b", "/a", "a/",
            "a..b", "../a", "a/../b", "a b", "a\n", "a\0", "\u{1b}[2J", "a:5000", "a:/b", "a:123456/b", "$(id)",
            "http://a", String(repeating: "a", count: 256),
        ]
        func changed(_ tag: UInt8, _ value: [UInt8], _ name: String, _ refusal: String) -> HostilePayload {
            hostile(name, full.with(0x40, container.with(tag, value).bytes), refusal)
        }
        return names.map {
            changed(0x01, Array($0.utf8), "image \($0)", field("container image", "must be an image name"))
        }
            + [0, 31, 33, 64].map {
                changed(
                    0x02,
                    [UInt8](repeating: 1, count: $0),
                    "digest of \($0) bytes",
                    field("container digest", "wrong length")
                )
            }
            + ["a\n", "a\0b", "\u{1b}]0;x\u{7}", "\u{7f}", String(repeating: "a", count: 1025)].map {
                changed(
                    0x03,
                    [0] + Array($0.utf8),
                    "argument \($0.prefix(40))",
                    field("container argument", "must be at most 1024 printable ASCII characters")
                )
            } + [
                changed(0x01, Array("n\u{e9}".utf8), "image beyond ASCII", field("container image", "must be ASCII")),
                changed(0x03, [0, 0xc3, 0xa9], "argument beyond ASCII", field("container argument", "must be ASCII")),
            ]
            + ["nginx", "docker.io/library/nginx", "registry.example:5000/team/app"].map {
                changed(0x01, Array($0.utf8), "image \($0)", "container image \($0) is not one")
            }
            + ["nginx2", "nginx/evil", "evil/nginx", "docker.io/library/nginx"].map {
                hostile(
                    "image \($0) for one who may start nginx",
                    full.with(0x40, container.with(0x01, Array($0.utf8)).bytes),
                    "container image \($0) is not one",
                    by: .wide
                )
            }
    }
}
