internal import Foundation

/// The checked-out package, read as text: what SwiftPM does not enforce, tests do.
package enum SourceTree {
    /// The absolute path of the package, found through this file's own.
    package static let root = String(#filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" })

    /// Reads every regular file below a folder, in the order of the paths, but not the fuzzer's seeds, which are no text.
    ///
    /// - Parameters:
    ///   - folder: Relative to the package, for instance `Sources`.
    ///   - suffix: How the name ends, for instance `.swift`; the empty string takes all.
    /// - Returns: The files, with paths relative to the package.
    /// - Throws: What Foundation says of a folder or file that cannot be read as UTF-8.
    package static func files(under folder: String, suffix: String = ".swift") throws -> [SourceFile] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
            .filter { $0.hasSuffix(suffix) }
            .map { "\(folder)/\($0)" }
            .filter { !$0.hasPrefix("Tests/Fuzz/Seeds/") }
            .filter { !isDirectory("\(root)/\($0)") }
            .sorted()
            .map { try file($0) }
    }

    /// Reads one file.
    ///
    /// - Parameter path: Relative to the package.
    /// - Returns: The file, under the path that was given.
    /// - Throws: What Foundation says of a file that cannot be read as UTF-8.
    package static func file(_ path: String) throws -> SourceFile {
        SourceFile(path: path, text: try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8))
    }

    /// Lists the folders and files directly in a folder.
    ///
    /// - Parameter folder: Relative to the package.
    /// - Returns: Their names, sorted.
    /// - Throws: What Foundation says of a folder that cannot be read.
    package static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted()
    }

    private static func isDirectory(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)[.type]) as? FileAttributeType == .typeDirectory
    }
}

/// One text file of the package, or one that a test makes up.
package struct SourceFile: Sendable {
    /// Relative to the package, for instance `Sources/Crypto/Identity.swift`.
    package let path: String
    /// All of it.
    package let text: String

    /// Takes text that a test made up, or read elsewhere.
    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// The lines, without their ends; a final end of line starts no further line.
    package var lines: [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.last == "" ? lines.dropLast() : lines
    }
}
