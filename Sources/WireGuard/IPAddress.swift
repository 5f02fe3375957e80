/// An IPv4 or IPv6 address.
///
/// Ordered by family, then bytewise: the order of the bundle format.
package struct IPAddress: Hashable, Comparable, Sendable {
    /// The address family.
    package enum Family: UInt8, Hashable, Comparable, Sendable {
        case v4 = 4
        case v6 = 6

        /// The length of an address in bits: 32 or 128.
        package var bitCount: Int { self == .v4 ? 32 : 128 }

        package static func < (left: Family, right: Family) -> Bool { left.rawValue < right.rawValue }
    }

    /// IPv4 or IPv6.
    package let family: Family
    /// The address as a number; an IPv4 address uses the low 32 bits.
    package let number: UInt128

    /// Makes an address of a number.
    ///
    /// - Returns: `nil` if an IPv4 number does not fit 32 bits.
    package init?(family: Family, number: UInt128) {
        guard family == .v6 || number <= UInt128(UInt32.max) else { return nil }
        self.family = family
        self.number = number
    }

    /// Makes an IPv4 address of its four octets.
    package init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        family = .v4
        number = [first, second, third, fourth].reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Reads 4 or 16 bytes in network byte order.
    ///
    /// - Returns: `nil` for another length.
    package init?(bytes: Span<UInt8>) {
        switch bytes.count {
        case 4: family = .v4
        case 16: family = .v6
        default: return nil
        }
        var number: UInt128 = 0
        for index in bytes.indices { number = number << 8 | UInt128(bytes[index]) }
        self.number = number
    }

    /// 4 or 16 bytes in network byte order.
    package var bytes: [UInt8] {
        stride(from: family.bitCount - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt128($0)) }
    }

    /// Tells whether the address is one that no host on a network can be reached at: unspecified, loopback, link-local,
    /// multicast, broadcast.
    package var isReserved: Bool {
        IPPrefix.reserved.contains { $0.contains(self) }
    }

    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.family, left.number) < (right.family, right.number)
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the canonical form of RFC 5952.
    package var description: String {
        switch family {
        case .v4: bytes.map(String.init).joined(separator: ".")
        case .v6: Self.canonicalText(of: groups)
        }
    }

    private var groups: [UInt16] {
        stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: number >> UInt128($0)) }
    }

    // RFC 5952, section 4: lower case, no leading zeros, the first longest run of two or more zero groups becomes "::".
    // Dotted decimal (section 5) is for prefixes that are known to hold IPv4 addresses, none of which a tunnel uses.
    private static func canonicalText(of groups: [UInt16]) -> String {
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > max(1, longest.count) { longest = start..<end }
            start = max(end, start + 1)
        }
        func text(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !longest.isEmpty else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }

    /// Reads dotted decimal without leading zeros, or any form of RFC 4291 without a zone.
    ///
    /// - Returns: `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let groups = Self.parseGroups(text) else { return nil }
            self.init(family: .v6, number: groups.reduce(0) { $0 << 16 | UInt128($1) })
        } else {
            guard let number = Self.parseDottedDecimal(text) else { return nil }
            self.init(family: .v4, number: UInt128(number))
        }
    }

    private static func parseDottedDecimal(_ text: some StringProtocol) -> UInt32? {
        var number: UInt32 = 0
        var octet: UInt32?
        var dotCount = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: ".") {
                guard let complete = octet, dotCount < 3 else { return nil }
                number = number << 8 | complete
                octet = nil
                dotCount += 1
            } else {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), octet != 0 else { return nil }
                let longer = (octet ?? 0) * 10 + UInt32(byte - UInt8(ascii: "0"))
                guard longer <= 255 else { return nil }
                octet = longer
            }
        }
        guard let octet, dotCount == 3 else { return nil }
        return number << 8 | octet
    }

    private static func parseGroups(_ text: some StringProtocol) -> [UInt16]? {
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = parseGroupList(text, isEnd: true), groups.count == 8 else { return nil }
            return groups
        }
        guard let head = parseGroupList(text[..<gap.lowerBound], isEnd: false),
            let tail = parseGroupList(text[gap.upperBound...], isEnd: true),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    // Dotted decimal may stand at the end of an address only.
    private static func parseGroupList(_ text: some StringProtocol, isEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let number = parseDottedDecimal(part) else { return nil }
                groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexadecimalDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}

extension UInt8 {
    /// Tells whether the byte is an ASCII digit or a letter up to `f` of either case.
    var isHexadecimalDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}

extension FixedWidthInteger {
    /// Reads decimal digits and nothing else: no sign, no leading zero, no white space.
    ///
    /// - Returns: `nil` for any other text, or a number that does not fit.
    @inlinable
    package init?(decimal text: some StringProtocol) {
        let digits = text.utf8
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        self = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, isTooLarge) = multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.addingReportingOverflow(Self(digit - UInt8(ascii: "0")))
            guard !isTooLarge, !overflows else { return nil }
            self = sum
        }
    }
}
