package import Crypto

/// What is to become of a WireGuard device; what is not mentioned stays.
package struct DeviceChange: Sendable {
    /// `nil` leaves the device's own.
    package var privateKey: PrivateKey?
    /// `nil` leaves the device's own; 0 lets the system choose.
    package var listenPort: UInt16?
    /// Whether the device drops every peer first, and with them their sessions.
    package var replacesPeers: Bool
    /// Peers that are removed; one that the device does not have is no error.
    package var removedPeers: [PublicKey]
    /// Peers that are added or changed, after the removals.
    package var peers: [PeerUpdate]

    /// Changes nothing but what is given.
    package init(
        privateKey: PrivateKey? = nil,
        listenPort: UInt16? = nil,
        replacesPeers: Bool = false,
        removedPeers: [PublicKey] = [],
        peers: [PeerUpdate] = []
    ) {
        self.privateKey = privateKey
        self.listenPort = listenPort
        self.replacesPeers = replacesPeers
        self.removedPeers = removedPeers
        self.peers = peers
    }

    /// Leaves the device with exactly this key, port and list of peers.
    package init(_ interface: InterfaceConfiguration) {
        self.init(
            privateKey: interface.privateKey,
            listenPort: interface.listenPort ?? 0,
            replacesPeers: true,
            peers: interface.peers.map(PeerUpdate.init)
        )
    }
}

/// What is to become of one peer; what is not mentioned stays, its session among it.
package struct PeerUpdate: Sendable {
    /// What becomes of a peer's preshared key.
    package enum PresharedKeyUpdate: Sendable {
        case keep
        case remove
        case set(PresharedKey)
    }

    /// What identifies the peer.
    package var publicKey: PublicKey
    /// Whether a peer that the device does not have is passed over instead of added.
    package var isUpdateOnly: Bool
    /// What becomes of the preshared key; a peer that is added has none unless one is set.
    package var presharedKey: PresharedKeyUpdate
    /// Where to call the peer from now on; `nil` leaves it where it is.
    package var endpoint: SocketAddress?
    /// Seconds; 0 sends none, and `nil` leaves it.
    package var keepaliveSeconds: UInt16?
    /// Whether the peer loses the addresses that it has first, for a moment in which their packets are dropped.
    package var replacesAllowedAddresses: Bool
    /// Addresses that the peer gets, and whoever had them loses.
    package var allowedAddresses: [IPPrefix]

    /// Changes nothing but what is given.
    package init(
        publicKey: PublicKey,
        isUpdateOnly: Bool = false,
        presharedKey: PresharedKeyUpdate = .keep,
        endpoint: SocketAddress? = nil,
        keepaliveSeconds: UInt16? = nil,
        replacesAllowedAddresses: Bool = false,
        allowedAddresses: [IPPrefix] = []
    ) {
        self.publicKey = publicKey
        self.isUpdateOnly = isUpdateOnly
        self.presharedKey = presharedKey
        self.endpoint = endpoint
        self.keepaliveSeconds = keepaliveSeconds
        self.replacesAllowedAddresses = replacesAllowedAddresses
        self.allowedAddresses = allowedAddresses
    }

    /// Leaves the device with exactly this peer; of the endpoints, the first that is an address is called.
    package init(_ peer: PeerConfiguration) {
        self.init(
            publicKey: peer.publicKey,
            presharedKey: peer.presharedKey.map(PresharedKeyUpdate.set) ?? .remove,
            endpoint: peer.endpoints.lazy.compactMap(\.socketAddress).first,
            keepaliveSeconds: peer.keepaliveSeconds ?? 0,
            replacesAllowedAddresses: true,
            allowedAddresses: peer.allowedAddresses
        )
    }
}
