import Glibc
import TestSupport
import Testing
import WireGuard

@Suite("IP address")
struct IPAddressTests {
    @Test(
        "prints IPv6 as RFC 5952 wants it, whatever it was read from",
        arguments: [
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),  // 4.2.3: the first of two equal runs
            ("2001:db8::0:1", "2001:db8::1"), ("2001:0db8::0001", "2001:db8::1"),  // 4.1: no leading zeros
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  // 4.2.2: one group is no run
            ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:DB8::AB", "2001:db8::ab"),  // 4.3: lower case
            ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"), ("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("::ffff:192.0.2.1", "::ffff:c000:201"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ]
    )
    func printsCanonically(text: String, expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.family == .v6)
        #expect(address.description == expected)
        #expect(IPAddress(expected) == address)
    }

    @Test("reads and prints IPv4", arguments: ["0.0.0.0", "10.0.0.1", "192.168.100.9", "255.255.255.255"])
    func printsDottedDecimal(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.family == .v4)
        #expect(address.description == text)
    }

    @Test(
        "refuses what is not exactly an address",
        arguments: [
            "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.256", "1.2.3.999", "01.2.3.4",
            "1.2.3.00",
            "+1.2.3.4", "-1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "0x1.2.3.4", "1.2.3.4/32", "1.2.3.\u{664}",
            ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
            "1::2::3", ":1::2", "1::2:", "1:::2", "12345::", "::g", "::-1", "::+1", "::1%eth0", "[::1]", "::1/128",
            " ::1",
            "::1 ", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "1:1.2.3.4::",
            "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::\u{FF11}", ":\u{301}:1",
        ]
    )
    func refusesOtherText(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("agrees with inet_pton on text that is nearly an address")
    func agreesWithInetPton() {
        var generator = SplitMix64(seed: 5952)
        let seeds = [
            "10.0.0.1", "255.255.255.255", "::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "fe80::a:b",
        ]
        let alphabet = Array(":::...0012345fFg ")
        var acceptedCount = 0
        var disagreements: [String] = []
        for _ in 0..<40_000 {
            var text = Array(seeds.randomElement(using: &generator) ?? "")
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: 0...text.count, using: &generator)
                let length = Int.random(in: 0...min(2, text.count - position), using: &generator)
                let insertion = alphabet.shuffled(using: &generator).prefix(Int.random(in: 0...2, using: &generator))
                text.replaceSubrange(position..<position + length, with: insertion)
            }
            let expected = inetPton(String(text))
            if IPAddress(String(text))?.bytes != expected { disagreements.append(String(text)) }
            if expected != nil { acceptedCount += 1 }
        }
        #expect(disagreements == [])
        #expect((5_000..<35_000).contains(acceptedCount), "the mutations should leave some addresses, but not all")
    }

    @Test("is 4 or 16 bytes in network order", arguments: [[10, 0, 0, 1], Array(0..<16)] as [[UInt8]])
    func roundTripsBytes(bytes: [UInt8]) throws {
        let address = try #require(self.address(bytes))
        #expect(address.bytes == bytes)
        #expect(address.number == bytes.reduce(0) { $0 << 8 | UInt128($1) })
        #expect(address.family.bitCount == 8 * bytes.count)
        #expect(IPAddress(address.description) == address)
    }

    @Test("is not of another number of bytes", arguments: [0, 1, 3, 5, 8, 15, 17])
    func refusesOtherLengths(count: Int) {
        #expect(address([UInt8](repeating: 1, count: count)) == nil)
    }

    @Test("is not an IPv4 number of more than 32 bits")
    func refusesLargeNumber() {
        #expect(IPAddress(family: .v4, number: 1 << 32) == nil)
        #expect(IPAddress(family: .v4, number: 0xffff_ffff) == IPAddress(255, 255, 255, 255))
        #expect(IPAddress(family: .v6, number: .max) != nil)
    }

    @Test("is ordered by family, then by its bytes")
    func isOrdered() {
        let sorted = ["0.0.0.0", "9.255.255.255", "10.0.0.0", "255.255.255.255", "::", "::1", "2000::", "ffff::"]
        #expect(sorted.reversed().compactMap { IPAddress($0) }.sorted().map(\.description) == sorted)
    }

    @Test(
        "is reserved where no host of a network can be",
        arguments: [
            "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "169.254.1.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
            "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "fe80::1", "febf::1", "ff02::1",
        ]
    )
    func isReserved(text: String) throws {
        #expect(try #require(IPAddress(text)).isReserved)
    }

    @Test(
        "is not reserved next to those, nor in private ranges",
        arguments: [
            "1.0.0.0", "10.0.0.1", "126.255.255.255", "128.0.0.0", "169.253.1.1", "169.255.0.0", "172.16.0.1",
            "192.168.0.1", "223.255.255.255", "::2", "::1:0:0", "2001:db8::1", "fd00::1", "fe7f::1", "fec0::1",
            "fe00::",
        ]
    )
    func isNotReserved(text: String) throws {
        #expect(try !#require(IPAddress(text)).isReserved)
    }

    private func address(_ bytes: [UInt8]) -> IPAddress? { IPAddress(bytes: bytes.span) }

    /// What the C library makes of a text.
    private func inetPton(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if unsafe inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
