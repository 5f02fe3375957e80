import TestSupport
import Testing

/// Which declarations need a comment: `swift format` knows that rule for `public` alone.
enum Documentation {
    /// Finds declarations without a comment.
    ///
    /// - Parameters:
    ///   - code: The file to look through.
    ///   - requirements: The members that protocols of the package ask for, and explain; see ``requirements(in:)``.
    /// - Returns: One violation for each, in the order of the lines.
    static func violations(in code: SwiftCode, requirements: Set<String> = []) -> [Violation] {
        let lines = code.file.lines
        return lines.indices.compactMap { index in
            guard let declaration = declaration(in: code.lines[index]), !isInherited(declaration),
                !requirements.contains(name(of: declaration)), !isExplained(index, in: lines)
            else { return nil }
            let start = declaration.prefix { $0 != "{" && $0 != "=" }
            return Violation(path: code.file.path, line: index + 1, rule: "no comment above: \(start)")
        }
    }

    /// The names of the properties and functions that a file's protocols ask for: who conforms has nothing to add.
    static func requirements(in code: SwiftCode) -> Set<String> {
        var names: Set<String> = []
        var isInProtocol = false
        for line in code.lines {
            if line.hasPrefix("package protocol ") { isInProtocol = true }
            if line.hasPrefix("}") { isInProtocol = false }
            let text = line.drop(while: \.isWhitespace)
            if isInProtocol, text.hasPrefix("var ") || text.hasPrefix("func ") {
                names.insert(name(of: "package \(text)"))
            }
        }
        return names
    }

    /// What follows `package` in a line that declares something.
    private static func declaration(in line: String) -> Substring? {
        let words = line.split(separator: " ")
        let modifiers: Set<Substring> = [
            "borrowing", "consuming", "final", "indirect", "mutating", "nonisolated", "override", "static",
        ]
        guard let position = words.firstIndex(of: "package"),
            words[..<position].allSatisfy({ $0.hasPrefix("@") || modifiers.contains($0) }),
            position + 1 < words.count, words[position + 1] != "import"
        else { return nil }
        return line[words[position].startIndex...]
    }

    private static func name(of declaration: Substring) -> String {
        let words = SwiftCode.words(in: String(declaration)).map(\.text)
        guard let keyword = words.firstIndex(where: { ["func", "let", "var"].contains($0) }), keyword + 1 < words.count
        else { return "" }
        return words[keyword + 1]
    }

    private static func name(of declaration: String) -> String { name(of: declaration[...]) }

    /// The members of well-known protocols mean what the protocol says; an initialiser of nothing says all itself.
    private static func isInherited(_ declaration: Substring) -> Bool {
        ["var description:", "let description:", "func hash(into", "func == (", "func < (", "init() {}"]
            .contains(where: declaration.contains)
    }

    /// Looks upwards past attributes, which may fill several lines, for a comment or the help text of an option.
    private static func isExplained(_ index: Int, in lines: [Substring]) -> Bool {
        for line in lines[..<index].reversed() {
            let text = line.drop(while: \.isWhitespace)
            if text.hasPrefix("/// ") || ["@Argument", "@Flag", "@Option"].contains(where: text.hasPrefix) {
                return true
            }
            if text.hasPrefix("@") { continue }
            // The lines of an attribute's arguments end in a comma, a parenthesis or a string, or are the last argument.
            guard let end = text.last, ",()\"".contains(end) || text.hasPrefix("completion: "), !text.contains("=")
            else { return false }
        }
        return false
    }
}

@Suite("Documentation")
struct DocumentationTests {
    @Test("stands above every package declaration")
    func standsAboveDeclarations() throws {
        let sources = try SwiftCode.sources()
        let requirements = Set(sources.flatMap(Documentation.requirements))
        let violations = sources.flatMap { Documentation.violations(in: $0, requirements: requirements) }
        #expect(violations == [])
    }

    @Test(
        "is missed",
        arguments: [
            "package struct A {}", "    package let a: Int", "package init(_ a: Int) {}",
            "@safe package struct A: ~Copyable {",
            "package static func a() {", "    @discardableResult\n    package func a() -> Int {", "package enum A {",
            "// An ordinary comment.\npackage func a() {}", "/// Too far away.\n\npackage func a() {}",
            "///\npackage func a() {}",
            "/// The other one's.\nlet b = 1\npackage let a = 1", "package actor A {", "static package let a = 1",
        ]
    )
    func findsMissing(text: String) {
        let code = SwiftCode("import Crypto\n\n\(text)\n", in: "WireGuard")
        #expect(Documentation.violations(in: code).map(\.line) == [code.file.lines.count])
    }

    @Test(
        "is not asked of imports, conformances, and what is not for other modules",
        arguments: [
            "package import Crypto", "package var description: String {", "    package let description: String",
            "package static func == (left: A, right: A) -> Bool {", "package func hash(into hasher: inout Hasher) {",
            "struct A {}", "private let package = 1", "case package", "/// A comment.\npackage struct A {}",
            "/// A comment.\n@safe\n@frozen\npackage struct A {}", "    /// A comment.\n    package func a() {",
            "\"\"\"\npackage let a\n\"\"\"",
            "// package let a", "package init() {}",
            "@Option(\n    help: \"Where.\",\n    name: .short)\npackage var a: Int",
            "@Option(\n    help: \"Where.\",\n    completion: .directory\n)\npackage var a: Int",
        ]
    )
    func acceptsOthers(text: String) {
        #expect(Documentation.violations(in: SwiftCode(text, in: "WireGuard")) == [])
    }
}
