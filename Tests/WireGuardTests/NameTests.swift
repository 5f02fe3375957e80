import Testing
import WireGuard

@Suite("Names")
struct NameTests {
    @Test("of interfaces are taken", arguments: ["a", "wg0", "wg-tunnel", "wg_x", "lo", "all0", "a23456789012345"])
    func acceptsInterfaceName(text: String) {
        #expect(InterfaceName(text)?.description == text)
    }

    @Test(
        "of interfaces are refused where the kernel, a path or a template would make something else of them",
        arguments: [
            "", ".", "..", "a/b", "wg%d", "a b", "wg0\n", "Wg0", "WG0", "0wg", "-wg", "_wg", "wg.1", "wg:1", "wg\u{0}",
            "a234567890123456", "w\u{E4}", "\u{212A}", "all", "default",
        ]
    )
    func refusesInterfaceName(text: String) {
        #expect(InterfaceName(text) == nil)
    }

    @Test("of interfaces are made of a network's, and differ where its start does not")
    func interfaceOfNetwork() throws {
        let (first, second) = (try #require(Name("office-frankfurt-1")), try #require(Name("office-frankfurt-2")))
        var taken: Set<InterfaceName> = []
        for (network, expected) in [
            (first, "wg-office-frank"), (second, "wg-office-fra-2"), (second, "wg-office-fra-3"),
        ] {
            let name = InterfaceName(network: network, besides: taken)
            #expect(name.description == expected)
            #expect(InterfaceName(name.description) == name)
            taken.insert(name)
        }
    }

    @Test(
        "that people give are taken",
        arguments: ["a", "default", "host-b", "x9-", "a234567890123456789012345678901"]
    )
    func acceptsName(text: String) {
        #expect(Name(text)?.description == text)
    }

    @Test(
        "that people give are refused where a path, a flag or a shell would make something else of them",
        arguments: [
            "", ".", "..", "a.b", "a/b", "a_b", "-a", "9a", "A", "a b", "a\n", "a\u{0}", "a;b", "a$b", "a*", "\u{E4}",
            "a\u{301}",
            "a2345678901234567890123456789012",
        ]
    )
    func refusesName(text: String) {
        #expect(Name(text) == nil)
    }

    @Test("that people give are ordered as their bytes are")
    func orders() {
        #expect(
            ["b", "a-b", "a", "a0"].compactMap { Name($0) }.sorted().map(\.description) == ["a", "a-b", "a0", "b"]
        )
    }
}

@Suite("Host name")
struct HostNameTests {
    private static let label63 = String(repeating: "a", count: 63)

    @Test(
        "is read into lower case",
        arguments: [
            ("localhost", "localhost"), ("Example.ORG", "example.org"), ("a-b.c", "a-b.c"), ("1.example", "1.example"),
            ("10.0.0.a", "10.0.0.a"), ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("0xg", "0xg"), ("x0", "x0"),
            (label63, label63),
            (
                [label63, label63, label63, String(repeating: "b", count: 61)].joined(separator: "."),
                [label63, label63, label63, String(repeating: "b", count: 61)].joined(separator: ".")
            ),
        ]
    )
    func accepts(text: String, expected: String) {
        #expect(HostName(text)?.description == expected)
    }

    @Test(
        "is no malformed address, which a resolver might take after all",
        arguments: [
            "1", "10.1", "1.2.3", "1.2.3.4", "1.2.3.4.5", "1.2.3.256", "0x7f000001", "0X7F.1", "127.0.0.0x1", "a.0xff",
            "0x",
        ]
    )
    func refusesNumbers(text: String) {
        #expect(HostName(text) == nil)
    }

    @Test(
        "is refused outside RFC 1123",
        arguments: [
            "", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a_b", "a b", "a\n", "a\u{0}", "a:1", "[a]", "a/b",
            "b\u{FC}cher",
            "\u{212A}", "a%25", label63 + "a",
            [label63, label63, label63, String(repeating: "b", count: 62)].joined(separator: "."),
        ]
    )
    func refusesOthers(text: String) {
        #expect(HostName(text) == nil)
    }
}
