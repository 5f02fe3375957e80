package import Crypto

/// One peer of an interface, as it should be.
package struct PeerConfiguration: Sendable {
    /// What identifies the peer.
    package var publicKey: PublicKey
    /// What people call the peer.
    package var name: Name
    /// Of the peer's identity, where that is known.
    package var fingerprint: Fingerprint?
    /// Mixed into the handshake; `nil` for a peer without one.
    package var presharedKey: PresharedKey?
    /// Where the peer may be reached, the preferred one first; none for a peer that calls us.
    package var endpoints: [Endpoint]
    /// What the peer may send from, and what is routed to it.
    package var allowedAddresses: [IPPrefix]
    /// Seconds between keepalive packets, 1 to 65535; `nil` sends none.
    package var keepaliveSeconds: UInt16?

    /// Takes a peer; by default, one without preshared key that calls us.
    package init(
        publicKey: PublicKey,
        name: Name,
        fingerprint: Fingerprint? = nil,
        presharedKey: PresharedKey? = nil,
        endpoints: [Endpoint] = [],
        allowedAddresses: [IPPrefix],
        keepaliveSeconds: UInt16? = nil
    ) {
        self.publicKey = publicKey
        self.name = name
        self.fingerprint = fingerprint
        self.presharedKey = presharedKey
        self.endpoints = endpoints
        self.allowedAddresses = allowedAddresses
        self.keepaliveSeconds = keepaliveSeconds
    }
}

/// A WireGuard interface, as it should be.
package struct InterfaceConfiguration: Sendable {
    /// What the link is called on this host.
    package var name: InterfaceName
    /// The host's half of every handshake.
    package var privateKey: PrivateKey
    /// The host's own addresses in the tunnel.
    package var addresses: [InterfaceAddress]
    /// The UDP port; `nil` lets the system choose.
    package var listenPort: UInt16?
    /// In bytes, 1280 to 9000.
    package var mtu: Int
    /// All peers; one that is not here is removed.
    package var peers: [PeerConfiguration]

    /// What fits into a packet of 1500 bytes after WireGuard's own 60 or 80.
    package static let defaultMTU = 1420

    /// Takes an interface that listens where the system lets it, with the usual MTU, unless told otherwise.
    package init(
        name: InterfaceName,
        privateKey: PrivateKey,
        addresses: [InterfaceAddress],
        listenPort: UInt16? = nil,
        mtu: Int = InterfaceConfiguration.defaultMTU,
        peers: [PeerConfiguration]
    ) {
        self.name = name
        self.privateKey = privateKey
        self.addresses = addresses
        self.listenPort = listenPort
        self.mtu = mtu
        self.peers = peers
    }
}
