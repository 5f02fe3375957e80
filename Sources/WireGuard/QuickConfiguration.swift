package import Crypto

/// What a file for `wg-quick(8)` says of an interface and its peers; commands have no place in it.
package struct QuickConfiguration: Sendable {
    /// The host's half of every handshake; `nil` in a file that holds peers alone.
    package var privateKey: PrivateKey?
    /// The host's own addresses in the tunnel, at most 16.
    package var addresses: [InterfaceAddress] = []
    /// The UDP port; `nil` lets the system choose.
    package var listenPort: UInt16?
    /// In bytes, 1280 to 9000; `nil` leaves it to the program that reads the file.
    package var mtu: UInt16?
    /// Servers that look up names, and domains to look in, while the interface is up.
    package var dns: [Endpoint.Host] = []
    /// Whether no routes are made to what the peers may use (`Table = off`).
    package var isWithoutRoutes = false
    /// In the order of the file; no two have a key or an allowed block in common.
    package var peers: [QuickPeer] = []

    /// The longest file that is read, in bytes.
    package static let maximumByteCount = 1 << 20
    /// As many addresses as a bundle can give to a peer of such an interface.
    static let maximumAddressCount = 16
    /// The preshared key of each peer takes locked memory, of which a process can have so many pieces.
    static let maximumPeerCount = 10_000

    /// Says nothing yet.
    package init() {}
}

extension QuickConfiguration {
    /// Refuses what is no hub: an interface that has a key and an address, and that peers can call.
    ///
    /// - Parameter file: The file's path, for messages.
    /// - Returns: The key and the port.
    /// - Throws: ``QuickError`` without a line.
    package func requireHub(file: String) throws(QuickError) -> (privateKey: PrivateKey, listenPort: UInt16) {
        func error(_ problem: QuickError.Problem) -> QuickError {
            QuickError(file: file, line: nil, problem: problem)
        }
        guard let privateKey else { throw error(.missing(key: "PrivateKey")) }
        guard !addresses.isEmpty else { throw error(.missing(key: "Address")) }
        guard let listenPort else { throw error(.missing(key: "ListenPort")) }
        for peer in peers {
            guard peer.publicKey != privateKey.publicKey else { throw error(.ownKey) }
            if let block = peer.allowedAddresses.first(where: { $0.length == 0 }) { throw error(.defaultRoute(block)) }
        }
        return (privateKey, listenPort)
    }
}

/// One peer of such a file.
package struct QuickPeer: Sendable {
    /// What a comment calls it: up to 31 characters of printable ASCII, without an equals sign.
    package var label: String?
    /// What identifies the peer.
    package var publicKey: PublicKey
    /// Mixed into the handshake; `nil` for a peer without one.
    package var presharedKey: PresharedKey?
    /// Where the peer is called; `nil` for one that calls us.
    package var endpoint: Endpoint?
    /// What the peer may send from, and what is sent to it.
    package var allowedAddresses: [IPPrefix] = []
    /// Seconds between keepalive packets, 1 to 65535; `nil` sends none.
    package var keepaliveSeconds: UInt16?

    /// A peer that has a key and nothing else yet.
    package init(publicKey: PublicKey) { self.publicKey = publicKey }
}

extension QuickConfiguration {
    /// Writes the file, one spelling for each value.
    ///
    /// - Parameter comment: Public lines of text to begin with.
    /// - Returns: Text that holds the private key and the preshared keys.
    package func text(comment: String = "") -> SecretWriter {
        var file = SecretWriter()
        file.append(Array(comment.split(separator: "\n").map { "# \($0)\n" }.joined().utf8))
        if hasInterface {
            file.append(Array("[Interface]\n".utf8))
            privateKey?.withBytes { file.append("PrivateKey", base64: $0) }
            file.append("Address", addresses.map(\.description))
            file.append("ListenPort", [listenPort].compactMap { $0?.description })
            file.append("MTU", [mtu].compactMap { $0?.description })
            file.append("DNS", dns.map(\.description))
            file.append("Table", isWithoutRoutes ? ["off"] : [])
        }
        for peer in peers {
            file.append(Array((file.count == 0 ? "[Peer]\n" : "\n[Peer]\n").utf8))
            file.append("# Name", [peer.label].compactMap(\.self))
            file.append("PublicKey", [peer.publicKey.base64])
            peer.presharedKey?.withBytes { file.append("PresharedKey", base64: $0) }
            file.append("Endpoint", [peer.endpoint].compactMap { $0?.description })
            file.append("AllowedIPs", peer.allowedAddresses.map(\.description))
            file.append("PersistentKeepalive", [peer.keepaliveSeconds].compactMap { $0?.description })
        }
        return file
    }

    private var hasInterface: Bool {
        privateKey != nil || !addresses.isEmpty || listenPort != nil || mtu != nil || !dns.isEmpty || isWithoutRoutes
    }
}

extension SecretWriter {
    fileprivate mutating func append(_ key: String, _ values: [String]) {
        if !values.isEmpty { append(Array("\(key) = \(values.joined(separator: ", "))\n".utf8)) }
    }

    fileprivate mutating func append(_ key: String, base64 secret: Span<UInt8>) {
        append(Array("\(key) = ".utf8))
        append(base64: secret)
        append([UInt8(ascii: "\n")])
    }
}

extension Endpoint.Host: CustomStringConvertible {
    /// The address or the name.
    package var description: String {
        switch self {
        case .address(let address): address.description
        case .name(let name): name.description
        }
    }
}
