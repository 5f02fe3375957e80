internal import Crypto
package import PeerBundle
internal import SystemIO
internal import WireGuard

/// Many hosts that are to become peers, as somebody has written them down: CSV with a line of column names (RFC 4180), or
/// JSON Lines, an object of strings for each host.
package struct BatchFile: Sendable {
    /// One host, in the words of the file.
    package struct Row: Sendable {
        /// Where it stands, from 1.
        package let line: Int
        fileprivate var values: [(column: Column, text: String)] = []

        subscript(column: Column) -> String? { values.first { $0.column == column }?.text }
    }

    /// What can be said of a host; where several values are possible, there are blanks between them.
    package enum Column: String, CaseIterable, Sendable {
        case identity
        case name
        case address
        case endpoint
        case allowedIPs = "allowed-ips"
        case service
        case container
        case mesh
        case ownEndpoint = "own-endpoint"
        case note
    }

    /// The hosts, in the order of the file.
    package private(set) var rows: [Row] = []

    /// The most bytes that a file may have, some 300,000 hosts.
    package static let maximumByteCount = 1 << 26

    /// Reads the rows; what stands in them is looked at later, by ``Row/request(defaultPort:)``.
    ///
    /// - Parameter bytes: UTF-8.
    /// - Throws: ``BatchError``.
    package init(_ bytes: [UInt8]) throws(BatchError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw BatchError(1, .notText) }
        let blanks: [UInt8] = [0x20, 0x09, 0x0a, 0x0d]
        if bytes.first(where: { !blanks.contains($0) }) == UInt8(ascii: "{") {
            try readJSONLines(bytes)
        } else {
            try readCSV(bytes)
        }
        guard !rows.isEmpty else { throw BatchError(1, .noRows) }
    }

    private mutating func readCSV(_ bytes: [UInt8]) throws(BatchError) {
        var reader = CSVReader(bytes)
        var columns: [Column]?
        while let (line, fields) = try reader.next() {
            guard fields != [""] else { continue }
            guard let known = columns else {
                columns = try Self.columns(fields, line: line)
                continue
            }
            guard fields.count == known.count else { throw BatchError(line, .fieldCount(fields.count, known.count)) }
            var row = Row(line: line)
            for (column, field) in zip(known, fields) where !field.isEmpty { row.values.append((column, field)) }
            rows.append(row)
        }
    }

    private static func columns(_ names: [String], line: Int) throws(BatchError) -> [Column] {
        var columns: [Column] = []
        for name in names {
            guard let column = Column(rawValue: name) else { throw BatchError(line, .unknownColumn(name)) }
            guard !columns.contains(column) else { throw BatchError(line, .repeatedColumn(column)) }
            columns.append(column)
        }
        guard columns.contains(.identity) else { throw BatchError(line, .missing(.identity)) }
        return columns
    }

    private mutating func readJSONLines(_ bytes: [UInt8]) throws(BatchError) {
        for (index, line) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            var reader = JSONLineReader(line)
            guard !reader.isAtEnd else { continue }
            var row = Row(line: index + 1)
            guard let members = reader.object() else { throw BatchError(row.line, .notObject) }
            for (name, value) in members {
                guard let column = Column(rawValue: name) else { throw BatchError(row.line, .unknownColumn(name)) }
                guard row[column] == nil else { throw BatchError(row.line, .repeatedColumn(column)) }
                row.values.append((column, value))
            }
            rows.append(row)
        }
    }
}

extension BatchFile.Row {
    /// The name that is given in the row; `nil` if there is none.
    package var name: String? { self[.name] }

    /// What the row asks for.
    ///
    /// - Parameter defaultPort: Of an endpoint of the hub that is given without one.
    /// - Returns: The request.
    /// - Throws: ``BatchError`` for a value that is not what its column holds.
    package func request(defaultPort: UInt16) throws(BatchError) -> EnrolmentRequest {
        guard let text = self[.identity] else { throw BatchError(line, .missing(.identity)) }
        let identity: Identity
        do throws(IdentityTextError) { identity = try Identity(text: text) } catch {
            throw BatchError(line, .identity(error))
        }
        var request = EnrolmentRequest(identity: identity)
        request.name = try value(.name) { Name($0) }
        request.addresses = try list(.address) { IPAddress($0) }
        request.endpoints = try list(.endpoint) { Endpoint($0, defaultPort: defaultPort) }
        request.routes = try list(.allowedIPs) { IPPrefix($0) }
        request.services = try list(.service) { ServiceRequest($0) }
        request.container = try value(.container) { ContainerRequest(reference: $0) }
        request.isInMesh = try value(.mesh) { Bool(yesOrNo: $0) } ?? false
        request.ownEndpoints = try list(.ownEndpoint) { Endpoint($0, defaultPort: Network.defaultPort) }
        request.note = try value(.note) { Note($0) }
        return request
    }

    private func value<Value>(
        _ column: BatchFile.Column,
        _ parse: (String) -> Value?
    ) throws(BatchError) -> Value? {
        guard let text = self[column] else { return nil }
        guard let value = parse(text) else { throw BatchError(line, .invalid(column)) }
        return value
    }

    private func list<Value>(
        _ column: BatchFile.Column,
        _ parse: (String) -> Value?
    ) throws(BatchError) -> [Value] {
        guard let text = self[column] else { return [] }
        var list: [Value] = []
        for word in text.split(separator: " ") {
            guard let value = parse(String(word)) else { throw BatchError(line, .invalid(column)) }
            list.append(value)
        }
        return list
    }
}

/// Why a list of hosts cannot be used.
package struct BatchError: Error, Equatable {
    /// What is wrong.
    package enum Problem: Equatable, Sendable {
        case notText
        case noRows
        case unknownColumn(String)
        case repeatedColumn(BatchFile.Column)
        case missing(BatchFile.Column)
        /// So many fields where there are so many columns.
        case fieldCount(Int, Int)
        /// A quote that does not end, or has something after it.
        case quote
        /// Not one JSON object of strings, arrays of strings, and booleans.
        case notObject
        case identity(IdentityTextError)
        case invalid(BatchFile.Column)
        /// The same host, or the same name, stands in this line, too.
        case again(BatchFile.Column, line: Int)
        case request(KeystoreError)
    }

    /// Where, from 1.
    package let line: Int
    /// What is wrong there.
    package let problem: Problem

    /// Names a line and what is wrong with it.
    package init(_ line: Int, _ problem: Problem) {
        self.line = line
        self.problem = problem
    }
}

extension BatchError: CustomStringConvertible {
    package var description: String {
        switch problem {
        case .notText: "not UTF-8 text"
        case .noRows: "there is no host in it"
        case .unknownColumn(let name): "line \(line): there is no column '\(name.printable)'"
        case .repeatedColumn(let column): "line \(line): a second '\(column.rawValue)'"
        case .missing(let column): "line \(line): '\(column.rawValue)' is missing"
        case .fieldCount(let count, let columns): "line \(line): \(count) fields, but there are \(columns) columns"
        case .quote: "line \(line): a quote is not closed, or something follows it"
        case .notObject: "line \(line): not one JSON object of strings"
        case .identity(let error): "line \(line): \(error)"
        case .invalid(let column): "line \(line): '\(column.rawValue)' is not what it should be"
        case .again(let column, let other): "line \(line): the same '\(column.rawValue)' as in line \(other)"
        case .request(let error): "line \(line): \(error)"
        }
    }
}
