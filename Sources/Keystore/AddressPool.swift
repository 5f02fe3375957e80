package import WireGuard

/// Who has which address on the link of one interface.
package struct AddressPool: Sendable {
    private let range: IPPrefix
    private var taken: Set<IPAddress>
    private var takenBlocks: [IPPrefix] = []

    /// Starts with the hub's own address taken.
    package init(hub: InterfaceAddress) {
        range = hub.prefix
        taken = [hub.address]
    }

    /// The block that the addresses lie in.
    package var prefix: IPPrefix { range }

    /// Marks an address as somebody's.
    package mutating func take(_ address: IPAddress) { taken.insert(address) }

    /// Marks a block as somebody's.
    package mutating func take(_ block: IPPrefix) {
        if block.length == block.address.family.bitCount { take(block.address) } else { takenBlocks.append(block) }
    }

    /// Tells whether a host may have the address: in the range, neither its first nor its last one, and nobody's.
    package func isFree(_ address: IPAddress) -> Bool {
        hostNumbers.contains(address.number) && range.contains(address) && !taken.contains(address)
            && !takenBlocks.contains { $0.contains(address) }
    }

    /// The lowest free address; `nil` if there is none.
    package var lowestFree: IPAddress? {
        // At most one more candidate than there are takers, however wide the range and the blocks.
        var number = hostNumbers.lowerBound
        while number <= hostNumbers.upperBound, let address = IPAddress(family: range.address.family, number: number) {
            if isFree(address) { return address }
            let last = takenBlocks.filter { $0.contains(address) }.map(\.lastAddress.number).max() ?? number
            guard last < UInt128.max else { return nil }
            number = last + 1
        }
        return nil
    }

    // The first address names the network (IPv4) or any router (IPv6, RFC 4291 2.6.1), the last is IPv4's broadcast; a
    // range of one or two addresses (RFC 3021) has neither.
    private var hostNumbers: ClosedRange<UInt128> {
        let first = range.address.number
        let last = range.lastAddress.number
        return last - first < 2 ? first...last : (first + 1)...(last - 1)
    }
}

extension IPPrefix {
    /// Finds a range for a new network: 10.0.0.0/24, or else the next /24 of 10.0.0.0/8 that no route overlaps.
    ///
    /// - Parameter routes: The destinations of this host's routes; a default route does not count.
    /// - Returns: `nil` if all 65,536 are routed.
    package static func freeRange(besides routes: [IPPrefix]) -> IPPrefix? {
        let routes = routes.filter { $0.length > 0 }
        let candidates = (0...UInt16.max).lazy.map { number in
            IPPrefix(
                containing: IPAddress(10, UInt8(number >> 8), UInt8(truncatingIfNeeded: number), 0),
                length: 24
            )
        }
        return candidates.first { candidate in !routes.contains { $0.overlaps(candidate) } }
    }
}
