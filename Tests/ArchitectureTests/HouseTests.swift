import TestSupport
import Testing

/// Rules for single files.
enum House {
    /// Lines that a file of `Sources` may have; over it, the file is about more than one thing.
    static let lineLimit = 350

    /// Files that may be longer, each with the reason.
    static let longFiles: [String: String] = [:]

    static func tooLong(_ code: SwiftCode) -> [Violation] {
        let file = code.file
        guard file.lines.count > lineLimit, longFiles[file.path] == nil else { return [] }
        return [Violation(path: file.path, line: file.lines.count, rule: "over \(lineLimit) lines")]
    }

    /// Notes to oneself, which belong into an issue; the words are put together so that this file does not hold them.
    static func notes(_ file: SourceFile) -> [Violation] {
        let words: Set = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
        return file.lines.enumerated().flatMap { index, line in
            SwiftCode.words(in: String(line)).filter { words.contains($0.text) }
                .map { Violation(path: file.path, line: index + 1, rule: $0.text) }
        }
    }

    /// Characters that a terminal without UTF-8 does not show; only the picture of a QR code is made of such.
    static func beyondASCII(_ code: SwiftCode) -> [Violation] {
        guard code.file.path != "Sources/QRCode/QRTerminalRenderer.swift" else { return [] }
        return code.file.lines.enumerated().compactMap { index, line in
            let isComment = line.drop(while: \.isWhitespace).hasPrefix("//")
            guard !isComment, !line.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
            return Violation(path: code.file.path, line: index + 1, rule: "not ASCII")
        }
    }

    /// What lets others in: nothing leaves the package, so nothing is public.
    static func forbiddenWords(_ code: SwiftCode) -> [Violation] {
        code.lines.enumerated().flatMap { index, line in
            SwiftCode.words(in: line).filter { ["public", "open"].contains($0.text) && isModifier($0, in: line) }
                .map { Violation(path: code.file.path, line: index + 1, rule: $0.text) }
        }
    }

    private static func isModifier(_ word: SwiftCode.Word, in line: String) -> Bool {
        let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
        guard let first = words.first, first == word.text, words.count > 1 else { return false }
        return [
            "actor", "class", "enum", "extension", "final", "func", "import", "init", "let", "protocol", "static",
            "struct", "typealias", "var",
        ]
        .contains { words.dropFirst().first?.hasPrefix($0) == true }
    }
}

@Suite("House")
struct HouseTests {
    @Test("has no file about more than one thing")
    func hasNoLongFile() throws {
        let violations = try SwiftCode.sources().flatMap(House.tooLong)
        #expect(violations == [])
    }

    @Test("finds a file that is too long", arguments: [(350, 0), (351, 1)])
    func findsLongFile(lineCount: Int, violationCount: Int) {
        let code = SwiftCode(String(repeating: "\n", count: lineCount), in: "WireGuard")
        #expect(House.tooLong(code).count == violationCount)
    }

    @Test("keeps no notes to oneself")
    func keepsNoNotes() throws {
        let folders = try ["Sources", "Tests", "man"].flatMap { try SourceTree.files(under: $0, suffix: "") }
        let files = try folders + ["Package.swift", "README.md", "Makefile"].map { try SourceTree.file($0) }
        let violations = files.flatMap(House.notes)
        #expect(violations == [])
    }

    @Test(
        "finds a note, in code and in comments",
        arguments: ["// TO" + "DO: later", "let x = 1  // FIX" + "ME", ".\\\" XX" + "X"]
    )
    func findsNote(line: String) {
        #expect(House.notes(SourceFile(path: "man/planted.1", text: line)).count == 1)
    }

    @Test("says everything in characters that every terminal has")
    func isASCII() throws {
        let violations = try SwiftCode.sources().flatMap(House.beyondASCII)
        #expect(violations == [])
        #expect(House.beyondASCII(SwiftCode("// for 5 s…\nsay(\"5 s…\")\n", in: "wgup")).map(\.line) == [2])
    }

    @Test("opens nothing to the public")
    func hasNothingPublic() throws {
        let violations = try SwiftCode.sources().flatMap(House.forbiddenWords)
        #expect(violations == [])
    }

    @Test(
        "finds what is public",
        arguments: [
            "public struct A {}", "    public let a = 1", "open class A {", "@frozen public enum A {",
            "public import A",
        ]
    )
    func findsPublic(line: String) {
        #expect(House.forbiddenWords(SwiftCode(line, in: "WireGuard")).count == 1)
    }

    @Test(
        "does not take a public key for it",
        arguments: ["let public = 1", "/// The public key.", "open(path)", "x.public()", "case open"]
    )
    func leavesOthers(line: String) {
        #expect(House.forbiddenWords(SwiftCode(line, in: "WireGuard")) == [])
    }

    @Test("builds every target with the flags of the manifest, which the compiler does not check for spelling")
    func featuresAreOn() throws {
        var features: [String: Bool] = [:]
        #if hasFeature(ExistentialAny)
            features["ExistentialAny"] = true
        #endif
        #if hasFeature(InternalImportsByDefault)
            features["InternalImportsByDefault"] = true
        #endif
        #if hasFeature(MemberImportVisibility)
            features["MemberImportVisibility"] = true
        #endif
        #if hasFeature(NonisolatedNonsendingByDefault)
            features["NonisolatedNonsendingByDefault"] = true
        #endif
        #if hasFeature(InferIsolatedConformances)
            features["InferIsolatedConformances"] = true
        #endif
        #if hasFeature(ImmutableWeakCaptures)
            features["ImmutableWeakCaptures"] = true
        #endif
        let manifest = try SourceTree.file("Package.swift").text
        let names = manifest.split(separator: ".enableUpcomingFeature(\"").dropFirst().compactMap {
            $0.split(separator: "\"").first.map(String.init)
        }
        #expect(names.count == 6)
        #expect(names.filter { features[$0] != true } == [])
    }

    @Test("gives every Swift target those flags")
    func targetsHaveSettings() throws {
        let manifest = try SourceTree.file("Package.swift").text
        // The three helper functions, TestSupport, the fuzzer, the benchmarks and the probe; system libraries and C have none.
        #expect(manifest.split(separator: "swiftSettings: swiftSettings").count - 1 == 7)
        #expect(manifest.contains(".strictMemorySafety()"))
        #expect(manifest.contains(".treatAllWarnings(as: .error)"))
    }
}
