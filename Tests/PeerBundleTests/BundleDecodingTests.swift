import Crypto
import Testing

@testable import PeerBundle

private typealias Field = (tag: UInt8, value: [UInt8])

private func encode(_ fields: [Field]) -> [UInt8] {
    fields.flatMap { [$0.tag, UInt8($0.value.count >> 8), UInt8($0.value.count & 0xff)] + $0.value }
}

private let ownPeer: [Field] = [
    (0x01, Sample.issuer.identity.wireGuardKey.rawValue.bytes), (0x02, Array("server".utf8)),
    (0x03, [UInt8](repeating: 0x77, count: 32)), (0x04, [0, 4, 192, 0, 2, 1, 0xca, 0x6c]),
    (0x05, [4, 10, 0, 0, 0, 24]), (0x06, [0, 25]),
]
private let web: [Field] = [(0x01, Array("web".utf8)), (0x02, [4, 10, 0, 0, 1]), (0x03, [0, 80]), (0x04, [6])]
private let app: [Field] = [
    (0x01, Array("app".utf8)), (0x02, [UInt8](repeating: 0xdd, count: 32)), (0x03, [0] + Array("-x".utf8)),
]

private let base: [Field] = [
    (0x01, [UInt8](repeating: 0xaa, count: 16)), (0x02, Array("default".utf8)), (0x03, [0, 0, 0, 1]),
    (0x04, [0, 0, 0, 0, 0, 0, 0, 1]), (0x05, [0, 0, 0, 0, 0, 0, 0, 1]), (0x06, [0, 0, 0, 0, 0, 0, 0, 2]),
    (0x10, [4, 10, 0, 0, 2, 24]), (0x11, [0x05, 0x8c]), (0x12, [0xca, 0x6c]), (0x20, encode(ownPeer)),
    (0x30, encode(web)),
    (0x40, encode(app)),
]

extension [Field] {
    fileprivate func with(_ tag: UInt8, _ value: [UInt8]) -> [Field] { map { $0.tag == tag ? (tag, value) : $0 } }
    fileprivate func without(_ tag: UInt8) -> [Field] { filter { $0.tag != tag } }
    fileprivate func repeating(_ tag: UInt8, _ value: [UInt8]) -> [Field] {
        flatMap { $0.tag == tag ? [$0, (tag, value)] : [$0] }
    }
}

private func failure(_ fields: [Field]) -> BundleError? { failure(encode(fields)) }

private func failure(_ payload: [UInt8]) -> BundleError? {
    do throws(BundleError) {
        _ = try Bundle(decoding: payload.span)
        return nil
    } catch {
        return error
    }
}

@Suite("Bundle decoding")
struct BundleDecodingTests {
    @Test("takes the payload that the other tests change")
    func accepts() throws {
        #expect(try Bundle(decoding: encode(base).span).encoded == encode(base))
    }

    @Test(
        "misses every field that must be there",
        arguments: [
            (0x01, "network-id"), (0x02, "network-name"), (0x03, "epoch"), (0x04, "serial"), (0x05, "created"),
            (0x06, "not-after"), (0x10, "address"),
        ] as [(UInt8, String)]
    )
    func missing(tag: UInt8, name: String) {
        #expect(failure(base.without(tag)) == .field(name, .missing))
    }

    @Test("does without every field that may be absent", arguments: [0x11, 0x12, 0x20, 0x30, 0x40] as [UInt8])
    func optional(tag: UInt8) {
        #expect(failure(base.without(tag)) == nil)
    }

    @Test(
        "misses every field of a peer, a service and a container that must be there",
        arguments: [
            (0x20, 0x01, "peer public-key"), (0x20, 0x02, "peer name"), (0x30, 0x01, "service name"),
            (0x30, 0x02, "service address"), (0x30, 0x03, "service port"), (0x30, 0x04, "service protocol"),
            (0x40, 0x01, "container image"), (0x40, 0x02, "container digest"),
        ] as [(UInt8, UInt8, String)]
    )
    func missingInside(outer: UInt8, inner: UInt8, name: String) {
        let fields = outer == 0x20 ? ownPeer : outer == 0x30 ? web : app
        #expect(failure(base.with(outer, encode(fields.without(inner)))) == .field(name, .missing))
    }

    @Test(
        "refuses a field twice",
        arguments: [
            (0x01, "network-id"), (0x02, "network-name"), (0x03, "epoch"), (0x04, "serial"), (0x05, "created"),
            (0x06, "not-after"), (0x10, "address"), (0x11, "mtu"), (0x12, "listen-port"), (0x20, "peer"),
            (0x30, "service"),
            (0x40, "container"),
        ] as [(UInt8, String)]
    )
    func repeated(tag: UInt8, name: String) {
        #expect(failure(base.flatMap { $0.tag == tag ? [$0, $0] : [$0] }) == .field(name, .repeated))
    }

    @Test("refuses fields and list elements that descend")
    func order() {
        var swapped = base
        swapped.swapAt(2, 3)
        #expect(failure(swapped) == .field("epoch", .order))
        #expect(failure(base.repeating(0x10, [4, 10, 0, 0, 1, 24])) == .field("address", .order))
        let peer = ownPeer.repeating(0x05, [4, 9, 0, 0, 0, 24])
        #expect(failure(base.with(0x20, encode(peer))) == .field("peer allowed-address", .order))
    }

    @Test("refuses two peers with one key, even where they differ")
    func repeatedKey() {
        let other = ownPeer.with(0x02, Array("settler".utf8))
        #expect(failure(base.repeating(0x20, encode(other))) == .field("peer", .repeated))
    }

    @Test(
        "refuses unknown fields at every level",
        arguments: [0x00, 0x07, 0x13, 0x41, 0xff] as [UInt8]
    )
    func unknown(tag: UInt8) {
        #expect(failure(base + [(tag, [])]) == .field("tag \(tag)", .unknown))
        #expect(failure(base.with(0x20, encode(ownPeer + [(tag, [])]))) == .field("peer tag \(tag)", .unknown))
        #expect(failure(base.with(0x30, encode(web + [(tag, [])]))) == .field("service tag \(tag)", .unknown))
        #expect(failure(base.with(0x40, encode(app + [(tag, [])]))) == .field("container tag \(tag)", .unknown))
    }

    @Test(
        "refuses every fixed length but its own",
        arguments: [
            (0x01, 16, "network-id"), (0x03, 4, "epoch"), (0x04, 8, "serial"), (0x05, 8, "created"),
            (0x06, 8, "not-after"), (0x11, 2, "mtu"), (0x12, 2, "listen-port"),
        ] as [(UInt8, Int, String)]
    )
    func lengths(tag: UInt8, count: Int, name: String) {
        for wrong in [0, count - 1, count + 1, 2 * count] {
            #expect(failure(base.with(tag, [UInt8](repeating: 0, count: wrong))) == .field(name, .length))
        }
    }

    @Test("refuses a payload cut off anywhere but between optional fields")
    func truncation() {
        let payload = encode(base)
        let ends = Set((0...base.count).map { encode(Array(base.prefix($0))).count })
        for count in 0..<payload.count {
            let error = failure(Array(payload.prefix(count)))
            if ends.contains(count) {
                #expect(count >= encode(Array(base.prefix(7))).count ? error == nil : error != nil)
            } else {
                #expect(error != nil)
            }
        }
    }

    @Test(
        "refuses values that no bundle has",
        arguments: [
            (0x02, [], "network-name"), (0x02, Array("Default".utf8), "network-name"),
            (0x02, Array("a/../b".utf8), "network-name"), (0x02, Array("a\u{1b}[2J".utf8), "network-name"),
            (0x02, [0x61, 0xff], "network-name"), (0x02, [UInt8](repeating: 0x61, count: 32), "network-name"),
            (0x05, [0, 0, 0, 0, 0, 0, 0, 2], "not-after"), (0x06, [0xff, 0, 0, 0, 0, 0, 0, 2], "not-after"),
            (0x10, [6, 10, 0, 0, 2, 24], "address"), (0x10, [5, 10, 0, 0, 2, 24], "address"),
            (0x10, [4, 10, 0, 0, 2, 33], "address"), (0x11, [0x04, 0xff], "mtu"), (0x11, [0xff, 0xff], "mtu"),
            (0x12, [0, 0], "listen-port"), (0x12, [0x03, 0xff], "listen-port"),
        ] as [(UInt8, [UInt8], String)]
    )
    func values(tag: UInt8, value: [UInt8], name: String) throws {
        let error = try #require(failure(base.with(tag, value)))
        guard case .field(name, .value) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test(
        "refuses values that no peer has",
        arguments: [
            (0x01, [UInt8](repeating: 0, count: 32)), (0x01, [1] + [UInt8](repeating: 0, count: 31)),
            (0x01, [UInt8](repeating: 0xff, count: 32)), (0x02, Array("-x".utf8)), (0x02, Array("$(id)".utf8)),
            (0x03, [UInt8](repeating: 0, count: 32)), (0x04, [0, 4, 192, 0, 2, 1, 0, 0]),
            (0x04, [0, 6, 192, 0, 2, 1, 0, 1]), (0x04, [0, 0] + Array("Host.example".utf8) + [0, 1]),
            (0x04, [0, 0] + Array("-x".utf8) + [0, 1]), (0x04, [0, 0] + Array("192.0.2.1".utf8) + [0, 1]),
            (0x04, [0, 0] + Array("\u{212a}".utf8) + [0, 1]), (0x04, [0, 0] + Array("a;id".utf8) + [0, 1]),
            (0x04, [0, 0] + Array("a.example.".utf8) + [0, 1]), (0x05, [4, 10, 0, 0, 1, 24]),
            (0x05, [4, 0, 0, 0, 0, 33]),
            (0x05, [6, 0, 0, 0, 0, 0]), (0x06, [0, 0]),
        ] as [(UInt8, [UInt8])]
    )
    func peerValues(tag: UInt8, value: [UInt8]) throws {
        let error = try #require(failure(base.with(0x20, encode(ownPeer.with(tag, value)))))
        guard case .field(PeerTag(rawValue: tag)?.name, .value) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test(
        "refuses lengths that no field of a peer has",
        arguments: [
            (0x01, 31), (0x01, 33), (0x03, 0), (0x03, 31), (0x03, 33), (0x04, 1), (0x04, 3), (0x05, 0), (0x05, 1),
            (0x05, 5), (0x05, 7), (0x05, 17), (0x06, 0), (0x06, 1), (0x06, 3),
        ] as [(UInt8, Int)]
    )
    func peerLengths(tag: UInt8, count: Int) {
        let value = [UInt8](repeating: 0, count: count)
        #expect(
            failure(base.with(0x20, encode(ownPeer.with(tag, value))))
                == .field(PeerTag(rawValue: tag)?.name ?? "", .length)
        )
    }

    @Test("counts endpoints and arguments from zero, without gaps")
    func positions() {
        let endpoint: [UInt8] = [4, 192, 0, 2, 9, 0, 1]
        for position in [0, 2, 255] as [UInt8] where position != 0 {
            let peer = ownPeer.repeating(0x04, [position] + endpoint)
            #expect(failure(base.with(0x20, encode(peer))) == .field("peer endpoint", .order))
        }
        #expect(failure(base.with(0x20, encode(ownPeer.repeating(0x04, [1] + endpoint)))) == nil)
        #expect(failure(base.with(0x20, encode(ownPeer.with(0x04, [1] + endpoint)))) == .field("peer endpoint", .order))
        #expect(failure(base.with(0x40, encode(app.with(0x03, [1])))) == .field("container argument", .order))
        #expect(failure(base.with(0x40, encode(app.with(0x03, [])))) == .field("container argument", .order))
    }

    @Test(
        "refuses values that no service and no container has",
        arguments: [
            (0x30, 0x01, Array("Web".utf8), "service name"), (0x30, 0x02, [6, 10, 0, 0, 1], "service address"),
            (0x30, 0x03, [0, 0], "service port"), (0x30, 0x04, [0], "service protocol"),
            (0x30, 0x04, [1], "service protocol"), (0x40, 0x01, Array("--privileged".utf8), "container image"),
            (0x40, 0x01, Array("nginx:latest".utf8), "container image"), (0x40, 0x03, [0, 0x0a], "container argument"),
            (0x40, 0x03, [0, 0xc3, 0xa9], "container argument"),
            (0x40, 0x03, [0] + [UInt8](repeating: 0x61, count: 1025), "container argument"),
        ] as [(UInt8, UInt8, [UInt8], String)]
    )
    func innerValues(outer: UInt8, inner: UInt8, value: [UInt8], name: String) throws {
        let fields = outer == 0x30 ? web : app
        let error = try #require(failure(base.with(outer, encode(fields.with(inner, value)))))
        guard case .field(name, .value) = error else {
            Issue.record("\(error)")
            return
        }
    }
}
