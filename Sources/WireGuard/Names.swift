/// The name of a network interface.
///
/// Narrower than the kernel, which also takes templates such as `wg%d` and names that are awkward in paths.
package struct InterfaceName: Hashable, Sendable, LosslessStringConvertible {
    package let description: String

    /// Takes `[a-z][a-z0-9_-]{0,14}`, but not `all` or `default`, which sysctl has for itself.
    ///
    /// - Returns: `nil` for any other text.
    package init?(_ text: String) {
        guard text.isIdentifier(maximumLength: 15, punctuation: "-_"), text != "all", text != "default" else {
            return nil
        }
        description = text
    }
}

extension InterfaceName {
    /// The interface of a network on a host that has no other wish: `wg-tunnel` for the network `default`.
    ///
    /// For another network it is `wg-` and as much of the name as fits; a hyphen and a number take the place of its end
    /// where that name is taken.
    package init(network: Name, besides taken: Set<InterfaceName> = []) {
        let usual = network.description == "default" ? "wg-tunnel" : "wg-\(network)"
        var name = InterfaceName(valid: usual.prefix(15))
        var number = 2
        while taken.contains(name) {
            let end = "-\(number)"
            name = InterfaceName(valid: usual.prefix(15 - end.utf8.count) + end)
            number += 1
        }
        self = name
    }

    private init(valid text: some StringProtocol) { description = String(text) }
}

/// The name of a network, a peer, a service or a container: something people type, and that becomes part of paths.
package struct Name: Hashable, Comparable, Sendable, LosslessStringConvertible {
    package let description: String

    /// Takes `[a-z][a-z0-9-]{0,30}`.
    ///
    /// - Returns: `nil` for any other text.
    package init?(_ text: String) {
        guard text.isIdentifier(maximumLength: 31, punctuation: "-") else { return nil }
        description = text
    }

    /// Takes a name that stands in the source.
    package init(fixed text: StaticString) {
        let text = text.description
        precondition(text.isIdentifier(maximumLength: 31, punctuation: "-"))
        description = text
    }

    package static func < (left: Name, right: Name) -> Bool { left.description < right.description }
}

extension String {
    fileprivate func isIdentifier(maximumLength: Int, punctuation: String) -> Bool {
        guard let first = utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            utf8.count <= maximumLength
        else { return false }
        return utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || punctuation.utf8.contains(byte)
        }
    }
}
