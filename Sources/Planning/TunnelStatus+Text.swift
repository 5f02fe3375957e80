internal import Crypto
internal import WireGuard

extension TunnelStatus {
    private static let firstLine = "wgseal status 1"
    private static let lastLine = "end"

    /// The status as text for another process: a line for each fact, and one for each peer.
    package var text: String {
        var lines = [
            Self.firstLine, "interface \(interface)", "role \(tunnel.role.rawValue)", "network \(tunnel.network)",
            "state \(state.rawValue)", "backend \(backend.rawValue)", "placement \(placement.rawValue)",
        ]
        if let issuer = tunnel.issuer { lines.append("issuer \(issuer.rawValue.hexadecimal)") }
        if !workload.isEmpty { lines.append("workload \(workload)") }
        lines += addresses.map { "address \($0)" }
        if let listenPort { lines.append("port \(listenPort)") }
        if let notAfter { lines.append("expires \(notAfter.seconds)") }
        lines += peers.map { "peer \($0.text)" } + [Self.lastLine]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads what ``text`` writes.
    ///
    /// - Returns: `nil` for anything else.
    package init?(text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == Self.firstLine[...], lines.popLast() == "", lines.popLast() == Self.lastLine[...] else {
            return nil
        }
        var facts: [Substring: String] = [:]
        var addresses: [InterfaceAddress] = []
        var peers: [Peer] = []
        for line in lines.dropFirst() {
            guard let space = line.firstIndex(of: " ") else { return nil }
            let value = String(line[line.index(after: space)...])
            switch line[..<space] {
            case "address":
                guard let address = InterfaceAddress(value) else { return nil }
                addresses.append(address)
            case "peer":
                guard let peer = Peer(value) else { return nil }
                peers.append(peer)
            case let key:
                guard facts.updateValue(value, forKey: key) == nil else { return nil }
            }
        }
        let workload = facts.removeValue(forKey: "workload")
        let (issuer, port) = (facts.removeValue(forKey: "issuer"), facts.removeValue(forKey: "port"))
        let expires = facts.removeValue(forKey: "expires")
        guard let interface = facts["interface"].flatMap(InterfaceName.init),
            let role = facts["role"].flatMap(Role.init),
            let network = facts["network"].flatMap(Name.init), let state = facts["state"].flatMap(State.init),
            let backend = facts["backend"].flatMap(BackendKind.init),
            let placement = facts["placement"].flatMap(Placement.init), facts.count == 6
        else { return nil }
        let fingerprint = issuer.flatMap { Bytes32(hexadecimal: $0) }.map(Fingerprint.init)
        let (listenPort, seconds) = (port.flatMap { UInt16(decimal: $0) }, expires.flatMap { UInt64(decimal: $0) })
        guard (issuer == nil) == (fingerprint == nil), (port == nil) == (listenPort == nil),
            (expires == nil) == (seconds == nil), workload?.isEmpty != true
        else { return nil }
        self.interface = interface
        tunnel = TunnelIdentity(role: role, network: network, issuer: fingerprint)
        self.state = state
        self.backend = backend
        self.placement = placement
        self.workload = workload ?? ""
        self.addresses = addresses
        self.listenPort = listenPort
        notAfter = seconds.map { UnixTime(seconds: $0) }
        self.peers = peers
    }
}

extension TunnelStatus.Peer {
    fileprivate var text: String {
        let words: [String] = [
            name.description, publicKey.base64, fingerprint?.rawValue.hexadecimal ?? "-", endpoint?.description ?? "-",
            latestHandshake.map { "\($0.seconds)" } ?? "-", "\(receivedByteCount)", "\(sentByteCount)",
        ]
        return words.joined(separator: " ")
    }

    fileprivate init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 7, let name = Name(words[0]), let key = try? PublicKey(base64: words[1]),
            let received = UInt64(decimal: words[5]), let sent = UInt64(decimal: words[6])
        else { return nil }
        let fingerprint = Bytes32(hexadecimal: words[2]).map(Fingerprint.init)
        let (endpoint, handshake) = (SocketAddress(words[3]), UInt64(decimal: words[4]))
        guard fingerprint != nil || words[2] == "-", endpoint != nil || words[3] == "-",
            handshake != nil || words[4] == "-"
        else { return nil }
        self.name = name
        publicKey = key
        self.fingerprint = fingerprint
        self.endpoint = endpoint
        latestHandshake = handshake.map { UnixTime(seconds: $0) }
        receivedByteCount = received
        sentByteCount = sent
    }
}
