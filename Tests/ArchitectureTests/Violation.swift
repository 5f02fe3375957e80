import TestSupport

/// A place where a file breaks a rule of the house.
struct Violation: Equatable, CustomStringConvertible {
    let path: String
    /// The line, counted from 1.
    let line: Int
    /// The rule, in a few words.
    let rule: String

    var description: String { "\(path):\(line): \(rule)" }
}

extension SourceFile {
    /// The folder under `Sources` that the file is in: its module.
    var module: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : ""
    }
}
