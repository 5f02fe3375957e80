internal import CMnl
internal import Crypto
internal import WireGuard

// The parts of a reply to WG_CMD_GET_DEVICE. Attributes that carry secrets are passed over.

extension DeviceState {
    /// Reads one message.
    ///
    /// The first has the device's own attributes. Each has the peers that fitted, and begins with the last one of the
    /// message before if the addresses of that peer did not fit there.
    init(decoding payload: Span<UInt8>) throws(NetlinkError) {
        guard payload.count >= genericHeaderByteCount else { throw .shortMessage(byteCount: payload.count) }
        var publicKey: PublicKey?
        var listenPort: UInt16 = 0
        var peers: [PeerState] = []
        try forEachAttribute(in: payload.extracting(genericHeaderByteCount...)) { (type, value) throws(NetlinkError) in
            switch wgdevice_attribute(UInt32(type)) {
            case WGDEVICE_A_PUBLIC_KEY:
                let bytes = try Bytes32(decoding: value, of: type)
                publicKey = try? PublicKey(bytes)
            case WGDEVICE_A_LISTEN_PORT: listenPort = try value.uint16(of: type)
            case WGDEVICE_A_PEERS:
                try forEachAttribute(in: value) { (_, value) throws(NetlinkError) in
                    if let peer = try PeerState(decoding: value) { peers.append(peer) }
                }
            default: break
            }
        }
        self.init(publicKey: publicKey, listenPort: listenPort, peers: peers)
    }

    /// Joins the messages of one reply.
    init(joining parts: [DeviceState]) {
        var state = DeviceState(publicKey: parts.first?.publicKey, listenPort: parts.first?.listenPort ?? 0, peers: [])
        state.peers.reserveCapacity(parts.reduce(0) { $0 + $1.peers.count })
        for peer in parts.lazy.flatMap(\.peers) {
            if let last = state.peers.indices.last, state.peers[last].publicKey == peer.publicKey {
                state.peers[last].allowedAddresses += peer.allowedAddresses
            } else {
                state.peers.append(peer)
            }
        }
        self = state
    }
}

extension PeerState {
    /// - Returns: `nil` for a peer with a key that no one can use: none of ours, but whoever may configure the device can
    ///   add one.
    fileprivate init?(decoding peer: Span<UInt8>) throws(NetlinkError) {
        var keyBytes: Bytes32?
        var endpoint: SocketAddress?
        var handshake: UnixTime?
        var (received, sent): (UInt64, UInt64) = (0, 0)
        var keepalive: UInt16 = 0
        var addresses: [IPPrefix] = []
        try forEachAttribute(in: peer) { (type, value) throws(NetlinkError) in
            switch wgpeer_attribute(UInt32(type)) {
            case WGPEER_A_PUBLIC_KEY: keyBytes = try Bytes32(decoding: value, of: type)
            case WGPEER_A_ENDPOINT: endpoint = try SocketAddress(bytes: value, of: type)
            case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL: keepalive = try value.uint16(of: type)
            case WGPEER_A_LAST_HANDSHAKE_TIME: handshake = try UnixTime(decoding: value, of: type)
            case WGPEER_A_RX_BYTES: received = try value.uint64(of: type)
            case WGPEER_A_TX_BYTES: sent = try value.uint64(of: type)
            case WGPEER_A_ALLOWEDIPS:
                try forEachAttribute(in: value) { (_, value) throws(NetlinkError) in
                    addresses.append(try IPPrefix(decoding: value))
                }
            default: break
            }
        }
        guard let keyBytes else { throw .missingAttribute(type: WGPEER_A_PUBLIC_KEY.attributeNumber) }
        guard let publicKey = try? PublicKey(keyBytes) else { return nil }
        self.init(
            publicKey: publicKey,
            endpoint: endpoint,
            latestHandshake: handshake,
            receivedByteCount: received,
            sentByteCount: sent,
            keepaliveSeconds: keepalive == 0 ? nil : keepalive,
            allowedAddresses: addresses
        )
    }
}

extension Bytes32 {
    fileprivate init(decoding value: Span<UInt8>, of type: UInt16) throws(NetlinkError) {
        guard let bytes = Bytes32(value) else { throw .malformedValue(type: type, byteCount: value.count) }
        self = bytes
    }
}

extension UnixTime {
    // `__kernel_timespec`: seconds and nanoseconds, 8 bytes each; all zero before the first handshake.
    fileprivate init?(decoding value: Span<UInt8>, of type: UInt16) throws(NetlinkError) {
        guard value.count == 16 else { throw .malformedValue(type: type, byteCount: value.count) }
        let seconds = value.uint64(at: 0)
        guard seconds != 0 else { return nil }
        self.init(seconds: seconds)
    }
}

extension IPPrefix {
    fileprivate init(decoding allowed: Span<UInt8>) throws(NetlinkError) {
        var (address, length): (IPAddress?, UInt8?)
        try forEachAttribute(in: allowed) { (type, value) throws(NetlinkError) in
            switch wgallowedip_attribute(UInt32(type)) {
            case WGALLOWEDIP_A_IPADDR: address = IPAddress(bytes: value)
            case WGALLOWEDIP_A_CIDR_MASK: length = try value.uint8(of: type)
            default: break
            }
        }
        guard let address, let length, let prefix = IPPrefix(address, length: Int(length)) else {
            throw .malformedValue(type: WGALLOWEDIP_A_IPADDR.attributeNumber, byteCount: allowed.count)
        }
        self = prefix
    }
}
