/// A block of addresses, as in a route or in WireGuard's allowed addresses; the bits after the prefix are zero.
package struct IPPrefix: Hashable, Comparable, Sendable {
    /// The first address of the block.
    package let address: IPAddress
    /// The number of leading bits that all addresses share: 0 to 32, or 0 to 128.
    package let length: Int

    /// Refuses an address with bits set after the prefix, so that one block has one spelling.
    ///
    /// - Returns: `nil` for such an address, or a length out of range.
    package init?(_ address: IPAddress, length: Int) {
        guard (0...address.family.bitCount).contains(length),
            address.number & Self.hostMask(address.family, length) == 0
        else { return nil }
        self.address = address
        self.length = length
    }

    /// The block that `address` lies in.
    ///
    /// - Parameters:
    ///   - address: Any address.
    ///   - length: Clamped to the range of the address's family.
    package init(containing address: IPAddress, length: Int) {
        self.length = min(max(0, length), address.family.bitCount)
        let number = address.number & ~Self.hostMask(address.family, self.length)
        self.address = IPAddress(family: address.family, number: number) ?? address
    }

    /// The block of one address.
    package init(single address: IPAddress) {
        self.init(containing: address, length: address.family.bitCount)
    }

    private static func hostMask(_ family: IPAddress.Family, _ length: Int) -> UInt128 {
        let hostBits = family.bitCount - length
        return hostBits == 128 ? UInt128.max : (1 << UInt128(hostBits)) - 1
    }

    /// The last address of the block.
    package var lastAddress: IPAddress {
        IPAddress(family: address.family, number: address.number | Self.hostMask(address.family, length)) ?? address
    }

    /// Tells whether `other` lies in the block.
    package func contains(_ other: IPAddress) -> Bool {
        other.family == address.family && (address.number...lastAddress.number).contains(other.number)
    }

    /// Tells whether the two blocks share an address.
    package func overlaps(_ other: IPPrefix) -> Bool { contains(other.address) || other.contains(address) }

    package static func < (left: IPPrefix, right: IPPrefix) -> Bool {
        (left.address, left.length) < (right.address, right.length)
    }

    /// Unspecified, loopback, link-local, multicast and broadcast blocks (RFC 6890).
    package static let reserved: [IPPrefix] = [
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
        "::/127", "::ffff:0:0/96", "fe80::/10", "ff00::/8",
    ].compactMap { IPPrefix($0) }
}

extension IPPrefix: LosslessStringConvertible {
    /// `address/length`.
    package var description: String { "\(address)/\(length)" }

    /// Reads `address/length`, or a bare address as the block of that one address.
    ///
    /// - Returns: `nil` for anything else, also where bits are set after the prefix.
    package init?(_ text: String) {
        guard let interface = InterfaceAddress(text),
            let prefix = IPPrefix(interface.address, length: interface.prefixLength)
        else { return nil }
        self = prefix
    }
}

extension IPPrefix {
    /// The blocks that need a route of their own: what peers may use, less what the addresses put on the link anyway.
    package static func routes(to allowed: [IPPrefix], besides addresses: [InterfaceAddress]) -> [IPPrefix] {
        let onLink = addresses.map(\.prefix)
        return Set(allowed).filter { prefix in
            !onLink.contains { $0.length <= prefix.length && $0.contains(prefix.address) }
        }.sorted()
    }
}

/// An address of an interface with the length of the prefix that is on its link.
package struct InterfaceAddress: Hashable, Comparable, Sendable {
    /// The host's own address.
    package let address: IPAddress
    /// 0 to 32, or 0 to 128.
    package let prefixLength: Int

    /// - Returns: `nil` for a length out of range.
    package init?(_ address: IPAddress, prefixLength: Int) {
        guard (0...address.family.bitCount).contains(prefixLength) else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    /// The block that is on the link.
    package var prefix: IPPrefix { IPPrefix(containing: address, length: prefixLength) }

    package static func < (left: InterfaceAddress, right: InterfaceAddress) -> Bool {
        (left.address, left.prefixLength) < (right.address, right.prefixLength)
    }
}

extension InterfaceAddress: LosslessStringConvertible {
    /// `address/length`.
    package var description: String { "\(address)/\(prefixLength)" }

    /// Reads `address/length`, or a bare address with the full length of its family.
    package init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else {
            guard let address = IPAddress(text) else { return nil }
            self.init(address, prefixLength: address.family.bitCount)
            return
        }
        guard let address = IPAddress(text[..<slash]), let length = UInt8(decimal: text[text.index(after: slash)...])
        else { return nil }
        self.init(address, prefixLength: Int(length))
    }
}
