import TestSupport
import Testing
import WireGuard

@Suite("IP prefix")
struct IPPrefixTests {
    @Test(
        "reads and prints a block",
        arguments: ["0.0.0.0/0", "10.0.0.0/24", "10.0.0.1/32", "128.0.0.0/1", "::/0", "fd00::/8", "::1/128"]
    )
    func roundTrip(text: String) throws {
        #expect(try #require(IPPrefix(text)).description == text)
    }

    @Test(
        "takes an address alone as the block of that address",
        arguments: [("10.0.0.1", 32), ("::1", 128), ("::", 128)]
    )
    func readsSingleAddress(text: String, length: Int) throws {
        let prefix = try #require(IPPrefix(text))
        #expect(prefix.length == length)
        #expect(prefix == IPPrefix(single: try #require(IPAddress(text))))
    }

    @Test(
        "refuses bits after the prefix, lengths out of range and malformed text",
        arguments: [
            "10.0.0.1/24", "0.0.0.1/0", "10.0.0.1/31", "::1/127", "8000::/0", "10.0.0.0/33", "::/129", "10.0.0.0/256",
            "10.0.0.0/", "10.0.0.0/ 24", "10.0.0.0/+24", "10.0.0.0/024", "10.0.0.0/-1", "10.0.0.0/24/24", "/24", "/",
            "",
            "10.0.0.0/255.255.255.0", "10.0.0/24", "10.0.0.0 /24", "10.0.0.0/24\n", "10.0.0.0/\u{662}",
        ]
    )
    func refusesOtherText(text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test("is made of an address and a length only if no bit is set after it")
    func refusesHostBits() {
        #expect(IPPrefix(IPAddress(10, 0, 0, 0), length: 8) != nil)
        #expect(IPPrefix(IPAddress(10, 0, 0, 1), length: 8) == nil)
        for length in [-1, 33, Int.max, Int.min] { #expect(IPPrefix(IPAddress(0, 0, 0, 0), length: length) == nil) }
    }

    @Test(
        "around an address drops the bits after the prefix, with the length clamped",
        arguments: [
            ("10.1.2.3", 24, "10.1.2.0/24"), ("10.1.2.3", 0, "0.0.0.0/0"), ("10.1.2.3", 32, "10.1.2.3/32"),
            ("10.1.2.3", -5, "0.0.0.0/0"), ("10.1.2.3", 999, "10.1.2.3/32"), ("fd00::1", 0, "::/0"),
            ("fd00::1", 64, "fd00::/64"), ("fd00::1", 128, "fd00::1/128"), ("fd00::1", Int.max, "fd00::1/128"),
        ]
    )
    func containingAddress(text: String, length: Int, expected: String) throws {
        let prefix = IPPrefix(containing: try #require(IPAddress(text)), length: length)
        #expect(prefix.description == expected)
    }

    @Test(
        "knows its last address",
        arguments: [
            ("0.0.0.0/0", "255.255.255.255"), ("10.0.0.0/24", "10.0.0.255"), ("10.0.0.1/32", "10.0.0.1"),
            ("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ("fd00::/64", "fd00::ffff:ffff:ffff:ffff"),
            ("::1/128", "::1"),
        ]
    )
    func knowsLastAddress(text: String, expected: String) throws {
        #expect(try #require(IPPrefix(text)).lastAddress.description == expected)
    }

    @Test("contains what shares its leading bits, bit by bit", arguments: [IPAddress.Family.v4, .v6])
    func containsByBits(family: IPAddress.Family) throws {
        var generator = SplitMix64(seed: 4632)
        var insideCount = 0
        for _ in 0..<2_000 {
            let prefix = try randomPrefix(family, &generator)
            let other = try randomAddress(family, &generator)
            let expected = zip(bits(prefix.address), bits(other)).prefix(prefix.length).allSatisfy(==)
            #expect(prefix.contains(other) == expected, "\(prefix) \(other)")
            if expected { insideCount += 1 }
        }
        #expect((200..<1_800).contains(insideCount), "both answers should occur")
    }

    @Test("overlaps what agrees with it in the shorter of the two lengths", arguments: [IPAddress.Family.v4, .v6])
    func overlapsByBits(family: IPAddress.Family) throws {
        var generator = SplitMix64(seed: 1519)
        var overlapCount = 0
        for _ in 0..<2_000 {
            let (one, other) = (try randomPrefix(family, &generator), try randomPrefix(family, &generator))
            let length = min(one.length, other.length)
            let expected = zip(bits(one.address), bits(other.address)).prefix(length).allSatisfy(==)
            #expect(one.overlaps(other) == expected, "\(one) \(other)")
            #expect(other.overlaps(one) == expected, "\(other) \(one)")
            if expected { overlapCount += 1 }
        }
        #expect((200..<1_800).contains(overlapCount), "both answers should occur")
    }

    @Test("of one family has nothing of the other, however short it is")
    func keepsFamiliesApart() throws {
        let (everything4, everything6) = (try #require(IPPrefix("0.0.0.0/0")), try #require(IPPrefix("::/0")))
        #expect(!everything4.contains(try #require(IPAddress("::"))))
        #expect(!everything6.contains(IPAddress(0, 0, 0, 0)))
        #expect(!everything4.overlaps(everything6))
    }

    @Test("is ordered by address, then by length")
    func isOrdered() {
        let sorted = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.1.0/24", "::/0", "::/128", "fd00::/8"]
        #expect(sorted.reversed().compactMap { IPPrefix($0) }.sorted().map(\.description) == sorted)
    }

    // Numbers with few bits, so that blocks meet now and then.
    private func randomAddress(_ family: IPAddress.Family, _ generator: inout SplitMix64) throws -> IPAddress {
        let top = UInt128(UInt8.random(in: 0...3, using: &generator)) << UInt128(family.bitCount - 3)
        let number = top | UInt128(UInt8.random(in: 0...3, using: &generator))
        return try #require(IPAddress(family: family, number: number))
    }

    private func randomPrefix(_ family: IPAddress.Family, _ generator: inout SplitMix64) throws -> IPPrefix {
        let ends = [0, 1, 2, 3, family.bitCount - 2, family.bitCount - 1, family.bitCount]
        let length = try #require(ends.randomElement(using: &generator))
        return IPPrefix(containing: try randomAddress(family, &generator), length: length)
    }

    private func bits(_ address: IPAddress) -> [Bool] {
        address.bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 == 1 } }
    }
}

@Suite("Interface address")
struct InterfaceAddressTests {
    @Test(
        "keeps the host's own bits, and knows the block on the link",
        arguments: [
            ("10.0.0.1/24", "10.0.0.0/24"), ("10.0.0.1/32", "10.0.0.1/32"), ("10.0.0.1/0", "0.0.0.0/0"),
            ("fd00::1:2/64", "fd00::/64"), ("::1/128", "::1/128"), ("fd00::1/0", "::/0"),
        ]
    )
    func roundTrip(text: String, prefix: String) throws {
        let address = try #require(InterfaceAddress(text))
        #expect(address.description == text)
        #expect(address.prefix.description == prefix)
    }

    @Test("has the full length where the text gives none", arguments: [("10.0.0.1", 32), ("fd00::1", 128)])
    func readsBareAddress(text: String, length: Int) {
        #expect(InterfaceAddress(text)?.prefixLength == length)
    }

    @Test(
        "refuses malformed text and lengths out of range",
        arguments: [
            "", "/", "10.0.0.1/", "10.0.0.1/33", "fd00::1/129", "10.0.0.1/024", "10.0.0.1/24 ", "10.0.0/24", "a/24",
        ]
    )
    func refusesOtherText(text: String) {
        #expect(InterfaceAddress(text) == nil)
    }

    @Test("is not made with a length out of range", arguments: [-1, 33, Int.max])
    func refusesLength(length: Int) {
        #expect(InterfaceAddress(IPAddress(10, 0, 0, 1), prefixLength: length) == nil)
    }

    @Test("is ordered by address, then by length")
    func isOrdered() {
        let sorted = ["10.0.0.1/8", "10.0.0.1/24", "10.0.0.2/8", "fd00::1/64"]
        #expect(sorted.reversed().compactMap { InterfaceAddress($0) }.sorted().map(\.description) == sorted)
    }
}
