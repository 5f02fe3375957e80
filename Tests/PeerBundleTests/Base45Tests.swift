import Testing

@testable import PeerBundle

@Suite("Base45")
struct Base45Tests {
    @Test(
        "gives the examples of RFC 9285",
        arguments: [
            ("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0"), ("", ""),
        ]
    )
    func vectors(plain: String, encoded: String) throws {
        #expect(String(decoding: Base45.encode(Array(plain.utf8).span), as: UTF8.self) == encoded)
        #expect(try Base45.decode(Array(encoded.utf8).span) == Array(plain.utf8))
    }

    @Test("gives every length back, up to that of the largest bundle in one code")
    func roundTrip() throws {
        let longest = (0..<2104).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 5) }
        for count in 0...longest.count {
            let bytes = Array(longest.prefix(count))
            let again = try Base45.decode(Base45.encode(bytes.span).span)
            if again != bytes { Issue.record("\(count) bytes") }
        }
    }

    @Test("takes exactly the 65536 groups of three that are pairs of bytes")
    func allGroups() {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)
        var accepted = 0
        for third in alphabet {
            for second in alphabet {
                for first in alphabet where (try? Base45.decode([first, second, third].span)) != nil { accepted += 1 }
            }
        }
        #expect(accepted == 65_536)
    }

    @Test(
        "refuses what no encoder writes, and says where",
        arguments: [
            ("GGW", 1), (":::", 1), ("BB8GGW", 4), ("BB8:5", 4), ("BB8A", 4), ("A", 1), ("bb8", 1), ("BB8B?8", 5),
            ("BB8\n", 4), ("BB\u{e9}", 3),
        ]
    )
    func refuses(text: String, position: Int) {
        #expect(throws: BundleError.base45(position: position)) { try Base45.decode(Array(text.utf8).span) }
    }
}
