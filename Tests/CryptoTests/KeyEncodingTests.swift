import Crypto
import TestSupport
import Testing

@Suite("Key encoding")
struct KeyEncodingTests {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    // The bytes 32 to 63 (RFC 4648; Python's base64.b64encode).
    private let text = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
    private let key = [UInt8](32..<64)

    @Test("writes and reads the 44 characters that WireGuard's tools show")
    func roundTrip() throws {
        #expect(KeyEncoding.base64(try bytes32(key)) == text)
        #expect(try KeyEncoding.bytes32(base64: text).bytes == key)
        #expect(bytes(of: try KeyEncoding.secretBytes(base64: Array(text.utf8).span)) == key)
    }

    @Test("reads each of the 64 characters")
    func readsWholeAlphabet() throws {
        for (value, character) in Self.alphabet.enumerated() {
            let parsed = try KeyEncoding.bytes32(base64: String(character) + String(repeating: "A", count: 42) + "=")
            #expect(parsed[0] == UInt8(value) << 2, "\(character)")
        }
    }

    @Test("takes no other byte for a character, though libsodium takes some above 127 for one")
    func refusesOtherBytes() {
        func accepted(_ decode: (UInt8) throws -> Void) -> [UInt8] {
            (0...255).filter { byte in (try? decode(byte)) != nil }
        }
        let zeros = [UInt8](repeating: UInt8(ascii: "A"), count: 42) + [UInt8(ascii: "=")]
        let alphabet = Self.alphabet.compactMap(\.asciiValue).sorted()
        #expect(accepted { _ = try KeyEncoding.secretBytes(base64: ([$0] + zeros).span) } == alphabet)
        let more = [UInt8](repeating: UInt8(ascii: "A"), count: 3)
        #expect(accepted { _ = try KeyEncoding.bytes(base64: ([$0] + more).span) } == alphabet)
        let digits = [UInt8](repeating: UInt8(ascii: "0"), count: 63)
        let hexadecimal = Array("0123456789ABCDEFabcdef".utf8)
        #expect(accepted { _ = try KeyEncoding.secretBytes(hexadecimal: ([$0] + digits).span) } == hexadecimal)
    }

    @Test("takes a last character only if its two spare bits are zero", arguments: 0..<64)
    func refusesStrayBits(value: Int) throws {
        let text = String(repeating: "A", count: 42) + String(Self.alphabet[value]) + "="
        if value % 4 == 0 {
            #expect(KeyEncoding.base64(try KeyEncoding.bytes32(base64: text)) == text)
        } else {
            #expect(throws: CryptoError.encoding) { try KeyEncoding.bytes32(base64: text) }
        }
    }

    @Test(
        "refuses anything but the one spelling",
        arguments: [
            "", "=", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8==",
            "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8A", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8= ",
            " ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n",
            "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj==", "ICEiIyQlJicoKSorLC0uLzAx\nMjM0NTY3ODk6Ozw9Pj8=",
            "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj\u{0}=", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9=Pj8",
            "----------_________________________________=", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj\u{FF18}",
            "\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}\u{E4}",
        ]
    )
    func refusesOtherText(text: String) {
        #expect(throws: CryptoError.encoding) { try KeyEncoding.bytes32(base64: text) }
        #expect(throws: CryptoError.encoding) { _ = try KeyEncoding.secretBytes(base64: Array(text.utf8).span) }
    }

    @Test("refuses a public key that is well spelt but weak")
    func refusesWeakKey() {
        #expect(throws: CryptoError.weakKey(.wireGuard)) {
            try PublicKey(base64: String(repeating: "A", count: 43) + "=")
        }
    }

    @Test(
        "writes lower-case hexadecimal, two characters a byte",
        arguments: [([], ""), ([0], "00"), ([0x9f, 0xa0, 0xff, 0x10], "9fa0ff10")] as [([UInt8], String)]
    )
    func writesHexadecimal(source: [UInt8], expected: String) {
        var writer = SecretWriter(capacity: 2)
        writer.append([0x3d])
        writer.append(hexadecimal: source.span)
        #expect(writer.withBytes { text in text.indices.map { text[$0] } } == Array("=\(expected)".utf8))
    }

    // RFC 4648, section 10.
    @Test(
        "writes and reads base64 of any length",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func handlesAnyLength(plain: String, encoded: String) throws {
        let (plain, encoded) = (Array(plain.utf8), Array(encoded.utf8))
        #expect(Array(KeyEncoding.base64(plain.span).utf8) == encoded)
        #expect(try KeyEncoding.bytes(base64: encoded.span) == plain)
        // Behind what was written before, and in memory that has to grow.
        var writer = SecretWriter(capacity: 1)
        for _ in 0..<2 { writer.append(base64: plain.span) }
        #expect(writer.withBytes { bytes in bytes.indices.map { bytes[$0] } } == encoded + encoded)
    }

    @Test(
        "refuses base64 with stray bits, without its padding, or with anything beside it",
        arguments: [
            "Zh==", "Zm9=", "Zg", "Zg=", "Zg===", "=", "====", "Z", "Zm9v\n", " Zm9v", "Zm9v=", "Zm 9v", "Zm9vZg==Zg==",
        ]
    )
    func refusesOtherBase64(text: String) {
        #expect(throws: CryptoError.encoding) { try KeyEncoding.bytes(base64: Array(text.utf8).span) }
    }

    @Test("reads 64 hexadecimal digits of either case")
    func readsHexadecimal() throws {
        let text = "202122232425262728292a2b2c2d2e2f303132333435363738393A3B3C3D3E3F"
        #expect(bytes(of: try KeyEncoding.secretBytes(hexadecimal: Array(text.utf8).span)) == key)
    }

    @Test(
        "refuses hexadecimal of another length or with other characters",
        arguments: [
            "", "20", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
            String(repeating: "0", count: 63) + "g",
            String(repeating: "0", count: 62) + ":0", " " + String(repeating: "0", count: 63),
            "0x" + String(repeating: "0", count: 62),
        ]
    )
    func refusesOtherHexadecimal(text: String) {
        #expect(throws: CryptoError.encoding) { _ = try KeyEncoding.secretBytes(hexadecimal: Array(text.utf8).span) }
    }
}
