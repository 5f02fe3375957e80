internal import Foundation

/// Commands with all that comes of them, in a file for people to read side by side.
///
/// A line that starts with `$ ` is a command of the shell. Below it stand the lines of its standard output after two blanks,
/// those of standard error after `! `, and after `= ` an exit status that is not 0. All other lines say something about
/// what follows.
package enum TranscriptText {
    /// Runs the commands of a file, in its order, and compares what comes of them with what it says.
    ///
    /// With `WGSEAL_WRITE_TRANSCRIPTS` set, the file is written anew instead, for somebody to read what has changed.
    ///
    /// - Parameters:
    ///   - path: Relative to the package.
    ///   - run: Runs one line of the shell.
    /// - Returns: The commands of which something else came than the file says, each with what came of it.
    /// - Throws: What reading the file or running a command meets.
    package static func differences(
        in path: String,
        _ run: (_ command: String) async throws -> Tool.Result
    ) async throws -> [String] {
        let entries = entries(of: try SourceTree.file(path).text)
        var found: [String] = []
        for entry in entries {
            guard let command = entry.command else {
                found.append(entry.text)
                continue
            }
            found.append("$ \(command)\n" + normalized(lines(of: try await run(command))))
        }
        if ProcessInfo.processInfo.environment["WGSEAL_WRITE_TRANSCRIPTS"] != nil {
            try found.joined().write(toFile: "\(SourceTree.root)/\(path)", atomically: true, encoding: .utf8)
        }
        return zip(entries, found).filter { $0.text != $1 }.map { $1 }
    }

    /// The commands of a file.
    ///
    /// - Parameter path: Relative to the package.
    /// - Returns: In its order.
    /// - Throws: What reading the file meets.
    package static func commands(in path: String) throws -> [String] {
        entries(of: try SourceTree.file(path).text).compactMap(\.command)
    }

    private static func entries(of text: String) -> [(command: String?, text: String)] {
        var entries: [(command: String?, text: String)] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let isResult = ["  ", "! ", "= "].contains(String(line.prefix(2)))
            if isResult, !entries.isEmpty {
                entries[entries.count - 1].text += "\(line)\n"
            } else {
                entries.append((line.hasPrefix("$ ") ? String(line.dropFirst(2)) : nil, "\(line)\n"))
            }
        }
        return entries
    }

    private static func lines(of result: Tool.Result) -> String {
        func marked(_ text: String, _ mark: String) -> String {
            guard !text.isEmpty else { return "" }
            let isComplete = text.hasSuffix("\n")
            let lines = (isComplete ? text.dropLast() : text[...]).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            return lines.map { "\(mark)\($0)" }.joined(separator: "\n") + (isComplete ? "\n" : " (no end of line)\n")
        }
        return marked(result.text, "  ") + marked(result.error, "! ")
            + (result.status == 0 ? "" : "= \(result.status)\n")
    }

    /// What is another in each run: keys and what is made of them, times, processes.
    private static func normalized(_ text: String) -> String {
        text
            .replacing(#/wgid1[a-z0-9]{100,}/#) { _ in "wgid1…" }
            .replacing(#/[0-9A-Z]{5}(-[0-9A-Z]{5}){4}/#) { _ in "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX" }
            .replacing(#/[A-Za-z0-9+/]{43}=/#) { _ in "BASE64" }
            .replacing(#/\b[0-9a-f]{32}\b/#) { _ in "HEXADECIMAL" }
            .replacing(#/peer-[a-z0-9]{5}\b/#) { _ in "peer-xxxxx" }
            .replacing(#/\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?( ?Z| UTC)?/#) { _ in "YYYY-MM-DD hh:mm" }
            .replacing(#/\b1[789]\d{8}\b/#) { _ in "SECONDS" }
            .replacing(#/\b\d+ ms\b/#) { _ in "N ms" }
            .replacing(#/(/[A-Za-z0-9._-]+)+/wgseal-test-[A-F0-9-]+/#) { _ in "/tmp/…" }
    }
}
