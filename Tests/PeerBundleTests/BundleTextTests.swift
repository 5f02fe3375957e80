import PeerBundle
import Testing

@Suite("Bundle text")
struct BundleTextTests {
    private static let bundle = Array("WGSB".utf8) + (0..<100).map { UInt8($0) }
    private static let armored = BundleText.armor(bundle.span)
    private static let code = BundleText.code(bundle.span)

    @Test("armor is canonical base64 in lines of 64 between two markers")
    func armor() {
        #expect(
            Self.armored == """
                -----BEGIN WGSEAL BUNDLE-----
                V0dTQgABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSor
                LC0uLzAxMjM0NTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpb
                XF1eX2BhYmM=
                -----END WGSEAL BUNDLE-----

                """
        )
    }

    @Test("a code is all alphanumeric mode")
    func codeCharacters() {
        #expect(Self.code.hasPrefix("WGS1:"))
        #expect(Self.code.allSatisfy { "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".contains($0) })
    }

    @Test(
        "finds the bundle in every form that people's programs leave it in",
        arguments: [
            armored, armored.replacing("\n", with: "\r\n"), String(armored.dropLast()), "\n\n  \n" + armored + " \n\n",
            String(armored.dropLast()) + "  ", code, code + "\n", code + "\r\n", "QR-Code:" + code + "\n",
            "\n \r\n" + code + "\n\n", "EAN-13:4006381333931\n" + code + "\n0113210574977989",
            code + "\nQR-Code:" + code + "\r\n",
        ]
    )
    func finds(text: String) throws {
        #expect(try BundleText.decode(Array(text.utf8)) == Self.bundle)
    }

    @Test("takes bytes as they are")
    func bytes() throws {
        #expect(try BundleText.decode(Self.bundle) == Self.bundle)
    }

    @Test("a code of every length survives, whatever its last characters are", arguments: 0...300)
    func codeLengths(count: Int) throws {
        let bytes = [UInt8](repeating: 0x20, count: count)
        #expect(try BundleText.decode(Array((BundleText.code(bytes.span) + "\n").utf8)) == bytes)
    }

    @Test("a full line is the last one only where it ends the data", arguments: [47, 48, 49, 95, 96, 97])
    func fullLines(count: Int) throws {
        let bytes = Array("WGSB".utf8) + [UInt8](repeating: 1, count: count - 4)
        #expect(try BundleText.decode(Array(BundleText.armor(bytes.span).utf8)) == bytes)
    }

    @Test(
        "refuses armor with anything else in it, and names the line",
        arguments: [
            ("x" + armored, .notABundle), (armored + "x\n", .armor(line: 6)), (armored + armored, .armor(line: 4)),
            (armored.replacing("BEGIN WGSEAL BUNDLE-----", with: "BEGIN WGSEAL BUNDLE----- "), .armor(line: 1)),
            (armored.replacing("BEGIN WGSEAL", with: "BEGIN AGE"), .notABundle),
            (armored.replacing("END WGSEAL", with: "END AGE"), .armor(line: 5)),
            (armored.replacing("\nLC0u", with: "\n\nLC0u"), .armor(line: 3)),
            (armored.replacing("\nLC0u", with: "\n LC0u"), .armor(line: 3)),
            (armored.replacing("\nLC0u", with: "LC0u"), .armor(line: 2)),
            (armored.replacing("LC0u", with: "\nLC0u"), .armor(line: 3)),
            (armored.replacing("XF1eX2BhYmM=", with: ""), .armor(line: 4)),
            (armored.replacing("YmM=", with: "YmN="), .base64), (armored.replacing("YmM=", with: "YmM"), .base64),
            (armored.replacing("YmM=", with: "Ym=="), .base64), (armored.replacing("LC0u", with: "LC-u"), .base64),
            (armored.replacing("LC0u", with: "LC u"), .base64),
            ("-----BEGIN WGSEAL BUNDLE-----", .armor(line: 1)),
            ("-----BEGIN WGSEAL BUNDLE-----\n-----END WGSEAL BUNDLE-----\n", .armor(line: 2)),
            (String(armored.prefix(120)), .armor(line: 3)),
        ] as [(String, BundleError)]
    )
    func refusesArmor(text: String, error: BundleError) {
        #expect(throws: error) { try BundleText.decode(Array(text.utf8)) }
    }

    @Test(
        "refuses what is no bundle, and damaged codes",
        arguments: [
            ("", .notABundle), ("[Interface]\nPrivateKey = x\n", .notABundle), ("wgs1:BB8", .notABundle),
            (" WGS1:BB8", .notABundle), ("WGS2:BB8", .notABundle), ("QR-Code:QR-Code:WGS1:BB8", .notABundle),
            ("\n", .notABundle), ("QR-Code:\n", .notABundle), ("\nEAN-13:1\nWGS2:BB8\n", .notABundle),
            ("WGS1:bb8", .base45(position: 1)), ("WGS1:BB8\r\r\n", .base45(position: 4)),
            ("WGS1:BB8\n\nWGS1:BB8 \n", .parts(.line(3))), ("1\nWGS1:BB8\nWGS1:", .parts(.line(3))),
        ] as [(String, BundleError)]
    )
    func refuses(text: String, error: BundleError) {
        #expect(throws: error) { try BundleText.decode(Array(text.utf8)) }
    }

    @Test("reading may stop at a limit that the largest bundle stays below in every form")
    func limit() {
        let largest = [UInt8](repeating: 0xff, count: 8 + 48 + 61_440)
        #expect(BundleText.armor(largest.span).replacing("\n", with: "\r\n").utf8.count < BundleText.maximumByteCount)
        for count in [1, 2, BundleText.maximumCodeCount] {
            let lines = BundleText.codes(largest, count: count).map { "QR-Code:\($0)\r\n" }.joined()
            #expect(lines.utf8.count < BundleText.maximumByteCount)
        }
    }
}
