import PeerBundle
import TestSupport
import Testing

@Suite("Parts of a bundle")
struct BundlePartTests {
    private static let bundle = Array("WGSB".utf8) + (0..<100).map { UInt8($0) }
    private static let other = Array("WGSB".utf8) + (0..<100).map { UInt8($0 + 1) }
    private static let parts = BundleText.codes(bundle, count: 5)
    private static let prefix = parts[0].prefix(20)

    @Test("say which of how many they are, and of which bundle, all in the alphanumeric mode")
    func headers() {
        for (index, part) in Self.parts.enumerated() {
            #expect(
                part.wholeMatch(of: /WGS1\/0(\d)\/05\/AD3FBEEB:[0-9A-Z $%*+\-.\/:]+/)?.1 == "\(index + 1)",
                "\(part)"
            )
        }
        // 22 bytes each, and 16 that are left.
        #expect(Self.parts.map(\.utf8.count) == [53, 53, 53, 53, 44])
    }

    @Test("make the bundle again, of every length in every number of parts")
    func roundTrip() throws {
        var generator = SplitMix64(seed: 71)
        for length in [4, 5, 6, 100, 101, 440, 8 + 48 + 61_440] {
            let bundle = Array("WGSB".utf8) + generator.bytes(count: length - 4)
            for count in length > 440 ? [1, 2, 50, 99] : Array(1...99) {
                let texts = BundleText.codes(bundle, count: count)
                #expect((1...count).contains(texts.count))
                #expect(texts.allSatisfy { $0.utf8.count <= texts[0].utf8.count })
                #expect(
                    try BundleText.decode(Array(texts.joined(separator: "\n").utf8)) == bundle,
                    "\(length) in \(count)"
                )
            }
        }
    }

    @Test("are taken in any order, more than once, and as scanners write them")
    func scanned() throws {
        var generator = SplitMix64(seed: 72)
        for _ in 0..<100 {
            var lines = Self.parts + (0..<3).compactMap { _ in Self.parts.randomElement(using: &generator) }
            lines.shuffle(using: &generator)
            let text = lines.map { line in
                let prefix = Bool.random(using: &generator) ? "QR-Code:" : ""
                return prefix + line
                    + (["\n", "\r\n", "\n\n", "\nDataBar:0113210574977989\n"].randomElement(using: &generator) ?? "")
            }
            #expect(try BundleText.decode(Array(text.joined().utf8)) == Self.bundle)
        }
    }

    @Test(
        "that are missing are named",
        arguments: [
            ([0], "parts 2, 3, 4 and 5 of 5 are missing"), ([0, 2, 3], "parts 2 and 5 of 5 are missing"),
            ([4, 3, 2, 1], "part 1 of 5 is missing"),
        ]
    )
    func missing(indices: [Int], text: String) throws {
        let input = indices.map { Self.parts[$0] + "\n" }.joined()
        let error = #expect(throws: BundleError.self) { try BundleText.decode(Array(input.utf8)) }
        #expect(error?.description == text)
    }

    @Test(
        "are refused where they do not belong together",
        arguments: [
            (parts[0] + "\n" + BundleText.codes(other, count: 5)[1], .otherBundle(line: 2)),
            (parts[0] + "\n\n" + BundleText.codes(bundle, count: 4)[1], .otherCount(line: 3)),
            (parts.joined(separator: "\n") + "\n" + prefix + "BB8", .different(part: 1)),
            (parts.joined(separator: "\n") + "\n" + BundleText.code(bundle.span), .line(6)),
            (BundleText.code(bundle.span) + "\n" + parts[0], .line(2)), (parts[0] + "\n1\nWGS1/", .line(3)),
        ] as [(String, PartFault)]
    )
    func mixed(text: String, fault: PartFault) {
        #expect(throws: BundleError.parts(fault)) { try BundleText.decode(Array(text.utf8)) }
    }

    @Test(
        "are refused with any other head",
        arguments: [
            "WGS1/", "WGS1/01", "WGS1/01/05/AD3FBEEB", "WGS1/1/5/AD3FBEEB:BB8", "WGS1/00/05/AD3FBEEB:BB8",
            "WGS1/06/05/AD3FBEEB:BB8", "WGS1/01/01/AD3FBEEB:BB8", "WGS1/01/00/AD3FBEEB:BB8", "WGS1/001/05/AD3FBEEB:BB8",
            "WGS1/0A/05/AD3FBEEB:BB8", "WGS1/01/05/ad3fbeeb:BB8", "WGS1/01/05/AD3FBEEG:BB8", "WGS1/01/05/AD3FBEE:BB8",
            "WGS1/01/05/AD3FBEEB0:BB8", "WGS1/01/05/AD3FBEEB/:BB8", "WGS1/-1/05/AD3FBEEB:BB8", "WGS1/01/05/:BB8",
            "WGS1/\u{661}/05/AD3FBEEB:BB8",
        ]
    )
    func head(text: String) {
        #expect(throws: BundleError.parts(.line(1))) { try BundleText.decode(Array(text.utf8)) }
    }

    @Test("are refused with damaged text, and the part is named")
    func damagedText() {
        let text = (Self.parts.dropLast() + [Self.parts[4] + "a"]).joined(separator: "\n")
        #expect(throws: BundleError.parts(.text(part: 5))) { try BundleText.decode(Array(text.utf8)) }
    }

    @Test("are refused with another content than their tag says, or cut in another way")
    func tag() {
        var (changed, longer, moved) = (Self.parts, Self.parts, Self.parts)
        changed[2].replaceSubrange(changed[2].index(changed[2].endIndex, offsetBy: -3)..., with: "BB8")
        longer[4] += "BB8"
        // A pair of bytes goes from the end of the first part to the start of the second.
        moved[0].removeLast(3)
        moved[1].insert(contentsOf: Self.parts[0].suffix(3), at: moved[1].index(moved[1].startIndex, offsetBy: 20))
        for parts in [changed, longer, moved] {
            let text = parts.joined(separator: "\n")
            #expect(throws: BundleError.parts(.tag)) { try BundleText.decode(Array(text.utf8)) }
        }
    }

    @Test(
        "have faults that read as one line",
        arguments: [
            (PartFault.line(3), "line 3 is not a part of the bundle"),
            (.text(part: 2), "the text of part 2 is damaged"),
            (.otherBundle(line: 2), "line 2 is a part of another bundle"),
            (.otherCount(line: 2), "line 2 is of the same bundle in another number of parts"),
            (.different(part: 2), "there are two different parts 2"),
            (.tag, "the parts are damaged: they do not make the bundle that they name"),
        ]
    )
    func texts(fault: PartFault, text: String) {
        #expect("\(BundleError.parts(fault))" == text)
    }
}
