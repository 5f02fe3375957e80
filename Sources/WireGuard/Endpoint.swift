/// Where a peer listens: an address or a DNS name, and a UDP port.
package struct Endpoint: Hashable, Sendable {
    /// What stands before the port.
    package enum Host: Hashable, Sendable {
        case address(IPAddress)
        case name(HostName)
    }

    /// An address, or a name that is looked up when the tunnel comes up.
    package let host: Host
    /// 1 to 65535.
    package let port: UInt16

    /// - Returns: `nil` for port 0.
    package init?(host: Host, port: UInt16) {
        guard port != 0 else { return nil }
        self.host = host
        self.port = port
    }

    /// The address, where no look-up is needed.
    package var socketAddress: SocketAddress? {
        guard case .address(let address) = host else { return nil }
        return SocketAddress(address: address, port: port)
    }
}

extension Endpoint: CustomStringConvertible {
    /// `host:port`, with an IPv6 address in brackets.
    package var description: String {
        switch host {
        case .address(let address): SocketAddress(address: address, port: port).description
        case .name(let name): "\(name):\(port)"
        }
    }

    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`; a bare IPv6 address is taken as one.
    ///
    /// Anything else gives `nil`, and so does port 0.
    ///
    /// - Parameters:
    ///   - text: What a person typed.
    ///   - defaultPort: The port where the text has none.
    package init?(_ text: String, defaultPort: UInt16) {
        if let address = IPAddress(text) {
            self.init(host: .address(address), port: defaultPort)
            return
        }
        var host = text[...]
        var port = defaultPort
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            guard let parsed = UInt16(decimal: text[text.index(after: colon)...]) else { return nil }
            host = text[..<colon]
            port = parsed
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let address = IPAddress(host.dropFirst().dropLast()), address.family == .v6 else { return nil }
            self.init(host: .address(address), port: port)
        } else if let address = IPAddress(host), address.family == .v4 {
            self.init(host: .address(address), port: port)
        } else {
            guard let name = HostName(String(host)) else { return nil }
            self.init(host: .name(name), port: port)
        }
    }
}

/// A DNS name in the form of RFC 1123, without a final dot, in lower case.
package struct HostName: Hashable, Sendable, LosslessStringConvertible {
    package let description: String

    /// Takes 1 to 253 characters in labels of letters, digits and inner hyphens.
    ///
    /// - Returns: `nil` for anything else, and where the last label is a number: resolvers take `10.1` and `0x7f000001` as
    ///   addresses, and no malformed address shall pass as a name.
    package init?(_ text: String) {
        // Other letters are refused before the change of case: that of the Kelvin sign is a plain k.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let text = text.lowercased()
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, let last = labels.last, !Self.isNumber(last) else { return nil }
        for label in labels {
            guard (1...63).contains(label.utf8.count), !label.hasPrefix("-"), !label.hasSuffix("-"),
                label.utf8.allSatisfy({
                    Self.digits.contains($0) || Self.letters.contains($0) || $0 == UInt8(ascii: "-")
                })
            else { return nil }
        }
        description = text
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")

    private static func isNumber(_ label: Substring) -> Bool {
        label.utf8.allSatisfy(digits.contains)
            || label.hasPrefix("0x") && label.utf8.dropFirst(2).allSatisfy(\.isHexadecimalDigit)
    }
}

/// An address and a UDP port, as a device reports them.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// IPv4 or IPv6, without a zone.
    package let address: IPAddress
    /// 0 to 65535.
    package let port: UInt16

    /// Takes any address and any port.
    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// `address:port`, with an IPv6 address in brackets.
    package var description: String {
        address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    /// Reads what ``description`` writes, except port 0.
    package init?(_ text: String) {
        // There is no default: text without a port comes to port 0, which no endpoint has.
        guard let endpoint = Endpoint(text, defaultPort: 0), let address = endpoint.socketAddress else { return nil }
        self = address
    }
}
