internal import Crypto
internal import WireGuard

/// Replies of WireGuard's cross-platform userspace interface (wireguard.com/xplatform, "Configuration Protocol").
///
/// The reply to `get` always carries the private key and the preshared keys, so it is read line by line through memory
/// that is wiped, and those lines are passed over. Unknown keys are too, as the protocol demands.
struct UAPIReply: ~Copyable {
    /// No line of the protocol comes near this; a longer one is refused.
    static let maximumLineByteCount = 4096
    /// What a device with more peers than an IPv4 /16 has addresses would take; a longer reply is refused.
    static let maximumByteCount = 1 << 26

    private(set) var state = DeviceState(publicKey: nil, listenPort: 0, peers: [])
    private var isInUnusablePeer = false

    /// Reads one reply to its end.
    ///
    /// - Parameter receive: Fills the buffer with the next bytes and returns how many; 0 at the end of the stream.
    /// - Returns: The state of the device; of a reply to `set`, an empty one.
    /// - Throws: ``TunnelError/device(errno:)`` if the device refused the request,
    ///   ``TunnelError/protocolViolation(_:)``, or what `receive` throws.
    static func read(
        _ receive: (inout MutableSpan<UInt8>) throws(TunnelError) -> Int
    ) throws(TunnelError) -> DeviceState {
        var reply = UAPIReply()
        var chunk = SecretBytes(count: maximumLineByteCount)
        // Holds the start of a line that the last chunk cut off, and the next chunk.
        var buffer = SecretBytes(count: 2 * maximumLineByteCount)
        var used = 0
        var total = 0
        while true {
            let received = try chunk.withMutableBytes { (bytes) throws(TunnelError) in try receive(&bytes) }
            guard (1...maximumLineByteCount).contains(received) else { throw .protocolViolation("reply ends early") }
            let start = used
            chunk.withBytes { source in
                buffer.withMutableBytes { target in
                    for index in 0..<received { target[start + index] = source[index] }
                }
            }
            used += received
            total += received
            guard total <= maximumByteCount else { throw .protocolViolation("reply is too long") }

            let consumed = try buffer.withBytes { (bytes) throws(TunnelError) -> Int? in
                try reply.takeLines(of: bytes.extracting(0..<used))
            }
            guard let consumed else { return reply.state }
            guard used - consumed <= maximumLineByteCount else { throw .protocolViolation("line is too long") }
            let rest = consumed..<used
            buffer.withMutableBytes { bytes in
                for index in rest { bytes[index - consumed] = bytes[index] }
            }
            used -= consumed
        }
    }

    /// Takes the complete lines at the start of `bytes`.
    ///
    /// - Returns: How many bytes they are; `nil` once the empty line has ended the reply.
    private mutating func takeLines(of bytes: Span<UInt8>) throws(TunnelError) -> Int? {
        var start = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
            if index == start { return nil }
            guard index - start <= Self.maximumLineByteCount else { throw .protocolViolation("line is too long") }
            try take(line: bytes.extracting(start..<index))
            start = index + 1
        }
        return start
    }

    /// Takes one `key=value`.
    private mutating func take(line: Span<UInt8>) throws(TunnelError) {
        guard let equals = line.indices.first(where: { line[$0] == UInt8(ascii: "=") }) else {
            throw .protocolViolation("line without a value")
        }
        let value = line.extracting((equals + 1)..<line.count)
        switch Self.text(line.extracting(0..<equals)) {
        case "private_key":
            state.publicKey = try Self.publicKey(ofPrivateKey: value)
        case "listen_port":
            state.listenPort = try Self.number(value)
        case "public_key":
            guard let bytes = Self.key(value) else { throw .protocolViolation("public_key") }
            // No peer of ours has a key that no one can use, but whoever may configure the device can add one.
            let key = try? PublicKey(bytes)
            isInUnusablePeer = key == nil
            if let key { state.peers.append(PeerState(publicKey: key)) }
        case "endpoint":
            let endpoint = Self.endpoint(value)
            try updatePeer { $0.endpoint = endpoint }
        case "last_handshake_time_sec":
            let seconds: UInt64 = try Self.number(value)
            let moment = seconds == 0 ? nil : UnixTime(seconds: seconds)
            try updatePeer { $0.latestHandshake = moment }
        case "rx_bytes":
            let count: UInt64 = try Self.number(value)
            try updatePeer { $0.receivedByteCount = count }
        case "tx_bytes":
            let count: UInt64 = try Self.number(value)
            try updatePeer { $0.sentByteCount = count }
        case "persistent_keepalive_interval":
            let seconds: UInt16 = try Self.number(value)
            try updatePeer { $0.keepaliveSeconds = seconds == 0 ? nil : seconds }
        case "allowed_ip":
            guard let prefix = IPPrefix(Self.text(value)) else { throw .protocolViolation("allowed_ip") }
            try updatePeer { $0.allowedAddresses.append(prefix) }
        case "errno":
            let number: Int32 = try Self.signedNumber(value)
            if number != 0 { throw .device(errno: number.magnitude > 4095 ? 5 : Int32(number.magnitude)) }
        default:
            break
        }
    }

    private mutating func updatePeer(_ change: (inout PeerState) -> Void) throws(TunnelError) {
        guard !isInUnusablePeer else { return }
        guard !state.peers.isEmpty else { throw .protocolViolation("peer's value without a peer") }
        change(&state.peers[state.peers.count - 1])
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    private static func number<Number: FixedWidthInteger>(_ value: Span<UInt8>) throws(TunnelError) -> Number {
        guard let number = Number(decimal: text(value)) else { throw .protocolViolation("number") }
        return number
    }

    /// The address without its zone; `nil` for port 0, which a forged packet can bring about, and for whatever else has
    /// no meaning to us: what the last packet came from is no reason to fail.
    private static func endpoint(_ value: Span<UInt8>) -> SocketAddress? {
        var text = text(value)
        if let zone = text.firstIndex(of: "%"), let end = text.firstIndex(of: "]"), zone < end {
            text.removeSubrange(zone..<end)
        }
        return SocketAddress(text)
    }

    // wireguard-go answers with a negative errno where the specification has a positive one.
    private static func signedNumber(_ value: Span<UInt8>) throws(TunnelError) -> Int32 {
        let digits = text(value)
        guard let number = Int32(decimal: digits.hasPrefix("-") ? String(digits.dropFirst()) : digits) else {
            throw .protocolViolation("errno")
        }
        return number
    }

    private static func key(_ value: Span<UInt8>) -> Bytes32? { Bytes32(hexadecimal: text(value)) }

    /// A device without a key reports 32 zero bytes, or no key at all.
    private static func publicKey(ofPrivateKey value: Span<UInt8>) throws(TunnelError) -> PublicKey? {
        guard let bytes = try? KeyEncoding.secretBytes(hexadecimal: value) else {
            throw .protocolViolation("private_key")
        }
        return (try? PrivateKey(bytes))?.publicKey
    }
}
