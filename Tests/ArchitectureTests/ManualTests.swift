import TestSupport
import Testing

/// What the manual pages must have.
enum Manual {
    /// The pages of the executables and their sections: `wgup` is for the administrator.
    static let pages = ["wgbundle": 1, "wgkey": 1, "wgup": 8]

    /// The headings, in this order (`mdoc(7)`).
    static let headings = [
        "NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO",
        "SECURITY CONSIDERATIONS",
    ]

    /// The page about all of them, which is of no program, and its headings.
    static let overview = (
        name: "wgseal.7", headings: ["NAME", "DESCRIPTION", "EXAMPLES", "SEE ALSO", "SECURITY CONSIDERATIONS"]
    )

    /// The names of the pages, of all sections.
    static func names() throws -> [String] { try SourceTree.names(in: "man").filter { !$0.hasSuffix(".svg") } }

    /// The names of the subcommands that the sources of an executable declare.
    static func subcommands(in files: [SourceFile], of executable: String) -> [String] {
        files.flatMap { file in
            file.text.split(separator: "commandName: \"").dropFirst().compactMap {
                $0.split(separator: "\"").first.map(String.init)
            }
        }
        .filter { $0 != executable }
    }

    /// The long names of the options and flags that the sources of an executable declare.
    static func options(in files: [SourceFile]) -> [String] {
        files.flatMap { file in
            var isOption = false
            var customName: Substring?
            // Names stand in the code, or in a literal that the code does not have.
            return zip(file.lines, SwiftCode(file).lines).compactMap { line, code -> String? in
                let words = SwiftCode.words(in: code).map(\.text)
                if words.first == "Option" || words.first == "Flag" { (isOption, customName) = (true, nil) }
                guard isOption else { return nil }
                if let name = line.split(separator: ".customLong(\"").dropFirst().first?.split(separator: "\"").first {
                    customName = name
                }
                guard let keyword = words.firstIndex(of: "var"), keyword + 1 < words.count else { return nil }
                isOption = false
                return customName.map(String.init) ?? hyphenated(words[keyword + 1])
            }
        }
    }

    /// `allowDefaultRoute` on a command line: `allow-default-route`.
    private static func hyphenated(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }

    /// The headings of a page, in its order.
    static func headings(in page: String) -> [String] {
        page.split(separator: "\n").filter { $0.hasPrefix(".Sh ") }.map { String($0.dropFirst(4)) }
    }

    /// Tells whether a page has a list entry for an option.
    static func explains(option: String, in page: String) -> Bool {
        page.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.first == ".It"
                && zip(words, words.dropFirst()).contains { $0.hasSuffix("Fl") && $1 == "-\(option)" }
        }
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
    @Test("has a page for every executable, one about all of them, and no other")
    func coversExecutables() throws {
        let executables = ImportTable.modules.map(\.name).filter { $0.hasPrefix("wg") }
        #expect(executables.sorted() == Manual.pages.keys.sorted())
        #expect(
            try Manual.names().filter { !$0.hasSuffix(".5") }
                == (Manual.pages.map { "\($0).\($1)" } + [Manual.overview.name]).sorted()
        )
    }

    @Test("is installed, whatever its section")
    func isInstalled() throws {
        let makefile = try SourceTree.file("Makefile").text
        let sections = try #require(makefile.firstMatch(of: #/\nMANUAL = ([0-9 ]+)\n/#)).1.split(separator: " ")
        #expect(Set(sections) == Set(try Manual.names().compactMap { $0.split(separator: ".").last }))
    }

    @Test("explains every subcommand", arguments: Manual.pages.sorted(by: <))
    func explainsSubcommands(executable: String, section: Int) throws {
        let page = try SourceTree.file("man/\(executable).\(section)").text
        let subcommands = Manual.subcommands(in: try SourceTree.files(under: "Sources/\(executable)"), of: executable)
        #expect(subcommands.filter { !Manual.explains($0, in: page) } == [])
    }

    @Test("explains every option", arguments: Manual.pages.sorted(by: <))
    func explainsOptions(executable: String, section: Int) throws {
        let page = try SourceTree.file("man/\(executable).\(section)").text
        let options = Manual.options(in: try SourceTree.files(under: "Sources/\(executable)"))
        #expect(
            Set(options + ["home", "json", "passphrase-fd"]).filter { !Manual.explains(option: $0, in: page) } == []
        )
    }

    @Test("has the same order on every page", arguments: Manual.pages.sorted(by: <))
    func hasHeadings(executable: String, section: Int) throws {
        let page = try SourceTree.file("man/\(executable).\(section)").text
        let found = Manual.headings(in: page)
        #expect(found.filter(Manual.headings.contains) == Manual.headings)
        #expect(found.first == "NAME" && found.last == "SECURITY CONSIDERATIONS")
    }

    @Test("has an order of its own on the page about all of them")
    func overviewHasHeadings() throws {
        let page = try SourceTree.file("man/\(Manual.overview.name)").text
        #expect(Manual.headings(in: page) == Manual.overview.headings)
    }

    @Test("is flawless mdoc")
    func passesLint() async throws {
        let paths = try Manual.names().map { "\(SourceTree.root)/man/\($0)" }
        #expect(paths.count == Manual.pages.count + 2)
        let result = try await Tool("mandoc").run(["-T", "lint", "-W", "warning"] + paths)
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

    @Test("is missed where an option is only mentioned")
    func findsUnexplainedOption() {
        let text = """
            @Option(
                help: "The variable that var names.")
            var maxPrefix: Int?
            @Flag var json = false
            @Option(name: .customLong("engine-arg"), help: "One.")
            var engineArguments: [String] = []
            @OptionGroup var home: HomeOptions
            var other = 1
            """
        let options = Manual.options(in: [SourceFile(path: "Sources/wgx/A.swift", text: text)])
        #expect(options == ["max-prefix", "json", "engine-arg"])
        #expect(!Manual.explains(option: "json", in: ".Op Fl -json\n.It Fl -jsonx\nFl -json\n"))
        #expect(Manual.explains(option: "json", in: ".Bl -tag\n.It Fl o Ar file , Fl -json Ar x\n"))
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
