internal import Crypto
package import WireGuard

extension DeviceChange {
    /// Joins changes of one device.
    ///
    /// - Parameters:
    ///   - changes: Those for which ``Change/isOfDevice`` holds; others do not count.
    ///   - device: As it was observed when they were computed.
    ///   - interface: What has the keys that are set, and the peers that are added.
    package init(_ changes: some Sequence<Change>, of device: DeviceState, to interface: InterfaceConfiguration) {
        self.init()
        let present = Dictionary(device.peers.map { ($0.publicKey, $0) }) { first, _ in first }
        let wanted = Dictionary(interface.peers.map { ($0.publicKey, $0) }) { first, _ in first }
        for change in changes {
            switch change {
            case .replaceKey:
                privateKey = interface.privateKey
                replacesPeers = true
                peers = interface.peers.map(PeerUpdate.init)
            case .setListenPort(let port, _): listenPort = port
            case .removePeer(let key, _): removedPeers.append(key)
            case .addPeer(let key, _):
                if let peer = wanted[key] { peers.append(PeerUpdate(peer)) }
            case .changePeer(let key, _, let parts):
                peers.append(PeerUpdate(key, parts, of: present[key], to: wanted[key]))
            default: break
            }
        }
    }
}

extension PeerUpdate {
    fileprivate init(_ key: PublicKey, _ parts: [PeerChange], of state: PeerState?, to peer: PeerConfiguration?) {
        self.init(publicKey: key, isUpdateOnly: true)
        var removed: Set<IPPrefix> = []
        for part in parts {
            switch part {
            case .allow(let prefix): allowedAddresses.append(prefix)
            case .disallow(let prefix): removed.insert(prefix)
            case .setKeepalive(let seconds): keepaliveSeconds = seconds ?? 0
            case .setEndpoint(let address): endpoint = address
            case .setPresharedKey: presharedKey = peer?.presharedKey.map(PresharedKeyUpdate.set) ?? .remove
            }
        }
        guard !removed.isEmpty else { return }
        // A device cannot be told to take a single address away.
        replacesAllowedAddresses = true
        let kept = (state?.allowedAddresses ?? []).filter { !removed.contains($0) }
        allowedAddresses = kept + allowedAddresses
    }
}
