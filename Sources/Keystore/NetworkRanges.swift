internal import Crypto
package import WireGuard

/// Which addresses a new network is to have.
package struct NetworkRanges: Sendable {
    /// Blocks that are to be taken as they are, at most one of each family; without one of IPv4, a free one is chosen.
    package var given: [IPPrefix] = []
    /// Whether a random block of IPv6 is to be chosen, if none is given.
    package var hasIPv6 = false
    /// How many hosts there must be room for, the hub not among them.
    package var hostCount = 1

    /// One /24, as most networks have.
    package init() {}

    /// Networks that container engines make on hosts where there is none yet: Podman's `10.88.0.0/16`, and what it takes
    /// after that.
    private static let containerPools = ["10.88.0.0/16", "10.89.0.0/16"].compactMap { IPPrefix($0) }

    /// Chooses.
    ///
    /// - Parameter routes: The destinations of this host's routes, and the ranges of its other networks; a default route
    ///   does not count.
    /// - Returns: A block of IPv4, then one of IPv6 where that is wanted.
    /// - Throws: ``KeystoreError/noFreeRange``, ``KeystoreError/rangeTaken(_:by:)``, or ``KeystoreError/smallRange(_:)``.
    func choose(besides routes: [IPPrefix]) throws(KeystoreError) -> [IPPrefix] {
        for range in given {
            if let route = routes.first(where: { $0.length > 0 && $0.overlaps(range) }) {
                throw .rangeTaken(range, by: route)
            }
            guard range.address.family.bitCount - range.length >= Self.hostBitCount(hostCount) else {
                throw .smallRange(range)
            }
        }
        var ranges = given.sorted()
        if !ranges.contains(where: { $0.address.family == .v4 }) {
            let length = min(24, 32 - Self.hostBitCount(hostCount))
            guard let range = IPPrefix.freeRange(besides: routes + Self.containerPools, length: length) else {
                throw .noFreeRange
            }
            ranges.insert(range, at: 0)
        }
        if hasIPv6, !ranges.contains(where: { $0.address.family == .v6 }), let range = IPPrefix.randomLocal() {
            ranges.append(range)
        }
        return ranges
    }

    // The hub, and the two addresses that no host has, need some, too.
    private static func hostBitCount(_ count: Int) -> Int { Int.bitWidth - (count + 2).leadingZeroBitCount }
}

extension IPPrefix {
    /// Finds a range for a new network: the first block of 10.0.0.0/8 that no route overlaps.
    ///
    /// - Parameters:
    ///   - routes: The destinations of this host's routes; a default route does not count.
    ///   - length: That of the block's prefix, 8 to 32.
    /// - Returns: `nil` if all are routed, in part at least.
    package static func freeRange(besides routes: [IPPrefix], length: Int = 24) -> IPPrefix? {
        guard (8...32).contains(length) else { return nil }
        let routes = routes.filter { $0.length > 0 }
        let size = UInt128(1) << (32 - length)
        let candidates = (0..<(UInt128(1) << (length - 8))).lazy.compactMap { number in
            IPAddress(family: .v4, number: 10 << 24 + number * size)
                .flatMap { IPPrefix(containing: $0, length: length) }
        }
        return candidates.first { candidate in !routes.contains { $0.overlaps(candidate) } }
    }

    /// The first /64 of a block that nobody else has chosen, most probably: `fd`, 40 random bits (RFC 4193, 3.1).
    fileprivate static func randomLocal() -> IPPrefix? {
        let random = [UInt8].random(count: 5).reduce(0xfd) { $0 << 8 | UInt128($1) }
        return IPAddress(family: .v6, number: random << 80).flatMap { IPPrefix($0, length: 64) }
    }
}
