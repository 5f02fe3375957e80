internal import Foundation

/// A directory of one test, mode 0700, removed with all that is in it when the value dies.
package struct TemporaryDirectory: ~Copyable, Sendable {
    /// Absolute, without a final slash.
    package let path: String

    /// Makes a directory with a name of its own.
    ///
    /// - Throws: What Foundation says when there is no room for one.
    package init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "wgseal-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit {
        // Nothing to be done about a directory that a test made unremovable, and the test has its verdict.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of something in the directory.
    package borrowing func path(of name: String) -> String { "\(path)/\(name)" }

    /// Writes a file.
    ///
    /// - Returns: Its path.
    /// - Throws: What Foundation says of a file that cannot be made.
    @discardableResult
    package borrowing func write(_ contents: [UInt8], to name: String, mode: Int = 0o600) throws -> String {
        let path = path(of: name)
        try Data(contents).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    /// Reads a file.
    ///
    /// - Throws: What Foundation says of a file that cannot be read.
    package borrowing func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path(of: name))))
    }

    /// The names in the directory, hidden ones too, sorted.
    ///
    /// - Throws: What Foundation says of a directory that cannot be read.
    package borrowing func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}
