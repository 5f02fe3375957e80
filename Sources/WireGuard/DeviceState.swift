package import Crypto

/// What a WireGuard device reports of itself, without its secrets.
package struct DeviceState: Equatable, Sendable {
    /// `nil` until the device has a private key.
    package var publicKey: PublicKey?
    /// 0 until the device is up.
    package var listenPort: UInt16
    /// In the order of the report.
    package var peers: [PeerState]

    package init(publicKey: PublicKey?, listenPort: UInt16, peers: [PeerState]) {
        self.publicKey = publicKey
        self.listenPort = listenPort
        self.peers = peers
    }
}

/// What a WireGuard device reports of one peer, without its preshared key.
package struct PeerState: Equatable, Sendable {
    package var publicKey: PublicKey
    /// Where the last genuine packet came from, or where the first is to go.
    package var endpoint: SocketAddress?
    /// `nil` before the first handshake.
    package var latestHandshake: UnixTime?
    /// Bytes, since the peer was configured.
    package var receivedByteCount: UInt64
    /// Bytes, since the peer was configured.
    package var sentByteCount: UInt64
    /// Seconds; `nil` sends none.
    package var keepaliveSeconds: UInt16?
    package var allowedAddresses: [IPPrefix]

    package init(
        publicKey: PublicKey,
        endpoint: SocketAddress? = nil,
        latestHandshake: UnixTime? = nil,
        receivedByteCount: UInt64 = 0,
        sentByteCount: UInt64 = 0,
        keepaliveSeconds: UInt16? = nil,
        allowedAddresses: [IPPrefix] = []
    ) {
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.latestHandshake = latestHandshake
        self.receivedByteCount = receivedByteCount
        self.sentByteCount = sentByteCount
        self.keepaliveSeconds = keepaliveSeconds
        self.allowedAddresses = allowedAddresses
    }
}
