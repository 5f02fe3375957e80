package import WireGuard

/// Who has which address on the link of one interface.
package struct AddressPool: Sendable {
    private let range: IPPrefix
    private let hostNumbers: ClosedRange<UInt128>
    // From the first address on; those of most networks are all here, which spares hashing a hundred thousand.
    private var isTaken: [Bool]
    private var takenBeyond: Set<UInt128> = []
    private var takenBlocks: [IPPrefix] = []
    // No host number below it is free, so that ten thousand addresses are found in one walk.
    private var lowest: UInt128

    /// Starts with the hub's own address taken.
    ///
    /// - Parameters:
    ///   - hub: One of the hub's addresses.
    ///   - capacity: How many addresses are about to be taken.
    package init(hub: InterfaceAddress, capacity: Int = 0) {
        range = hub.prefix
        isTaken = Array(repeating: false, count: 2 * capacity + 256)
        hostNumbers = Self.hostNumbers(of: hub.prefix)
        lowest = hostNumbers.lowerBound
        take(hub.address)
    }

    /// The block that the addresses lie in.
    package var prefix: IPPrefix { range }

    /// Marks an address as somebody's.
    package mutating func take(_ address: IPAddress) {
        guard range.contains(address) else { return }
        let offset = address.number - range.address.number
        if offset < isTaken.count { isTaken[Int(offset)] = true } else { takenBeyond.insert(address.number) }
        if address.number == lowest { skipTaken() }
    }

    /// Marks a block as somebody's.
    package mutating func take(_ block: IPPrefix) {
        if block.length == block.address.family.bitCount { return take(block.address) }
        takenBlocks.append(block)
        skipTaken()
    }

    private mutating func skipTaken() {
        while lowest < hostNumbers.upperBound {
            if let block = takenBlock(lowest) {
                lowest = min(block.lastAddress.number, hostNumbers.upperBound - 1) + 1
            } else if isTaken(lowest) {
                lowest += 1
            } else {
                break
            }
        }
    }

    private func takenBlock(_ number: UInt128) -> IPPrefix? {
        guard !takenBlocks.isEmpty, let address = IPAddress(family: range.address.family, number: number) else {
            return nil
        }
        return takenBlocks.first { $0.contains(address) }
    }

    /// Tells whether a host may have the address: in the range, neither its first nor its last one, and nobody's.
    package func isFree(_ address: IPAddress) -> Bool {
        hostNumbers.contains(address.number) && range.contains(address) && !isTaken(address.number)
            && takenBlock(address.number) == nil
    }

    private func isTaken(_ number: UInt128) -> Bool {
        let offset = number - range.address.number
        return offset < isTaken.count ? isTaken[Int(offset)] : takenBeyond.contains(number)
    }

    /// The lowest free address; `nil` if there is none.
    package var lowestFree: IPAddress? {
        IPAddress(family: range.address.family, number: lowest).flatMap { isFree($0) ? $0 : nil }
    }

    // The first address names the network (IPv4) or any router (IPv6, RFC 4291 2.6.1), the last is IPv4's broadcast; a
    // range of one or two addresses (RFC 3021) has neither.
    private static func hostNumbers(of range: IPPrefix) -> ClosedRange<UInt128> {
        let first = range.address.number
        let last = range.lastAddress.number
        return last - first < 2 ? first...last : (first + 1)...(last - 1)
    }
}
