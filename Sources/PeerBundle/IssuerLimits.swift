internal import WireGuard

/// What this host lets the bundles of one issuer do.
package struct IssuerLimits: Equatable, Sendable {
    /// The largest block of IPv4 addresses that may be routed into the tunnel, all blocks of a bundle taken together.
    package var shortestPrefixLengthV4: UInt8
    /// The same for IPv6.
    package var shortestPrefixLengthV6: UInt8
    /// Whether a peer may take all traffic, as `0.0.0.0/0` or `::/0`.
    package var allowsDefaultRoute: Bool
    /// The images that may be run.
    package var allowedImages: [ImagePattern]

    /// The narrow limits of an issuer for whom nothing else was said.
    package init(
        shortestPrefixLengthV4: UInt8 = 8,
        shortestPrefixLengthV6: UInt8 = 32,
        allowsDefaultRoute: Bool = false,
        allowedImages: [ImagePattern] = []
    ) {
        self.shortestPrefixLengthV4 = shortestPrefixLengthV4
        self.shortestPrefixLengthV6 = shortestPrefixLengthV6
        self.allowsDefaultRoute = allowsDefaultRoute
        self.allowedImages = allowedImages
    }

    func shortestPrefixLength(_ family: IPAddress.Family) -> Int {
        Int(family == .v4 ? shortestPrefixLengthV4 : shortestPrefixLengthV6)
    }
}

/// An image name, or with a final `/*` all names below it.
package struct ImagePattern: Hashable, Sendable, LosslessStringConvertible {
    /// The text that was read.
    package let description: String

    /// - Returns: `nil` if what is before the final `/*` is not an ``ImageName``.
    package init?(_ text: String) {
        guard ImageName(text.hasSuffix("/*") ? String(text.dropLast(2)) : text) != nil else { return nil }
        description = text
    }

    /// Compares the spelling: `nginx` does not stand for `docker.io/library/nginx`.
    package func matches(_ image: ImageName) -> Bool {
        description.hasSuffix("/*")
            ? image.description.hasPrefix(description.dropLast()) : image.description == description
    }
}
