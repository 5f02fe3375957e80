internal import Crypto

extension QuickConfiguration {
    /// Reads the text of a file as `wg(8)` and `wg-quick(8)` do, and refuses what they would run or keep.
    ///
    /// A peer's label is in a comment above `[Peer]`, behind it, or before its first key: `# Name = alice`, what programs
    /// that make such files write there (`### Client alice`, `# BEGIN_PEER alice`, `# friendly_name = alice`), or a few
    /// words.
    ///
    /// - Parameters:
    ///   - text: At most ``maximumByteCount`` bytes.
    ///   - file: The file's path, for messages.
    /// - Throws: ``QuickError``, naming the line.
    package init(text: Span<UInt8>, file: String) throws(QuickError) {
        var reader = QuickReader(file: file)
        var start = 0
        while start < text.count {
            let end = (start..<text.count).first { text[$0] == UInt8(ascii: "\n") } ?? text.count
            try reader.read(line: text.extracting(start..<end))
            start = end + 1
        }
        self = try reader.finish()
    }
}

/// Takes the lines of a file, one after the other.
private struct QuickReader {
    private enum Section {
        case interface
        case peer
    }

    /// A peer whose key may be still to come.
    private struct PartialPeer {
        let line: Int
        var publicKey: PublicKey?
        var presharedKey: PresharedKey?
        var endpoint: Endpoint?
        var allowedAddresses: [IPPrefix] = []
        var blocks: Set<IPPrefix> = []
        var keepaliveSeconds: UInt16?
    }

    private let file: String
    private var line = 0
    private var section: Section?
    private var hasInterface = false
    private var configuration = QuickConfiguration()
    private var peer = PartialPeer(line: 0)
    private var label: PeerLabel?
    /// The next peer's, as far as the comments above it say.
    private var nextLabel: PeerLabel?
    /// The keys of the section so far.
    private var seen: Set<QuickKey> = []
    private var publicKeys: Set<PublicKey> = []
    private var blocks: Set<IPPrefix> = []

    init(file: String) { self.file = file }

    mutating func read(line text: Span<UInt8>) throws(QuickError) {
        line += 1
        let hash = text.indices.first { text[$0] == UInt8(ascii: "#") } ?? text.count
        let setting = text.extracting(0..<hash)
        let content = setting.withoutBlankEnds
        if !content.isEmpty { try read(setting.extracting(content)) }
        // A comment belongs to the section that it touches.
        if hash < text.count { note(comment: text.extracting(hash...)) } else if content.isEmpty { nextLabel = nil }
    }

    private mutating func read(_ content: Span<UInt8>) throws(QuickError) {
        if content[0] == UInt8(ascii: "[") { return try open(content) }
        nextLabel = nil
        guard let separator = content.indices.first(where: { content[$0] == UInt8(ascii: "=") }) else {
            throw error(.notAssignment)
        }
        let name = content.extracting(0..<separator)
        let word = name.extracting(name.withoutBlankEnds)
        guard let key = QuickKey.allCases.first(where: { word.isEqual(to: $0.rawValue) }) else {
            throw error(.unknownKey)
        }
        guard let section else { throw error(.noSection) }
        guard key.isOfPeer == (section == .peer) else { throw error(.misplaced(key: key.rawValue)) }
        guard seen.insert(key).inserted || key.isList else { throw error(.duplicate(key: key.rawValue)) }
        let value = content.extracting((separator + 1)...)
        try take(key, value.extracting(value.withoutBlankEnds))
    }

    private mutating func open(_ content: Span<UInt8>) throws(QuickError) {
        try closePeer()
        seen = []
        if content.isEqual(to: "[Interface]"), !hasInterface {
            (section, hasInterface) = (.interface, true)
        } else if content.isEqual(to: "[Peer]") {
            try requireRoom(configuration.peers, limit: QuickConfiguration.maximumPeerCount, "peers")
            section = .peer
            peer = PartialPeer(line: line)
            label = nextLabel
        } else {
            throw error(.section)
        }
        nextLabel = nil
    }

    private mutating func note(comment: Span<UInt8>) {
        let found = PeerLabel(comment: comment)
        if section == .peer, seen.isEmpty {
            label = PeerLabel.better(label, found)
        } else {
            nextLabel = PeerLabel.better(nextLabel, found)
        }
    }

    private mutating func closePeer() throws(QuickError) {
        guard section == .peer else { return }
        guard let publicKey = peer.publicKey else {
            throw QuickError(file: file, line: peer.line, problem: .missing(key: QuickKey.publicKey.rawValue))
        }
        var complete = QuickPeer(publicKey: publicKey)
        complete.label = label?.text
        complete.presharedKey = peer.presharedKey
        complete.endpoint = peer.endpoint
        complete.allowedAddresses = peer.allowedAddresses
        complete.keepaliveSeconds = peer.keepaliveSeconds
        configuration.peers.append(complete)
        blocks.formUnion(peer.blocks)
    }

    mutating func finish() throws(QuickError) -> QuickConfiguration {
        try closePeer()
        return configuration
    }

    private mutating func take(_ key: QuickKey, _ value: Span<UInt8>) throws(QuickError) {
        switch key {
        case .privateKey:
            configuration.privateKey = try secret(key, value) { (bytes) throws(CryptoError) in try PrivateKey(bytes) }
        case .presharedKey:
            peer.presharedKey = try secret(key, value) { (bytes) throws(CryptoError) in try PresharedKey(bytes) }
        case .preUp, .postUp, .preDown, .postDown: throw error(.command(key: key.rawValue))
        default: try take(key, text: value.string)
        }
    }

    private mutating func take(_ key: QuickKey, text: String) throws(QuickError) {
        switch key {
        case .address:
            let addresses = try list(key, text, "addresses with prefix length") { InterfaceAddress($0) }
            for address in addresses {
                // The kernel would take it once, too.
                guard !configuration.addresses.contains(address) else { continue }
                try requireRoom(configuration.addresses, limit: QuickConfiguration.maximumAddressCount, "addresses")
                configuration.addresses.append(address)
            }
        case .dns:
            configuration.dns += try list(key, text, "addresses and domains") { item in
                IPAddress(item).map(Endpoint.Host.address) ?? HostName(item).map(Endpoint.Host.name)
            }
        case .mtu:
            configuration.mtu = try value(key, text, "1280 to 9000") {
                UInt16(decimal: $0).flatMap { (1280...9000).contains($0) ? $0 : nil }
            }
        case .listenPort:
            let port = try value(key, text, "a port") { UInt16(decimal: $0) }
            configuration.listenPort = port == 0 ? nil : port
        case .table:
            // Its words and numbers are those of ip-route(8), of which these two need no look at another file.
            guard ["off", "auto"].contains(text) else { throw error(.routingTable) }
            configuration.isWithoutRoutes = text == "off"
        case .fwMark: guard ["off", "0", "0x0"].contains(text.lowercased()) else { throw error(.firewallMark) }
        case .saveConfig: guard text == "false" else { throw error(.saveConfig) }
        case .publicKey:
            let publicKey = try value(key, text, "a public key") { try? PublicKey(base64: $0) }
            guard publicKeys.insert(publicKey).inserted else { throw error(.repeatedPeer) }
            peer.publicKey = publicKey
        case .endpoint: peer.endpoint = try value(key, text, "host:port") { Endpoint($0, defaultPort: 0) }
        case .allowedIPs: try take(allowed: text)
        case .persistentKeepalive:
            let seconds = try value(key, text, "0 to 65535") { $0.lowercased() == "off" ? 0 : UInt16(decimal: $0) }
            peer.keepaliveSeconds = seconds == 0 ? nil : seconds
        case .privateKey, .presharedKey, .preUp, .postUp, .preDown, .postDown: break
        }
    }

    private mutating func take(allowed text: String) throws(QuickError) {
        // WireGuard takes an empty list for what it is.
        guard !text.isEmpty else { return }
        let addresses = try list(.allowedIPs, text, "address ranges") { InterfaceAddress($0) }
        for prefix in addresses.map(\.prefix) where peer.blocks.insert(prefix).inserted {
            guard !blocks.contains(prefix) else { throw error(.sharedBlock(prefix)) }
            peer.allowedAddresses.append(prefix)
        }
    }

    private func secret<Key>(
        _ key: QuickKey,
        _ value: Span<UInt8>,
        _ make: (consuming SecretBytes) throws(CryptoError) -> Key
    ) throws(QuickError) -> Key {
        do throws(CryptoError) {
            return try make(KeyEncoding.secretBytes(base64: value))
        } catch {
            throw self.error(.invalid(key: key.rawValue, expected: "a key"))
        }
    }

    private func value<Value>(
        _ key: QuickKey,
        _ text: String,
        _ expected: String,
        _ parse: (String) -> Value?
    ) throws(QuickError) -> Value {
        guard let value = parse(text) else { throw error(.invalid(key: key.rawValue, expected: expected)) }
        return value
    }

    private func list<Value>(
        _ key: QuickKey,
        _ text: String,
        _ expected: String,
        _ parse: (String) -> Value?
    ) throws(QuickError) -> [Value] {
        var values: [Value] = []
        for item in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let item = Array(item)
            let word = item.span.extracting(item.span.withoutBlankEnds)
            values.append(try value(key, word.string, expected, parse))
        }
        return values
    }

    private func requireRoom(_ list: [some Any], limit: Int, _ things: String) throws(QuickError) {
        guard list.count < limit else { throw error(.tooMany(things, limit: limit)) }
    }

    private func error(_ problem: QuickError.Problem) -> QuickError {
        QuickError(file: file, line: line, problem: problem)
    }
}
