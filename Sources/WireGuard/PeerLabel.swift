/// What a comment calls a peer.
struct PeerLabel {
    let text: String
    /// Whether the comment says that this is a name.
    let isMarked: Bool

    /// What comes before a name in files of people and programs.
    private static let marks = [
        "name =", "name=", "friendly_name =", "friendly_name=", "client:", "client ", "begin_peer ",
    ]

    /// Takes a comment with its hash.
    ///
    /// - Returns: `nil` for prose, and for anything that could be a key or a setting that somebody has turned off.
    init?(comment: Span<UInt8>) {
        let start = comment.indices.first { comment[$0] != UInt8(ascii: "#") && !comment[$0].isBlank } ?? comment.count
        let rest = comment.extracting(start...)
        let words = rest.extracting(rest.withoutBlankEnds)
        guard words.count <= 96, words.indices.allSatisfy({ (0x20...0x7e).contains(words[$0]) }) else { return nil }
        var text = words.string
        let mark = Self.marks.first { text.lowercased().hasPrefix($0) }
        text = String(text.dropFirst(mark?.count ?? 0).drop { $0 == " " })
        // What made the file may have its own number of the peer behind the name.
        if let number = text.firstRange(of: " (") { text = String(text[..<number.lowerBound]) }
        while text.last == " " { text.removeLast() }
        guard (1...31).contains(text.utf8.count), !text.contains("=") else { return nil }
        self.text = text
        isMarked = mark != nil
    }

    /// The last one that is marked, else the first one.
    static func better(_ old: PeerLabel?, _ new: PeerLabel?) -> PeerLabel? {
        guard let new, new.isMarked || old == nil else { return old }
        return new
    }
}

extension Span<UInt8> {
    /// The range of what is left without the blanks at either end.
    var withoutBlankEnds: Range<Int> {
        guard let first = indices.first(where: { !self[$0].isBlank }),
            let last = indices.last(where: { !self[$0].isBlank })
        else { return 0..<0 }
        return first..<last + 1
    }

    /// Public bytes as text; what is not UTF-8 is replaced.
    var string: String { String(decoding: indices.map { self[$0] }, as: UTF8.self) }

    /// Compares with ASCII text, whatever the case of the letters.
    func isEqual(to text: String) -> Bool {
        let text = Array(text.utf8)
        return count == text.count && indices.allSatisfy { self[$0].lowercased == text[$0].lowercased }
    }
}

extension UInt8 {
    /// A space, or a control character that stands for one: a tab, or the end of a line of another system.
    var isBlank: Bool { self == UInt8(ascii: " ") || (UInt8(ascii: "\t")...UInt8(ascii: "\r")).contains(self) }

    fileprivate var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
