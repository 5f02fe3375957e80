/// The name of a container image, as an engine's command line takes it: `nginx`, `registry.example:5000/app:2`,
/// `app@sha256:…`.
package struct ImageReference: Hashable, Sendable, LosslessStringConvertible {
    package let description: String

    /// Takes 1 to 512 characters of printable ASCII without blanks, of which the first is a letter or a digit; what else
    /// is wrong with a reference, the engine says.
    ///
    /// - Returns: `nil` for any other text.
    package init?(_ text: String) {
        guard (1...512).contains(text.utf8.count),
            text.utf8.allSatisfy((UInt8(ascii: "!")...UInt8(ascii: "~")).contains),
            let first = text.first, first.isLetter || first.isNumber
        else { return nil }
        description = text
    }

    private init(literal text: StaticString) { description = "\(text)" }

    static let nginx = ImageReference(literal: "nginx")
    static let curl = ImageReference(literal: "curlimages/curl")
    static let qualifiedNginx = ImageReference(literal: "docker.io/library/nginx")
    static let qualifiedCurl = ImageReference(literal: "docker.io/curlimages/curl")

    /// The reference without tag, digest and the name of the default registry.
    var repository: Substring {
        var text = description.prefix { $0 != "@" }
        let lastPart = text.lastIndex(of: "/") ?? text.startIndex
        if let colon = text[lastPart...].firstIndex(of: ":") { text = text[..<colon] }
        return text.hasPrefix("docker.io/") ? text.dropFirst("docker.io/".count) : text
    }
}
