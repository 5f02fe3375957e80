import TestSupport
import Testing

/// What the pages of the tools say that there is, and what there is.
enum ManualReference {
    /// The modules that an executable is made of, itself among them.
    static func modules(of executable: String) -> Set<String> {
        let imports = Dictionary(uniqueKeysWithValues: ImportTable.modules.map { ($0.name, $0.imports) })
        var found: Set = [executable]
        var rest = [executable]
        while let module = rest.popLast() {
            for imported in imports[module] ?? [] where found.insert(imported).inserted { rest.append(imported) }
        }
        return found
    }

    /// Variables whose reader all tools have in common, but one alone has a use for.
    static let reserved = ["NOTIFY_SOCKET": "wgup"]

    /// The variables of the environment that sources read or pass on.
    static func variables(in files: [SourceFile]) -> Set<String> {
        Set(
            files.flatMap { file -> [Substring] in
                let read = file.text.matches(of: #/(?:Environment\.value|variable|environment)\("([A-Z_]+)"/#).map(\.1)
                let list = file.text.firstMatch(of: #/static let passedOn = \[([^\]]*)\]/#)?.1 ?? ""
                return read + list.matches(of: #/"([A-Z_]+)"/#).map(\.1)
            }
            .map(String.init)
        )
    }

    /// The variables that the list of a page has.
    static func variables(onPage page: String) -> Set<String> {
        Set(
            section("ENVIRONMENT", of: page).filter { $0.hasPrefix(".It Ev ") }.flatMap { line in
                line.split(separator: " ").map(String.init).filter {
                    $0.count > 2 && $0.allSatisfy { $0 != "." && ($0.isUppercase || $0 == "_") }
                }
            }
        )
    }

    /// The exit statuses that sources name, where `cases` are those that have names.
    static func statuses(in files: [SourceFile], _ cases: [String: Int]) -> Set<Int> {
        Set(
            files.flatMap { file in
                let named = file.text.matches(of: #/(?:ExitStatus|[ (:])\.([a-zA-Z]+)/#).compactMap {
                    cases[String($0.1)]
                }
                return named + file.text.matches(of: #/ExitCode\((\d+)\)/#).compactMap { Int($0.1) }
            }
        )
    }

    /// The exit statuses that the list of a page has.
    static func statuses(onPage page: String) -> [Int] {
        section("EXIT STATUS", of: page).compactMap { line in
            line.hasPrefix(".It ") ? Int(line.dropFirst(4)) : nil
        }
    }

    /// The lines below a heading.
    static func section(_ heading: String, of page: String) -> [Substring] {
        let lines = page.split(separator: "\n").drop { $0 != ".Sh \(heading)" }.dropFirst()
        return Array(lines.prefix { !$0.hasPrefix(".Sh ") })
    }

    /// The options that a page names anywhere, by their long names.
    static func options(onPage page: String) -> Set<String> {
        Set(page.matches(of: #/Fl (?:[a-z] , )?-([a-z][a-z0-9-]*)/#).map { String($0.1) })
    }

    /// The subcommands that the synopsis of a page has, but for those of subcommands.
    static func subcommands(inSynopsisOf page: String) -> Set<String> {
        let lines = section("SYNOPSIS", of: page)
        return Set(
            zip(lines, lines.dropFirst()).compactMap { first, second in
                first == ".Nm" ? second.split(separator: " ").dropFirst().first.map(String.init) : nil
            }
        )
    }

    /// The command lines of the tools that a text has anywhere: tool, subcommand, and the options given to it.
    static func commandLines(in text: String) -> [(tool: String, subcommand: String, options: [String])] {
        text.matches(of: #/\b(wgkey|wgbundle|wgup) ([a-z]+)\b([^|)`'"\n]*)/#).map { match in
            let words = match.3.split(separator: " ").prefix { $0 != "--" }
            let options = words.filter { $0.hasPrefix("-") && $0.contains(where: \.isLetter) }
                .map { String($0.prefix { $0 != "=" && $0 != "," && $0 != ":" && $0 != ";" }) }
            return (String(match.1), String(match.2), options)
        }
    }
}

@Suite("Manual as a reference")
struct ManualReferenceTests {
    // What every command line of the parser has.
    private static let common = ["help", "version", "generate-completion-script"]

    private func page(of executable: String) throws -> String {
        let section = try #require(Manual.pages[executable])
        return try SourceTree.file("man/\(executable).\(section)").text
    }

    private func options(of executable: String) throws -> Set<String> {
        let files = try (["CommandSupport", "QRDisplay"] + [executable]).flatMap {
            try SourceTree.files(under: "Sources/\($0)")
        }
        return Set(Manual.options(in: files) + Self.common)
    }

    @Test("has the variables that are read, and no others", arguments: Manual.pages.keys.sorted())
    func variables(executable: String) throws {
        let own = ManualReference.modules(of: executable).intersection(ImportTable.modules.map(\.name))
        let files = try own.flatMap { try SourceTree.files(under: "Sources/\($0)") }
        let read = ManualReference.variables(in: files)
            .filter { ManualReference.reserved[$0, default: executable] == executable }
        #expect(read.count >= 5)
        #expect(ManualReference.variables(onPage: try page(of: executable)) == read)
    }

    @Test("has the exit statuses that there are, and no others", arguments: Manual.pages.keys.sorted())
    func statuses(executable: String) throws {
        let declared = try SourceTree.file("Sources/CommandSupport/ExitStatus.swift").text
            .matches(of: #/case ([a-zA-Z]+) = (\d+)/#)
        let cases = Dictionary(
            uniqueKeysWithValues: declared.compactMap { match in Int(match.2).map { (String(match.1), $0) } }
        )
        #expect(cases.count == 11)
        let files = try ["CommandSupport", executable].flatMap { try SourceTree.files(under: "Sources/\($0)") }
            .filter { !$0.path.hasSuffix("/ExitStatus.swift") }
        let listed = ManualReference.statuses(onPage: try page(of: executable))
        #expect(listed == ManualReference.statuses(in: files, cases).sorted())
    }

    @Test("names no subcommand and no option that there is not", arguments: Manual.pages.keys.sorted())
    func namesNothingElse(executable: String) throws {
        let page = try page(of: executable)
        let subcommands = Manual.subcommands(in: try SourceTree.files(under: "Sources/\(executable)"), of: executable)
        #expect(ManualReference.subcommands(inSynopsisOf: page) == Set(subcommands))
        #expect(ManualReference.options(onPage: page).subtracting(try options(of: executable)) == [])
        for option in Self.common {
            #expect(page.contains(".Fl -\(option)") || Manual.explains(option: option, in: page))
        }
    }

    @Test(
        "shows no command line that could not be typed",
        arguments: ["README.md", "man/wgbundle.1", "man/wgkey.1", "man/wgseal.7", "man/wgup.8"]
    )
    func commandLines(path: String) throws {
        let displays = path.hasPrefix("man/") ? try ManualPage(path).displays.flatMap(\.lines) : []
        let text = try SourceTree.file(path).text
        let lines = ManualReference.commandLines(in: (displays + [text]).joined(separator: "\n"))
        #expect(lines.count > 3)
        for line in lines {
            let page = try page(of: line.tool)
            #expect(Manual.explains(line.subcommand, in: page), "\(line)")
            for option in line.options {
                let isExplained =
                    option.hasPrefix("--")
                    ? Manual.explains(option: String(option.dropFirst(2)), in: page)
                    : page.contains(".It Fl \(option.dropFirst()) ")
                #expect(isExplained, "\(option) of \(line)")
            }
        }
    }

    @Test("is found out where it is not true")
    func findsFault() {
        let code = """
            let home = Environment.value("HOME"), style = Self.variable("WGUP_STYLE", Style.init)
            static let passedOn = [
                "LANG", "DOCKER_HOST",
            ]
            throw ExitCode(2)
            case .call: .inputOutput
            throw CommandFailure(.refused, "no")
            """
        let files = [SourceFile(path: "Sources/wgx/A.swift", text: code)]
        #expect(ManualReference.variables(in: files) == ["HOME", "WGUP_STYLE", "LANG", "DOCKER_HOST"])
        #expect(
            ManualReference.statuses(in: files, ["refused": 65, "inputOutput": 74, "noInput": 66]) == [2, 65, 74]
        )
        let page = """
            .Sh SYNOPSIS
            .Nm
            .Cm gen
            .Op Fl -home Ar directory
            .Nm
            .Cm old Ar x
            .Sh ENVIRONMENT
            .It Ev HOME , SUDO_UID
            .Ev TERM
            .Sh EXIT STATUS
            .It 0
            .It 64
            """
        #expect(ManualReference.variables(onPage: page) == ["HOME", "SUDO_UID"])
        #expect(ManualReference.statuses(onPage: page) == [0, 64])
        #expect(ManualReference.subcommands(inSynopsisOf: page) == ["gen", "old"])
        #expect(
            ManualReference.options(onPage: "\(page)\n.It Fl o Ar file , Fl -output\n.It Fl h , -help") == [
                "home", "output", "help",
            ]
        )
        let lines = ManualReference.commandLines(in: "a | sudo wgup client - --from X -- cat --x; `wgkey show --qr`")
        #expect(lines.map(\.subcommand) == ["client", "show"])
        #expect(lines.map(\.options) == [["--from"], ["--qr"]])
    }
}
