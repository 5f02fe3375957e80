import TestSupport
import Testing

/// Which declarations need a comment: `swift format` knows that rule for `public` alone.
enum Documentation {
    static func violations(in code: SwiftCode) -> [Violation] {
        let lines = code.file.lines
        return lines.indices.compactMap { index in
            guard let declaration = declaration(in: code.lines[index]), !isInherited(declaration) else { return nil }
            // Attributes may stand between the comment and the declaration.
            let above = lines[..<index].last { !$0.drop(while: \.isWhitespace).hasPrefix("@") }
            guard let above, above.drop(while: \.isWhitespace).hasPrefix("/// ") else {
                let start = declaration.prefix { $0 != "{" && $0 != "=" }
                return Violation(path: code.file.path, line: index + 1, rule: "no comment above: \(start)")
            }
            return nil
        }
    }

    /// What follows `package` in a line that declares something.
    private static func declaration(in line: String) -> Substring? {
        let words = line.split(separator: " ", omittingEmptySubsequences: true)
        let modifiers: Set<Substring> = [
            "static", "final", "mutating", "nonisolated", "override", "indirect", "consuming", "borrowing",
        ]
        guard let position = words.firstIndex(of: "package"),
            words[..<position].allSatisfy({ $0.hasPrefix("@") || modifiers.contains($0) }),
            position + 1 < words.count, words[position + 1] != "import"
        else { return nil }
        return line[words[position].startIndex...]
    }

    /// The members of well-known protocols mean what the protocol says.
    private static func isInherited(_ declaration: Substring) -> Bool {
        ["var description:", "let description:", "func hash(into", "func == (", "func < ("].contains(
            where: declaration.contains
        )
    }
}

@Suite("Documentation")
struct DocumentationTests {
    @Test("stands above every package declaration")
    func standsAboveDeclarations() throws {
        let violations = try SwiftCode.sources().flatMap(Documentation.violations)
        #expect(violations == [])
    }

    @Test(
        "is missed",
        arguments: [
            "package struct A {}", "    package let a: Int", "package init() {}", "@safe package struct A: ~Copyable {",
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
            "// package let a",
        ]
    )
    func acceptsOthers(text: String) {
        #expect(Documentation.violations(in: SwiftCode(text, in: "WireGuard")) == [])
    }
}
