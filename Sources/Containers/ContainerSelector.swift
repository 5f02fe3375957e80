package import WireGuard

/// Which container of the operator's own a tunnel is for: by name, identifier or labels.
package struct ContainerSelector: Hashable, Sendable {
    /// One label that a container must have.
    struct Label: Hashable {
        let key: String
        let value: String
    }

    enum Kind: Hashable {
        case name(String)
        case labels([Label])
    }

    let kind: Kind
    /// What the operator wrote.
    package let description: String

    /// A container of this name.
    package init(name: Name) {
        description = name.description
        kind = .name(description)
    }

    /// Whether the engine's tool takes it in place of a container.
    package var isName: Bool { if case .name = kind { true } else { false } }
}

extension ContainerSelector: LosslessStringConvertible {
    private static let composeProject = "com.docker.compose.project"
    private static let composeService = "com.docker.compose.service"

    /// Reads `NAME` or an identifier, `label:KEY=VALUE` with more of them after commas, or `compose:PROJECT/SERVICE`.
    ///
    /// Names have 1 to 128 letters, digits and `_.-`, and do not begin with `.` or `-`; keys and values have printable
    /// ASCII without blanks, commas and quotation marks, at most 256 characters.
    ///
    /// - Returns: `nil` for any other text.
    package init?(_ text: String) {
        description = text
        if text.hasPrefix("label:") {
            let parts = text.dropFirst("label:".count).split(separator: ",", omittingEmptySubsequences: false)
            let labels = parts.compactMap(Label.init)
            guard labels.count == parts.count, labels.count <= 16 else { return nil }
            kind = .labels(labels)
        } else if text.hasPrefix("compose:") {
            let parts = text.dropFirst("compose:".count).split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy(Self.isName) else { return nil }
            kind = .labels([
                Label(key: Self.composeProject, value: String(parts[0])),
                Label(key: Self.composeService, value: String(parts[1])),
            ])
        } else {
            guard Self.isName(text[...]) else { return nil }
            kind = .name(text)
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        guard (1...128).contains(text.utf8.count), let first = text.first, first != ".", first != "-" else {
            return false
        }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || "_.-".unicodeScalars.contains(scalar))
        }
    }
}

extension ContainerSelector.Label {
    fileprivate init?(_ text: Substring) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex, text.utf8.count <= 256,
            text.utf8.allSatisfy({ (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) && $0 != UInt8(ascii: "\"") })
        else { return nil }
        key = String(text[..<equals])
        value = String(text[text.index(after: equals)...])
    }
}
