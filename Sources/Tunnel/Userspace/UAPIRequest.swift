internal import Crypto
internal import WireGuard

/// Requests of WireGuard's cross-platform userspace interface (wireguard.com/xplatform, "Configuration Protocol").
///
/// A request carries private and preshared keys, so it is written in pieces through memory that is wiped.
enum UAPIRequest {
    /// Writes a `set`.
    ///
    /// - Parameters:
    ///   - change: What is to become of the device.
    ///   - send: Takes the next bytes of the request.
    /// - Throws: What `send` throws.
    static func set<Failure: Error>(
        _ change: DeviceChange,
        send: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = SecretWriter.request()
        writer.append("set=1\n")
        change.privateKey?.withBytes { writer.appendKey("private_key", $0) }
        if let port = change.listenPort { writer.append("listen_port=\(port)\n") }
        if change.replacesPeers { writer.append("replace_peers=true\n") }
        for key in change.removedPeers {
            writer.appendKey("public_key", key.rawValue.bytes.span)
            writer.append("remove=true\n")
            if writer.isAlmostFull { try writer.flush(send) }
        }
        for peer in change.peers {
            writer.append(peer)
            if writer.isAlmostFull { try writer.flush(send) }
        }
        writer.append("\n")
        try writer.flush(send)
    }

    /// The request for the state of the device.
    static let get = Array("get=1\n\n".utf8)
}

extension SecretWriter {
    fileprivate static func request() -> SecretWriter { SecretWriter(capacity: 8192) }

    // One peer with the 32 allowed addresses that a bundle may hold fits into what is left.
    fileprivate var isAlmostFull: Bool { count > 6144 }

    fileprivate mutating func append(_ characters: some StringProtocol) { append(Array(characters.utf8)) }

    fileprivate mutating func append(_ peer: PeerUpdate) {
        appendKey("public_key", peer.publicKey.rawValue.bytes.span)
        if peer.isUpdateOnly { append("update_only=true\n") }
        switch peer.presharedKey {
        case .keep: break
        // Zero is how the device is told that there is none.
        case .remove: appendKey("preshared_key", Bytes32().bytes.span)
        case .set(let key): key.withBytes { appendKey("preshared_key", $0) }
        }
        if let endpoint = peer.endpoint { append("endpoint=\(endpoint)\n") }
        if let seconds = peer.keepaliveSeconds { append("persistent_keepalive_interval=\(seconds)\n") }
        if peer.replacesAllowedAddresses { append("replace_allowed_ips=true\n") }
        for prefix in peer.allowedAddresses { append("allowed_ip=\(prefix)\n") }
    }

    fileprivate mutating func appendKey(_ name: StaticString, _ key: Span<UInt8>) {
        append("\(name)=")
        append(hexadecimal: key)
        append("\n")
    }

    /// Sends what was written, and starts again.
    fileprivate mutating func flush<Failure: Error>(
        _ send: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        try withBytes(send)
        removeAll()
    }
}
