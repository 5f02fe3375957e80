import Foundation
import TestSupport
import Testing

/// A terminal as a picture, of what a page shows of it.
enum TerminalPicture {
    private static let lineHeight = 17
    private static let characterWidth = 7.6
    private static let margin = 18

    /// Draws displays one below the other: prompts, what is typed, and what comes of it.
    static func svg(of displays: [ManualPage.Display], title: String) -> String {
        let lines = Array(displays.map(\.lines).joined(separator: [""]))
        let longest = lines.map(\.count).max() ?? 0
        let width = Int(Double(longest) * characterWidth) + 2 * margin
        let height = lines.count * lineHeight + 2 * margin
        let rows = lines.enumerated().filter { !$0.element.isEmpty }.map { index, line in
            "<text x=\"\(margin)\" y=\"\(margin + (index + 1) * lineHeight - 5)\">\(spans(of: line))</text>\n"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)">
            <title>\(escaped(title))</title>
            <style>
            text { font: 12.5px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #9da7b3 }
            .prompt { fill: #56d364 }
            .typed { fill: #f0f6fc; font-weight: 600 }
            </style>
            <rect width="100%" height="100%" rx="8" fill="#161b22"/>
            \(rows.joined())</svg>

            """
    }

    private static func spans(of line: String) -> String {
        guard let match = line.wholeMatch(of: #/(host[A-Z]\$|>) (.*)/#) else { return escaped(line) }
        let (prompt, typed) = (escaped(String(match.1)), escaped(String(match.2)))
        return "<tspan class=\"prompt\">\(prompt)</tspan> <tspan class=\"typed\">\(typed)</tspan>"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

@Suite("Pictures")
struct PictureTests {
    /// With `WGSEAL_WRITE_TRANSCRIPTS` set, it is drawn anew instead, for somebody to look at.
    @Test("show what the walkthrough of wgseal(7) shows, which is typed in the labs")
    func terminal() throws {
        let displays = try ManualPage("man/wgseal.7").displays(under: "Two hosts").prefix(4)
        #expect(displays.count == 4)
        let picture = TerminalPicture.svg(of: Array(displays), title: "The first tunnel, typed on two hosts")
        if ProcessInfo.processInfo.environment["WGSEAL_WRITE_TRANSCRIPTS"] != nil {
            try picture.write(toFile: "\(SourceTree.root)/man/story.svg", atomically: true, encoding: .utf8)
        }
        #expect(try SourceTree.file("man/story.svg").text == picture)
    }

    @Test("and files that the README names are there")
    func named() throws {
        let readme = try SourceTree.file("README.md").text
        let paths = readme.matches(of: #/`((?:Sources|Tests|man)/[A-Za-z0-9_.\/+-]+)/#).map {
            "\(SourceTree.root)/\($0.1)"
        }
        #expect(paths.count > 20)
        #expect(paths.filter { !FileManager.default.fileExists(atPath: $0) } == [])
    }

    @Test("are all in the README, and all that are in the README are there")
    func used() throws {
        let readme = try SourceTree.file("README.md").text
        let named = Set(readme.matches(of: #/man/[a-z]+\.svg/#).map { String($0.0.dropFirst(4)) })
        #expect(named == Set(try SourceTree.names(in: "man").filter { $0.hasSuffix(".svg") }))
        #expect(named.count == 2)
    }
}
