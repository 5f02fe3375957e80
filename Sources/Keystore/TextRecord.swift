/// A small text file of `key = value` lines, as people read and write it: blank lines and lines that start with `#` are
/// comments, every key stands once, an unknown key is an error.
package struct TextRecord: Sendable {
    private struct Entry {
        let value: String
        let line: Int
    }

    /// The file, for messages.
    package let file: String
    private var entries: [String: Entry] = [:]

    /// The most bytes that a record may have.
    package static let maximumByteCount = 65_536

    /// Reads the lines of a file.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - file: The file's path, for messages.
    ///   - keys: Every key that may occur.
    /// - Throws: ``RecordError``, naming the line.
    package init(_ bytes: [UInt8], file: String, keys: [String]) throws(RecordError) {
        self.file = file
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw RecordError(file: file, line: nil, problem: .notText)
        }
        // Bytes, as strings cost ten times as much, which shows where there are ten thousand peers.
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() { try add(Self.trimmed(line), number: index + 1, keys: keys) }
    }

    private mutating func add(_ line: ArraySlice<UInt8>, number: Int, keys: [String]) throws(RecordError) {
        guard let first = line.first, first != UInt8(ascii: "#") else { return }
        func error(_ problem: RecordError.Problem) -> RecordError {
            RecordError(file: file, line: number, problem: problem)
        }
        // What reaches a terminal in a message or a table must not be able to move its cursor.
        guard Self.isText(line) else { throw error(.notText) }
        guard let separator = line.firstIndex(of: UInt8(ascii: "=")) else { throw error(.notAssignment) }
        let key = String(decoding: Self.trimmed(line[..<separator]), as: UTF8.self)
        let value = Self.trimmed(line[(separator + 1)...])
        guard let known = keys.first(where: { $0 == key }) else { throw error(.unknownKey) }
        guard !value.isEmpty else { throw error(.invalid(key: known, expected: "a value")) }
        guard entries[known] == nil else { throw error(.duplicate(key: known)) }
        entries[known] = Entry(value: String(decoding: value, as: UTF8.self), line: number)
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let start = text.firstIndex(where: { !isBlank($0) }), let end = text.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return text[start...end]
    }

    private static func isText(_ line: ArraySlice<UInt8>) -> Bool {
        if line.allSatisfy({ (0x20...0x7e).contains($0) || $0 == UInt8(ascii: "\t") }) { return true }
        return String(decoding: line, as: UTF8.self).unicodeScalars.allSatisfy { !$0.isControl || $0 == "\t" }
    }

    /// The value of a key that need not be there.
    ///
    /// - Parameters:
    ///   - key: One of the record's keys.
    ///   - expected: What the value should be, for the message.
    ///   - parse: Gives `nil` for a value that is not that.
    /// - Returns: `nil` if the key is not there.
    /// - Throws: ``RecordError`` with ``RecordError/Problem/invalid(key:expected:)``.
    package func optional<Value>(
        _ key: String,
        _ expected: String,
        _ parse: (String) -> Value?
    ) throws(RecordError) -> Value? {
        guard let entry = entries[key] else { return nil }
        guard let value = parse(entry.value) else {
            throw RecordError(file: file, line: entry.line, problem: .invalid(key: key, expected: expected))
        }
        return value
    }

    /// The value of a key that must be there.
    ///
    /// - Parameters:
    ///   - key: One of the record's keys.
    ///   - expected: What the value should be, for the message.
    ///   - parse: Gives `nil` for a value that is not that.
    /// - Returns: The value.
    /// - Throws: ``RecordError`` with ``RecordError/Problem/missing(key:)`` or
    ///   ``RecordError/Problem/invalid(key:expected:)``.
    package func required<Value>(
        _ key: String,
        _ expected: String,
        _ parse: (String) -> Value?
    ) throws(RecordError) -> Value {
        guard let value = try optional(key, expected, parse) else {
            throw RecordError(file: file, line: nil, problem: .missing(key: key))
        }
        return value
    }

    /// The values of a key that holds a list with commas between them.
    ///
    /// - Parameters:
    ///   - key: One of the record's keys.
    ///   - expected: What each value should be, for the message.
    ///   - parse: Gives `nil` for a value that is not that.
    /// - Returns: None where the key is missing.
    /// - Throws: ``RecordError`` with ``RecordError/Problem/invalid(key:expected:)``.
    package func list<Value>(
        _ key: String,
        _ expected: String,
        _ parse: (String) -> Value?
    ) throws(RecordError) -> [Value] {
        try optional(key, expected) { text in
            var values: [Value] = []
            for item in Array(text.utf8).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                guard let value = parse(String(decoding: Self.trimmed(item), as: UTF8.self)) else { return nil }
                values.append(value)
            }
            return values
        } ?? []
    }
}

/// Collects the lines of a record that is to be written.
struct TextRecordWriter {
    private(set) var text: String

    /// Starts with comment lines that say what the file is.
    init(comment: String) {
        text = comment.split(separator: "\n").map { "# \($0)\n" }.joined()
    }

    mutating func add(_ key: String, _ value: some CustomStringConvertible) {
        text += "\(key) = \(value)\n"
    }

    mutating func add(_ key: String, ifPresent value: (some CustomStringConvertible)?) {
        if let value { add(key, value) }
    }

    mutating func add(_ key: String, list values: [some CustomStringConvertible]) {
        if !values.isEmpty { add(key, values.map(\.description).joined(separator: ", ")) }
    }

    var bytes: [UInt8] { Array(text.utf8) }
}

/// Why a text record was refused; the value itself is never part of it, as somebody may have pasted a secret there.
package struct RecordError: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    package enum Problem: Equatable, Sendable {
        /// Not UTF-8, or a control character.
        case notText
        case notAssignment
        case unknownKey
        case duplicate(key: String)
        case missing(key: String)
        case invalid(key: String, expected: String)
        /// The checksum does not belong to the lines above it.
        case checksum
    }

    /// The path of the file.
    package let file: String
    /// Counted from 1; `nil` where no single line is to blame.
    package let line: Int?
    /// What is wrong.
    package let problem: Problem

    package var description: String {
        let place = line.map { "\(file), line \($0)" } ?? file
        return switch problem {
        case .notText: "\(place): not plain text"
        case .notAssignment: "\(place): not a 'key = value' line"
        case .unknownKey: "\(place): unknown key"
        case .duplicate(let key): "\(place): a second '\(key)'"
        case .missing(let key): "\(place): '\(key)' is missing"
        case .invalid(let key, let expected): "\(place): '\(key)' is not \(expected)"
        case .checksum: "\(place): the checksum does not match"
        }
    }
}

extension Unicode.Scalar {
    /// Whether it steers a terminal, or is not one place of a line.
    var isControl: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}
