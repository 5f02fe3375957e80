import Crypto
import Synchronization
import WireGuard

/// Where the peers of a tunnel were heard of last, for a device that is made again.
///
/// A hub knows that from nowhere else; without it, it would have to wait until each peer calls again.
final class ReachedPeers: Sendable {
    private let endpoints = Mutex<[PublicKey: SocketAddress]>([:])

    /// Takes notice of what a device reports.
    func note(_ states: [PeerState]) {
        endpoints.withLock { endpoints in
            for state in states where state.latestHandshake != nil { endpoints[state.publicKey] = state.endpoint }
        }
    }

    /// The same interface, whose peers are called where they were heard of last.
    func applied(to interface: InterfaceConfiguration) -> InterfaceConfiguration {
        let known = endpoints.withLock(\.self)
        var interface = interface
        for index in interface.peers.indices {
            guard let address = known[interface.peers[index].publicKey],
                let endpoint = Endpoint(host: .address(address.address), port: address.port)
            else { continue }
            interface.peers[index].endpoints = [endpoint]
        }
        return interface
    }

    /// What makes a device that is up call the peers of an interface at once, and then what ends that.
    ///
    /// A keepalive packet needs a session, so to turn them on begins a handshake; peers that get them anyway are called
    /// without it.
    func calls(of interface: InterfaceConfiguration) -> [DeviceChange] {
        let known = endpoints.withLock(\.self)
        let keys = interface.peers.filter { known[$0.publicKey] != nil && $0.keepaliveSeconds == nil }.map(\.publicKey)
        guard !keys.isEmpty else { return [] }
        return [UInt16.max, 0].map { seconds in
            DeviceChange(peers: keys.map { PeerUpdate(publicKey: $0, isUpdateOnly: true, keepaliveSeconds: seconds) })
        }
    }
}
