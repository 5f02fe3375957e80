package import Crypto
package import WireGuard

extension Name {
    /// The name that looks most like `text`: in lower case, up to the first dot, an inner hyphen for what no name has.
    ///
    /// - Returns: `nil` if nothing is left.
    package init?(nearest text: String) {
        let label = text.lowercased().prefix { $0 != "." && !$0.isWhitespace }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let bytes = label.utf8.map { letters.contains($0) || digits.contains($0) ? $0 : UInt8(ascii: "-") }
            .drop { !letters.contains($0) }.prefix(31)
        let end = bytes.lastIndex { $0 != UInt8(ascii: "-") }.map { $0 + 1 } ?? bytes.startIndex
        self.init(String(decoding: bytes[..<end], as: UTF8.self))
    }

    /// A prefix, a hyphen, and the first characters of a fingerprint: 5, then more, up to 21.
    ///
    /// - Parameters:
    ///   - prefix: At most 5 characters of a name.
    ///   - fingerprint: Whose name it is.
    /// - Returns: Names to be tried in this order.
    package static func candidates(prefix: String, fingerprint: Fingerprint) -> some Sequence<Name> {
        let characters = fingerprint.description.lowercased().filter { $0 != "-" }
        return (5...21).lazy.compactMap { Name("\(prefix)-\(characters.prefix($0))") }
    }

    /// The first of ``candidates(prefix:fingerprint:)`` that nobody has.
    ///
    /// There is none if others have all of them.
    ///
    /// - Parameters:
    ///   - prefix: At most 5 characters of a name.
    ///   - fingerprint: Whose name it is.
    ///   - taken: The names of others.
    package init?(prefix: String, fingerprint: Fingerprint, besides taken: Set<Name>) {
        guard let name = Self.candidates(prefix: prefix, fingerprint: fingerprint).first(where: { !taken.contains($0) })
        else { return nil }
        self = name
    }
}
