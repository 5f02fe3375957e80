package import Crypto

/// What a WireGuard device reports of itself, without its secrets.
package struct DeviceState: Equatable, Sendable {
    /// `nil` until the device has a private key.
    package var publicKey: PublicKey?
    /// 0 until the device is up.
    package var listenPort: UInt16
    /// In the order of the report.
    package var peers: [PeerState]

    /// Takes the parts of a report.
    package init(publicKey: PublicKey?, listenPort: UInt16, peers: [PeerState]) {
        self.publicKey = publicKey
        self.listenPort = listenPort
        self.peers = peers
    }
}

/// What a WireGuard device reports of one peer, without its preshared key.
package struct PeerState: Equatable, Sendable {
    /// What identifies the peer.
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
    /// What the peer may send from, and what the device sends to it, in the order of the report.
    package var allowedAddresses: [IPPrefix]

    /// Takes the parts of a report; by default, those of a peer that has never been heard of.
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
