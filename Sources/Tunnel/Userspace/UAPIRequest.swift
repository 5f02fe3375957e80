internal import Crypto
internal import WireGuard

/// Requests of WireGuard's cross-platform userspace interface (wireguard.com/xplatform, "Configuration Protocol").
///
/// A request carries private and preshared keys, so it is written in pieces through memory that is wiped.
enum UAPIRequest {
    /// Writes a `set` that leaves the device with exactly this key, port and list of peers.
    ///
    /// - Parameters:
    ///   - interface: The configuration; of each peer's endpoints, the first that is an address is used.
    ///   - send: Takes the next bytes of the request.
    /// - Throws: What `send` throws.
    static func set<Failure: Error>(
        _ interface: InterfaceConfiguration,
        send: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = SecretWriter.request()
        writer.append("set=1\n")
        interface.privateKey.withBytes { writer.appendKey("private_key", $0) }
        // Port 0 lets the system choose.
        writer.append("listen_port=\(interface.listenPort ?? 0)\nreplace_peers=true\n")
        for peer in interface.peers {
            writer.appendKey("public_key", peer.publicKey.rawValue.bytes.span)
            peer.presharedKey?.withBytes { writer.appendKey("preshared_key", $0) }
            if let endpoint = peer.endpoints.lazy.compactMap(\.socketAddress).first {
                writer.append("endpoint=\(endpoint)\n")
            }
            if let seconds = peer.keepaliveSeconds { writer.append("persistent_keepalive_interval=\(seconds)\n") }
            writer.append("replace_allowed_ips=true\n")
            for prefix in peer.allowedAddresses { writer.append("allowed_ip=\(prefix)\n") }
            try writer.flush(send)
        }
        writer.append("\n")
        try writer.flush(send)
    }

    /// Writes a `set` that changes where one peer is called.
    ///
    /// - Parameters:
    ///   - endpoint: Where to call.
    ///   - peer: A peer that the device has; for another one, the device changes nothing.
    ///   - send: Takes the next bytes of the request.
    /// - Throws: What `send` throws.
    static func setEndpoint<Failure: Error>(
        _ endpoint: SocketAddress,
        of peer: PublicKey,
        send: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = SecretWriter.request()
        writer.append("set=1\n")
        writer.appendKey("public_key", peer.rawValue.bytes.span)
        writer.append("update_only=true\nendpoint=\(endpoint)\n\n")
        try writer.flush(send)
    }

    /// The request for the state of the device.
    static let get = Array("get=1\n\n".utf8)
}

extension SecretWriter {
    // One peer with the 32 allowed addresses that a bundle may hold needs less than a quarter of this.
    fileprivate static func request() -> SecretWriter { SecretWriter(capacity: 8192) }

    fileprivate mutating func append(_ characters: some StringProtocol) { append(Array(characters.utf8)) }

    fileprivate mutating func appendKey(_ name: StaticString, _ key: Span<UInt8>) {
        append("\(name)=")
        KeyEncoding.hexadecimal(key).withBytes { append($0) }
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
