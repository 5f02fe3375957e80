package import Crypto
package import WireGuard

/// What is to become of a WireGuard device.
package struct DeviceChange: Sendable {
    /// `nil` leaves the device's own.
    package var privateKey: PrivateKey?
    /// `nil` leaves the device's own; 0 lets the kernel choose.
    package var listenPort: UInt16?
    /// Whether the device drops every peer first, and with them their sessions.
    package var replacesPeers: Bool
    /// Peers that are added, or become exactly so; an endpoint stays where none is given.
    package var peers: [PeerConfiguration]
    /// Peers that are removed; one that the device does not have is no error.
    package var removedPeers: [PublicKey]

    /// Changes nothing but what is given.
    package init(
        privateKey: PrivateKey? = nil,
        listenPort: UInt16? = nil,
        replacesPeers: Bool = false,
        peers: [PeerConfiguration] = [],
        removedPeers: [PublicKey] = []
    ) {
        self.privateKey = privateKey
        self.listenPort = listenPort
        self.replacesPeers = replacesPeers
        self.peers = peers
        self.removedPeers = removedPeers
    }

    /// Leaves the device with exactly this key, port and list of peers.
    package init(_ interface: InterfaceConfiguration) {
        self.init(
            privateKey: interface.privateKey,
            listenPort: interface.listenPort ?? 0,
            replacesPeers: true,
            peers: interface.peers
        )
    }

    /// Removes all peers: a link without peers is deleted at once, one with peers after some 12 ms for each of them.
    package static let removeAllPeers = DeviceChange(replacesPeers: true)
}
