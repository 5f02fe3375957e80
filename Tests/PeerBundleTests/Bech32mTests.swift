import Testing

@testable import PeerBundle

@Suite("Bech32m")
struct Bech32mTests {
    @Test(
        "accepts the valid strings of BIP 350",
        arguments: [
            "A1LQFN3A", "a1lqfn3a",
            "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
            "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
            "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
            "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa",
        ]
    )
    func accepts(text: String) throws {
        let separator = try Bech32m.validate(Array(text.utf8).span)
        #expect(Array(text.utf8)[separator] == UInt8(ascii: "1"))
    }

    @Test(
        "refuses the invalid strings of BIP 350",
        arguments: [
            ("\u{20}1xj0phk", .character(0)), ("\u{7f}1g6xzxy", .character(0)), ("\u{80}1vctc34", .character(0)),
            ("qyrz8wqd2c9m", .prefix), ("1qyrz8wqd2c9m", .prefix), ("16plkw9", .prefix), ("1p2gdwpf", .prefix),
            ("y1b0jsk6g", .character(2)), ("lt1igcx5c0", .character(3)), ("mm1crxm3i", .character(8)),
            ("au1s5cgom", .character(7)), ("in1muywd", .length), ("M1VUXWEZ", .checksum),
        ] as [(String, Bech32mError)]
    )
    func refuses(text: String, error: Bech32mError) {
        #expect(throws: error) { try Bech32m.validate(Array(text.utf8).span) }
    }

    @Test("refuses a bech32 checksum, which BIP 173 gives to the same characters")
    func refusesBech32() {
        #expect(throws: Bech32mError.checksum) { try Bech32m.validate(Array("A12UEL5L".utf8).span) }
    }

    @Test("gives every number of bytes back", arguments: 0...80)
    func roundTrip(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
        let text = encode(bytes)
        #expect(try decode(text, count: count) == bytes)
        #expect(try decode(text.map(\.uppercased), count: count) == bytes)
    }

    // Made with the reference code of BIP 350.
    @Test(
        "refuses set bits after the last byte",
        arguments: [
            (1, "test1qqltm9dq", "test1qpza0ssj"), (2, "test1qqqqhq64dq", "test1qqqp2kwqsj"),
            (3, "test1qqqqq6ng84w", "test1qqqqp89ujgu"), (4, "test1qqqqqqq495xgs", "test1qqqqqqpgnqn4z"),
        ]
    )
    func refusesPadding(count: Int, zero: String, set: String) throws {
        #expect(try decode(Array(zero.utf8), count: count) == [UInt8](repeating: 0, count: count))
        #expect(throws: Bech32mError.padding) { try decode(Array(set.utf8), count: count) }
    }

    @Test("refuses a prefix of another role, and text that carries more or less")
    func refusesOtherRoles() {
        let text = encode([1, 2, 3])
        #expect(throws: Bech32mError.prefix) { try decode(text, count: 3, prefix: "tess") }
        #expect(throws: Bech32mError.prefix) { try decode(text, count: 3, prefix: "tests") }
        #expect(throws: Bech32mError.length) { try decode(text, count: 2) }
        #expect(throws: Bech32mError.length) { try decode(text, count: 4) }
    }

    @Test("stops at a cap")
    func cap() {
        let text = [UInt8](repeating: UInt8(ascii: "q"), count: Bech32m.maximumCharacterCount + 1)
        #expect(throws: Bech32mError.length) { try Bech32m.validate(text.span) }
    }

    private func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: Bech32m.characterCount(prefix: "test", byteCount: bytes.count))
        var target = text.mutableSpan
        Bech32m.encode(bytes.span, prefix: "test", into: &target)
        return text
    }

    private func decode(_ text: [UInt8], count: Int, prefix: String = "test") throws(Bech32mError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var target = bytes.mutableSpan
        try Bech32m.decode(text.span, prefix: prefix, into: &target)
        return bytes
    }
}
