import TestSupport

/// A Swift file without its comments and the text of its literals, so that no word of theirs is taken for code.
struct SwiftCode {
    /// The file as it is.
    let file: SourceFile
    /// The lines of the file, those parts replaced by spaces; the code in an interpolation stays.
    let lines: [String]
    /// The modules that the file imports.
    let imports: Set<String>

    init(_ file: SourceFile) {
        self.file = file
        var scanner = Scanner(Array(file.text.utf8))
        lines = String(decoding: scanner.code(), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        imports = Set(lines.compactMap { ImportTable.importedModule(in: $0) })
    }

    /// Takes text that a test plants in a module.
    init(_ text: String, in module: String) {
        self.init(SourceFile(path: "Sources/\(module)/Planted.swift", text: text))
    }

    /// All Swift files of the product, read once.
    static func sources() throws -> [SwiftCode] { try read.get() }

    private static let read = Result { try SourceTree.files(under: "Sources").map(SwiftCode.init) }

    /// The identifiers of a line, each with what stands around it.
    static func words(in line: String) -> [Word] {
        let bytes = Array(line.utf8)
        func isPart(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
                true
            default: false
            }
        }
        var words: [Word] = []
        var index = 0
        while index < bytes.count {
            guard isPart(bytes[index]) else {
                index += 1
                continue
            }
            let end = bytes[index...].firstIndex { !isPart($0) } ?? bytes.count
            let before = bytes[..<index].last { $0 != UInt8(ascii: " ") }
            words.append(
                Word(
                    text: String(decoding: bytes[index..<end], as: UTF8.self),
                    isMember: before == UInt8(ascii: ".") && words.last?.text != "Glibc",
                    isCalled: end < bytes.count && bytes[end] == UInt8(ascii: "("),
                    isDeclared: words.last?.text == "func" || words.last?.text == "case"
                )
            )
            index = end
        }
        return words
    }

    /// An identifier in a line of code.
    struct Word: Equatable {
        let text: String
        /// After a dot, unless what stands before the dot is `Glibc`.
        let isMember: Bool
        /// Directly before a parenthesis.
        let isCalled: Bool
        /// Introduced here, by `func` or `case`.
        let isDeclared: Bool
    }
}

/// Walks through Swift text and blanks comments and literals.
private struct Scanner {
    private enum Place: Equatable {
        case code
        case lineComment
        case blockComment
        case literal(quotes: Int, pounds: Int)
        /// In the parentheses of an interpolation; the number of open ones.
        case interpolation(depth: Int)
    }

    private let text: [UInt8]
    private var index = 0
    private var places: [Place] = [.code]
    private var output: [UInt8] = []

    init(_ text: [UInt8]) { self.text = text }

    mutating func code() -> [UInt8] {
        while index < text.count { step() }
        return output
    }

    private mutating func step() {
        switch places.last ?? .code {
        case .code: stepInCode()
        case .interpolation(let depth):
            if text[index] == UInt8(ascii: "(") { places[places.count - 1] = .interpolation(depth: depth + 1) }
            if text[index] == UInt8(ascii: ")") {
                places.removeLast()
                if depth > 1 { places.append(.interpolation(depth: depth - 1)) }
            }
            stepInCode()
        case .lineComment:
            if text[index] == UInt8(ascii: "\n") { places.removeLast() }
            blank(1)
        case .blockComment:
            if starts(with: "*/") { leave(2) } else if starts(with: "/*") { enter(.blockComment, 2) } else { blank(1) }
        case .literal(let quotes, let pounds):
            guard text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "\\") else { return blank(1) }
            let mark = String(repeating: "#", count: pounds)
            if starts(with: String(repeating: "\"", count: quotes) + mark) {
                leave(quotes + pounds)
            } else if starts(with: "\\\(mark)(") {
                enter(.interpolation(depth: 1), 2 + pounds)
            } else {
                blank(starts(with: "\\\(mark)") ? 2 + pounds : 1)
            }
        }
    }

    private mutating func stepInCode() {
        guard "/#\"".utf8.contains(text[index]) else {
            output.append(text[index])
            index += 1
            return
        }
        let pounds = text[index...].prefix { $0 == UInt8(ascii: "#") }.count
        let mark = String(repeating: "#", count: pounds)
        if starts(with: "//") {
            enter(.lineComment, 2)
        } else if starts(with: "/*") {
            enter(.blockComment, 2)
        } else if starts(with: mark + "\"\"\"") {
            enter(.literal(quotes: 3, pounds: pounds), 3 + pounds)
        } else if starts(with: mark + "\"") {
            enter(.literal(quotes: 1, pounds: pounds), 1 + pounds)
        } else {
            output.append(text[index])
            index += 1
        }
    }

    private func starts(with prefix: String) -> Bool { text[index...].starts(with: prefix.utf8) }

    private mutating func enter(_ place: Place, _ count: Int) {
        places.append(place)
        blank(count)
    }

    private mutating func leave(_ count: Int) {
        places.removeLast()
        blank(count)
    }

    private mutating func blank(_ count: Int) {
        for byte in text[index...].prefix(count) {
            output.append(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
        }
        index = min(index + count, text.count)
    }
}
