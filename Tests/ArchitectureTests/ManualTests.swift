import TestSupport
import Testing

/// What the manual pages must have.
enum Manual {
    /// The pages of the executables and their sections: `wgup` is for the administrator.
    static let pages = ["wgbundle": 1, "wgkey": 1, "wgup": 8]

    /// The headings, in this order (`mdoc(7)`).
    static let headings = [
        "NAME", "SYNOPSIS", "DESCRIPTION", "FILES", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES", "SEE ALSO",
        "SECURITY CONSIDERATIONS",
    ]

    /// The names of the subcommands that the sources of an executable declare.
    static func subcommands(in files: [SourceFile], of executable: String) -> [String] {
        files.flatMap { file in
            file.text.split(separator: "commandName: \"").dropFirst().compactMap {
                $0.split(separator: "\"").first.map(String.init)
            }
        }
        .filter { $0 != executable }
    }

    /// The options that the sources of an executable declare by their long names.
    static func headings(in page: String) -> [String] {
        page.split(separator: "\n").filter { $0.hasPrefix(".Sh ") }.map { String($0.dropFirst(4)) }
    }

    /// Tells whether a page explains a subcommand: a list entry or a subsection of its own.
    static func explains(_ subcommand: String, in page: String) -> Bool {
        page.split(separator: "\n").contains { line in
            [".It Cm \(subcommand)", ".Ss \(subcommand)"].contains { line == $0 || line.hasPrefix("\($0) ") }
        }
    }
}

@Suite("Manual")
struct ManualTests {
    @Test("has a page for every executable and no other")
    func coversExecutables() throws {
        let executables = ImportTable.modules.map(\.name).filter { $0.hasPrefix("wg") }
        #expect(executables.sorted() == Manual.pages.keys.sorted())
        #expect(
            try SourceTree.names(in: "man").filter { !$0.hasSuffix(".5") }
                == Manual.pages.map { "\($0).\($1)" }.sorted()
        )
    }

    @Test("explains every subcommand", arguments: Manual.pages.sorted(by: <))
    func explainsSubcommands(executable: String, section: Int) throws {
        let page = try SourceTree.file("man/\(executable).\(section)").text
        let subcommands = Manual.subcommands(in: try SourceTree.files(under: "Sources/\(executable)"), of: executable)
        #expect(subcommands.filter { !Manual.explains($0, in: page) } == [])
    }

    @Test("has the same order on every page", arguments: Manual.pages.sorted(by: <))
    func hasHeadings(executable: String, section: Int) throws {
        let page = try SourceTree.file("man/\(executable).\(section)").text
        let found = Manual.headings(in: page)
        #expect(found.filter(Manual.headings.contains) == Manual.headings)
        #expect(found.first == "NAME" && found.last == "SECURITY CONSIDERATIONS")
    }

    @Test("is flawless mdoc", arguments: Manual.pages.sorted(by: <))
    func passesLint(executable: String, section: Int) async throws {
        let path = "\(SourceTree.root)/man/\(executable).\(section)"
        let result = try await Tool("mandoc").run(["-T", "lint", "-W", "warning", path])
        #expect(result.status == 0)
        #expect(result.text == "")
    }

    @Test("is missed where a subcommand is only mentioned")
    func findsUnexplained() {
        let files = [
            SourceFile(path: "Sources/wgx/Wgx.swift", text: "commandName: \"wgx\", "),
            SourceFile(path: "Sources/wgx/A.swift", text: "    commandName: \"gen\",\n"),
        ]
        #expect(Manual.subcommands(in: files, of: "wgx") == ["gen"])
        #expect(!Manual.explains("gen", in: ".Nm wgx\n.Cm gen\n.It Cm general\n"))
        #expect(Manual.explains("gen", in: ".Bl -tag\n.It Cm gen Op Fl -force\n"))
        #expect(Manual.explains("gen", in: ".Ss gen\n"))
    }

    @Test("is missed where mandoc finds a fault")
    func lintFindsFault() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            Array(".Dd January 1, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Bogus\n".utf8),
            to: "x.1"
        )
        #expect(try await Tool("mandoc").run(["-T", "lint", "-W", "warning", path]).status != 0)
    }
}
