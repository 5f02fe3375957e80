import Keystore
import Testing
import WireGuard

@Suite("Address pool")
struct AddressPoolTests {
    private func pool(_ hub: String, taken: [String] = []) throws -> AddressPool {
        var pool = AddressPool(hub: try #require(InterfaceAddress(hub)))
        for text in taken { pool.take(try #require(IPPrefix(text))) }
        return pool
    }

    @Test(
        "gives the lowest free address",
        arguments: [
            ("10.0.0.1/24", [], "10.0.0.2"),
            ("10.0.0.1/24", ["10.0.0.2", "10.0.0.4"], "10.0.0.3"),
            ("10.0.0.254/24", [], "10.0.0.1"),
            ("10.0.0.1/30", ["10.0.0.2"], nil),
            ("10.0.0.0/31", [], "10.0.0.1"),
            ("10.0.0.1/32", [], nil),
            ("fd00::1/64", ["fd00::2"], "fd00::3"),
            ("fd00::1/128", [], nil),
            ("10.0.0.1/24", ["10.0.0.0/26", "10.0.0.64"], "10.0.0.65"),
            ("10.0.0.1/24", ["10.0.0.0/8", "10.0.0.0/26"], nil),
            ("fd00::1/64", ["fd00::/66", "fd00::/65"], "fd00::8000:0:0:0"),
            ("ffff::1/16", ["8000::/1"], nil),
        ] as [(String, [String], String?)]
    )
    func lowestFree(hub: String, taken: [String], expected: String?) throws {
        #expect(try pool(hub, taken: taken).lowestFree?.description == expected)
    }

    @Test(
        "keeps addresses that no host may have",
        arguments: ["10.0.0.0", "10.0.0.255", "10.0.0.1", "10.0.0.7", "10.0.0.9", "10.0.1.2", "fd00::2"]
    )
    func keeps(address: String) throws {
        #expect(try !pool("10.0.0.1/24", taken: ["10.0.0.7", "10.0.0.8/30"]).isFree(#require(IPAddress(address))))
    }

    @Test("gives all 253 addresses of a /24 beside the hub's, each once")
    func givesAll() throws {
        var pool = try pool("10.0.0.1/24")
        var given: [IPAddress] = []
        while let address = pool.lowestFree {
            given.append(address)
            pool.take(address)
        }
        #expect(given.count == 253)
        #expect(Set(given).count == 253)
    }

    @Test(
        "finds the next range that no route overlaps",
        arguments: [
            ([], "10.0.0.0/24"),
            (["0.0.0.0/0", "192.168.1.0/24"], "10.0.0.0/24"),
            (["10.0.0.0/24"], "10.0.1.0/24"),
            (["10.0.0.128/25", "10.0.1.0/24", "10.0.2.7/32"], "10.0.3.0/24"),
            (["10.0.0.0/9"], "10.128.0.0/24"),
            (["10.0.0.0/8"], nil),
        ] as [([String], String?)]
    )
    func freeRange(routes: [String], expected: String?) {
        #expect(IPPrefix.freeRange(besides: routes.compactMap { IPPrefix($0) })?.description == expected)
    }
}
