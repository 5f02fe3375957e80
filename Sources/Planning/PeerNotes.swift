package import Crypto
package import WireGuard

/// What a device cannot tell of its peers, or is not asked for, as it was when they were configured.
package struct PeerNotes: Equatable, Sendable {
    /// A note of one peer.
    package struct Peer: Equatable, Sendable {
        /// What identifies the peer to the device.
        package let publicKey: PublicKey
        /// What people call the peer.
        package let name: Name
        /// Of its identity, where that is known.
        package let fingerprint: Fingerprint?
        /// Tells whether its preshared key is still the same; `nil` for a peer without one.
        package let presharedKey: CheckValue?
        /// Where it was to be called.
        package let endpoints: Set<SocketAddress>

        /// Takes the parts as they are.
        package init(
            publicKey: PublicKey,
            name: Name,
            fingerprint: Fingerprint? = nil,
            presharedKey: CheckValue?,
            endpoints: Set<SocketAddress> = []
        ) {
            self.publicKey = publicKey
            self.name = name
            self.fingerprint = fingerprint
            self.presharedKey = presharedKey
            self.endpoints = endpoints
        }

        /// Notes what there is to know of a peer.
        package init(_ peer: PeerConfiguration) {
            self.init(
                publicKey: peer.publicKey,
                name: peer.name,
                fingerprint: peer.fingerprint,
                presharedKey: peer.presharedKey?.checkValue,
                endpoints: Set(peer.endpoints.compactMap(\.socketAddress))
            )
        }
    }

    /// In the order in which they are shown.
    package let peers: [Peer]

    /// Takes the notes as they are; by default, none.
    package init(_ peers: [Peer] = []) { self.peers = peers }

    /// Notes what there is to know of the peers of an interface.
    package init(_ interface: InterfaceConfiguration) { peers = interface.peers.map(Peer.init) }

    /// The notes by what identifies the peers.
    package var byKey: [PublicKey: Peer] { Dictionary(peers.map { ($0.publicKey, $0) }) { first, _ in first } }
}

extension PeerNotes {
    private static let firstLine = "wgseal peers 3"
    private static let lastLine = "end"

    /// The notes as text: a line for each peer.
    package var text: String {
        var text = Self.firstLine + "\n"
        for peer in peers {
            let fingerprint = peer.fingerprint?.rawValue.hexadecimal ?? "-"
            let presharedKey = peer.presharedKey?.description ?? "-"
            text += "\(peer.publicKey.base64) \(peer.name) \(presharedKey) \(fingerprint)"
            for endpoint in peer.endpoints.map(\.description).sorted() { text += " \(endpoint)" }
            text += "\n"
        }
        return text + Self.lastLine + "\n"
    }

    /// Reads what ``text`` writes.
    ///
    /// - Returns: `nil` for anything else.
    package init?(text: String) {
        // Bytes, as strings cost ten times as much, which shows where there are ten thousand peers.
        var lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.first?.elementsEqual(Self.firstLine.utf8) == true, lines.popLast()?.isEmpty == true,
            lines.popLast()?.elementsEqual(Self.lastLine.utf8) == true
        else { return nil }
        var peers: [Peer] = []
        for line in lines.dropFirst() {
            guard let peer = Peer(line) else { return nil }
            peers.append(peer)
        }
        self.peers = peers
    }
}

extension PeerNotes.Peer {
    fileprivate init?(_ line: ArraySlice<UInt8>) {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 4, let key = try? PublicKey(base64: words[0]), let name = Name(words[1]) else {
            return nil
        }
        let presharedKey = CheckValue(words[2])
        guard presharedKey != nil || words[2] == "-" else { return nil }
        let fingerprint = Bytes32(hexadecimal: words[3]).map(Fingerprint.init)
        guard fingerprint != nil || words[3] == "-" else { return nil }
        var endpoints: Set<SocketAddress> = []
        for word in words[4...] {
            guard let endpoint = SocketAddress(word) else { return nil }
            endpoints.insert(endpoint)
        }
        self.init(
            publicKey: key,
            name: name,
            fingerprint: fingerprint,
            presharedKey: presharedKey,
            endpoints: endpoints
        )
    }
}
