package import Crypto

/// A container that the issuer asks the recipient to run; it does so only where its own policy allows the image.
package struct ContainerRequest: Hashable, Sendable {
    /// The repository, without tag or digest.
    package let image: ImageName
    /// SHA-256 of the image's manifest.
    package let digest: Bytes32
    /// What follows the image on the engine's command line, in order.
    package let arguments: [String]

    /// The most arguments.
    package static let maximumArgumentCount = 64
    /// The longest argument, in bytes.
    package static let maximumArgumentByteCount = 1024

    /// - Throws: ``BundleError/field(_:_:)`` for too many arguments, or one that is too long or has other characters than
    ///   those of printable ASCII.
    package init(image: ImageName, digest: Bytes32, arguments: [String] = []) throws(BundleError) {
        guard arguments.count <= Self.maximumArgumentCount else {
            throw .field("container argument", .count(limit: Self.maximumArgumentCount))
        }
        for argument in arguments {
            guard argument.utf8.count <= Self.maximumArgumentByteCount,
                argument.utf8.allSatisfy((UInt8(ascii: " ")...UInt8(ascii: "~")).contains)
            else {
                throw .field("container argument", .value(mustBe: "at most 1024 printable ASCII characters"))
            }
        }
        self.image = image
        self.digest = digest
        self.arguments = arguments
    }

    /// `repository@sha256:…`, which names one image for ever.
    package var reference: String { "\(image)@sha256:\(digest.hexadecimal)" }
}

/// The repository of a container image, such as `nginx` or `registry.example:5000/team/app`.
package struct ImageName: Hashable, Sendable, LosslessStringConvertible {
    /// The text that was read.
    package let description: String

    /// Takes 1 to 255 characters: parts with `/` between them.
    ///
    /// A part is made of runs of `a` to `z` and digits, joined by `.`, `_`, `__` or any number of `-`; the first of
    /// several may end in `:` and a port.
    ///
    /// - Returns: `nil` for anything else.
    package init?(_ text: String) {
        guard (1...255).contains(text.utf8.count) else { return nil }
        var parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.count > 1, let colon = parts[0].firstIndex(of: UInt8(ascii: ":")) {
            let port = parts[0][parts[0].index(after: colon)...]
            guard (1...5).contains(port.count), port.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
                return nil
            }
            parts[0] = parts[0][..<colon]
        }
        guard parts.allSatisfy(Self.isPart) else { return nil }
        description = text
    }

    private static func isPart(_ part: Substring.UTF8View) -> Bool {
        var separator: [UInt8] = []
        var endsInWord = false
        for byte in part {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard isSeparator(separator) else { return false }
                separator = []
                endsInWord = true
            default:
                guard endsInWord || !separator.isEmpty else { return false }
                separator.append(byte)
                endsInWord = false
            }
        }
        return endsInWord
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return bytes.allSatisfy { $0 == hyphen }
            || [[UInt8](".".utf8), Array("_".utf8), Array("__".utf8)].contains(bytes)
    }
}
