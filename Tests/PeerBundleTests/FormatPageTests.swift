import Crypto
import TestSupport
import Testing

@testable import PeerBundle

/// What `wgbundle(5)` says in numbers and words, which is said there first, against both implementations, and the vectors,
/// whose names tell which limit they are at.
@Suite("Manual page of the format")
struct FormatPageTests {
    private let page: FormatPage
    private let other: String
    private let vectors: Set<String>

    init() throws {
        page = FormatPage(try SourceTree.file("man/wgbundle.5").text)
        other = try SourceTree.file("Tests/Interop/wgbundle.py").text
        vectors = Set(try SourceTree.names(in: "Tests/Vectors"))
    }

    @Test("has the fields that there are, and there are vectors without each, and with two")
    func fields() {
        let here =
            rows(of: BundleTag.self) + rows(of: PeerTag.self) + rows(of: ServiceTag.self) + rows(of: ContainerTag.self)
        #expect(page.fields.map { "\($0.tag) \($0.name)\($0.isList ? " list" : "")" } == here)
        for field in page.fields {
            let words = field.name.split(separator: " ")
            let isNested = words.count > 1
            // As a name of wgbundle.py has it: beside its tag, but for the two whose position is before their value.
            let tag = isNested || field.tag < 0x10 ? "\(field.tag)" : "0x\(String(field.tag, radix: 16))"
            let name = words.joined(separator: ".")
            if !["peer.endpoint", "container.argument"].contains(name) {
                #expect(other.contains("\"\(name)\": (\(tag), "), "\(name)")
            }
            let digits = String(field.tag, radix: 16)
            let subject = isNested ? "\(words[0])-" : ""
            let number = isNested || digits.count > 1 ? digits : "0\(digits)"
            let missing = "\(field.isRequired ? "field" : "accepted")-\(subject)without-\(number)"
            #expect(vectors.contains(missing), "\(missing)")
            let twice = "field-\(subject)twice-\(number)"
            #expect(field.isList || vectors.contains(twice), "\(twice)")
        }
    }

    private func rows<Tag: FieldTag>(of type: Tag.Type) -> [String] {
        (0...UInt8.max).compactMap { Tag(rawValue: $0) }.map { "\($0.rawValue) \($0.name)\($0.isList ? " list" : "")" }
    }

    @Test("has the sizes and offsets that there are")
    func sizes() throws {
        let sizes = try page.numbers(after: "must be one of", count: 7)
        let all = Array(sizes[..<5]) + stride(from: sizes[4] + sizes[5], through: sizes[6], by: sizes[5])
        #expect(BundleHeader.plaintextByteCounts == all)
        let few = sizes[..<4].map(String.init).joined(separator: ", ")
        #expect(other.contains("SIZES = [\(few), *range(\(sizes[4]), \(sizes[6] + 1), \(sizes[5]))]"))
        #expect(vectors.contains("outside-header-\(48 + sizes[0] - 1)"))
        #expect(vectors.contains("outside-header-\(48 + sizes[6] + 1)"))
        for size in sizes[2..<5] { expectVectors("accepted-size-\(size)", "accepted-size-\(size)-and-1") }

        #expect(try page.numbers(after: "Ta version,", count: 1) == [Int(BundleHeader.version)])
        #expect(try page.numbers(after: "Ta suite,", count: 1) == [Int(BundleHeader.suite)])
        #expect(try page.numbers(after: "Ta n =", count: 1) == [SealingKey.overheadByteCount])
        #expect(try page.numbers(after: "header is the first", count: 1) == [BundleHeader.byteCount])
        // Where signature, keys, length, payload and zeros are, and how many bytes the first three have.
        let (keys, offset) = (SignedMessage.keys, SignedMessage.payloadOffset)
        #expect(
            try page.numbers(after: "\"issuer's signing, sealing and WireGuard key\"", count: 8)
                == [
                    0, SignedMessage.signatureByteCount, keys.lowerBound, keys.count, keys.upperBound, 2, offset,
                    offset,
                ]
        )
        #expect(try page.numbers(after: "BIP 350) with the prefix", count: 2) == [90, Identity.encodedByteCount])
        #expect(try page.numbers(after: "That makes", count: 1) == [Sample.issuer.identity.text.utf8.count])
        #expect(try page.numbers(after: "written in upper case, over", count: 1) == [IdentityKey.encodedByteCount])
    }

    @Test("has the limits that there are, and there is a vector at each, and one beyond")
    func limits() throws {
        let lists = try page.numbers(after: "There are at most", count: 3)
        for (name, limit) in zip(["addresses", "peers", "services"], lists) { expectLimit(name, "", limit) }
        let endpoints = try #require(page.numbers(inValueOf: "peer endpoint").last)
        expectLimit("endpoints", "peer-", endpoints)
        let allowed = try #require(page.numbers(inValueOf: "peer allowed-address").last)
        expectLimit("allowed-addresses", "peer-", allowed)
        let argument = page.numbers(inValueOf: "container argument")
        #expect(
            argument == [1, ContainerRequest.maximumArgumentByteCount, ContainerRequest.maximumArgumentCount]
        )
        expectLimit("argument", "container-", argument[1])
        expectLimit("arguments", "container-", argument[2])
        for name in ["mtu", "listen-port"] {
            let values = page.numbers(inValueOf: name)
            let (least, most) = (values[1], values[2])
            expectVectors("accepted-\(name)-\(least)", "accepted-\(name)-\(most)", "field-\(name)-\(least - 1)")
            #expect(most == Int(UInt16.max) || vectors.contains("field-\(name)-\(most + 1)"))
        }
        let transports = page.numbers(inValueOf: "service protocol").dropFirst()
        #expect(transports.compactMap { Service.Transport(rawValue: UInt8($0)) } == [.tcp, .udp])

        let lifetime = try page.numbers(after: "later than created, by at most", count: 2)
        #expect(lifetime == [Int(Bundle.maximumLifetimeSeconds), lifetime[0] / 86_400])
        let longest = try SourceTree.file("Tests/Vectors/accepted-lifetime-most").text
        let times = try #require(longest.firstMatch(of: #/ created=(\d+) not-after=(\d+) /#))
        #expect(Int(times.2).map { $0 - lifetime[0] } == Int(times.1))
        expectVectors("field-lifetime-more", "field-lifetime-0")

        let name = try page.numbers(after: "[a-z][a-z0-9-]", count: 2)
        expectVectors("accepted-name-\(1 + name[1])", "field-name-\(String(repeating: "61", count: 2 + name[1]))")
        let host = try page.numbers(after: "a DNS name in lower case:", count: 2)
        expectVectors("accepted-host-\(host[1])")
        let parts = try page.numbers(after: "n of them,", count: 2)
        #expect(BundlePart.counts == parts[0]...parts[1])
        expectVectors("accepted-parts-\(parts[0])", "accepted-parts-\(parts[1])")
        let columns = try page.numbers(after: "bits to spare) in lines of", count: 1)
        let armor = BundleText.armor([UInt8](repeating: 0, count: 96).span).split(separator: "\n")
        #expect(armor.dropFirst().prefix(2).map(\.count) == [columns[0], columns[0]])
    }

    private func expectLimit(_ name: String, _ level: String, _ limit: Int) {
        expectVectors("accepted-\(name)-\(limit)", "field-\(level)\(name)-\(limit + 1)")
    }

    private func expectVectors(_ names: String...) {
        #expect(Set(names).subtracting(vectors) == [])
    }

    @Test("has the texts that there are, and no other text begins as they do")
    func texts() throws {
        let here = try SourceTree.files(under: "Sources/Crypto") + SourceTree.files(under: "Sources/PeerBundle")
        // Of files and keys that never leave a host.
        let own = ["wgid-encrypted-", "wgseal.preshared", "wgseal.psk.check", "wgseal.psk.deriv", "wgseal.psk.roots"]
        #expect(Set(here.flatMap { FormatPage.texts(in: $0.text) }).subtracting(own) == page.texts)
        #expect(Set(FormatPage.texts(in: other)) == page.texts)
    }

    @Test("has the classes of errors that there are")
    func classes() throws {
        let verdicts = try vectors.map { name in
            try #require(SourceTree.file("Tests/Vectors/\(name)").text.firstMatch(of: #/\nverdict: (.*)\n/#)).1
        }
        let refusals = Set(verdicts.filter { $0.hasPrefix("refused ") }.map { String($0.dropFirst("refused ".count)) })
        // What the recipient knows beside the bundle decides the last two.
        #expect(page.classes == refusals.union(["freshness", "policy"]))
    }
}

/// The page as a test reads it: one line, with `Ta` between the columns of a table.
private struct FormatPage {
    struct Field {
        let tag: UInt8
        let name: String
        let isRequired: Bool
        let isList: Bool
        let value: String
    }

    let text: String
    let fields: [Field]

    init(_ page: String) {
        text = page.replacing("\n", with: " ")
        fields = page.split(separator: "\n").compactMap { line in
            guard let row = line.wholeMatch(of: #/\.It 0x([0-9a-f]{2}) Ta ([a-z -]+) Ta (R?)(L?) ?Ta (.*)/#),
                let tag = UInt8(row.1, radix: 16)
            else { return nil }
            return Field(
                tag: tag,
                name: String(row.2),
                isRequired: !row.3.isEmpty,
                isList: !row.4.isEmpty,
                value: String(row.5)
            )
        }
    }

    /// The decimal numbers that follow some words, so many of them.
    func numbers(after words: String, count: Int) throws -> [Int] {
        let parts = text.split(separator: words, maxSplits: 1)
        try #require(parts.count == 2, "\(words)")
        return Array(Self.numbers(in: parts[1]).prefix(count))
    }

    func numbers(inValueOf field: String) -> [Int] {
        fields.filter { $0.name == field }.flatMap { Self.numbers(in: $0.value[...]) }
    }

    private static func numbers(in text: Substring) -> [Int] { text.matches(of: #/\d+/#).compactMap { Int($0.output) } }

    /// Of the opening, in a set.
    var classes: Set<String> {
        let opening = text.split(separator: ".Sh OPENING").last ?? ""
        let items = opening.matches(of: #/\.It Cm ([a-z0-9-]+)(?: , ([a-z-]+))?/#)
        return Set(items.flatMap { [String($0.1)] + ($0.2.map { [String($0)] } ?? []) })
    }

    /// What stands in a bundle, in an identity, or in what is hashed.
    var texts: Set<String> {
        let hashed = text.matches(of: #/wgseal[./][a-z0-9./]*[a-z0-9]|wgsealid/#)
        let shown = text.matches(of: #/wgid-secret-|\bwgid\b|WGSB|WGS1[:/]|QR-Code:|-----[A-Z ]+-----/#)
        return Set((hashed + shown).map { String($0.output) })
    }

    /// The same in the literals of a program.
    static func texts(in program: String) -> [String] {
        program.matches(of: #/"((?:wgid|wgseal|WGS[B1]|QR-Code|-----)[^"\\\[{]*)/#).map { String($0.1) }
    }
}
