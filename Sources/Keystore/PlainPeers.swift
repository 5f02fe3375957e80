package import Crypto
internal import SystemIO
package import WireGuard

/// A peer of a network that has no identity: a WireGuard key and what goes with it, from a file for `wg-quick(8)`.
package struct PlainPeer: Sendable {
    /// What people call it.
    package let name: Name
    private let peer: QuickPeer

    /// What identifies it.
    package var publicKey: PublicKey { peer.publicKey }
    /// What it may send from, and what is sent to it.
    package var allowedAddresses: [IPPrefix] { peer.allowedAddresses }
    /// Those of its allowed blocks that are one address each.
    var addresses: [IPAddress] {
        allowedAddresses.filter { $0.length == $0.address.family.bitCount }.map(\.address)
    }

    /// Whether somebody means this peer by its name, its WireGuard key or one of its addresses.
    func isMeant(by text: String) -> Bool {
        name == Name(text) || publicKey.base64 == text || IPAddress(text).map(addresses.contains) ?? false
    }

    /// As a file for `wg-quick` has it.
    var quickPeer: QuickPeer {
        var peer = peer
        peer.label = name.description
        return peer
    }

    /// As the hub's interface has it.
    var configuration: PeerConfiguration {
        PeerConfiguration(
            publicKey: publicKey,
            name: name,
            presharedKey: peer.presharedKey,
            endpoints: [peer.endpoint].compactMap(\.self),
            allowedAddresses: allowedAddresses,
            keepaliveSeconds: peer.keepaliveSeconds
        )
    }
}

extension PlainPeer {
    /// Names the peers of a file by their labels, or by the start of their keys where there is none or another has it.
    static func named(_ peers: [QuickPeer]) throws(KeystoreError) -> [PlainPeer] {
        var taken: Set<Name> = []
        var named: [PlainPeer] = []
        for peer in peers {
            let digits = peer.publicKey.rawValue.hexadecimal
            let label = peer.label.flatMap { label in
                Name(nearest: label.split(separator: " ").joined(separator: "-"))
            }
            let candidates = [label].compactMap(\.self) + (5...26).lazy.compactMap { Name("peer-\(digits.prefix($0))") }
            guard let name = candidates.first(where: { !taken.contains($0) }) else { throw .noFreeName }
            taken.insert(name)
            named.append(PlainPeer(name: name, peer: peer))
        }
        return named
    }
}

extension NetworkStore {
    /// The peers without identity, in the order of their file.
    ///
    /// - Parameter known: Keys of peers that have an identity by now.
    /// - Returns: The others.
    /// - Throws: ``KeystoreError/plainPeers(_:)`` for a file that is damaged.
    package borrowing func plainPeers(besides known: [PublicKey] = []) throws(KeystoreError) -> [PlainPeer] {
        let text: SecretBytes
        do throws(SystemError) {
            text = try directory.readSecret(
                Self.plainPeersFile,
                // What was read in the tersest spelling is written in one that is up to three times as long.
                maximumByteCount: 4 * QuickConfiguration.maximumByteCount
            )
        } catch .missing {
            return []
        } catch {
            throw .system(error)
        }
        let configuration: QuickConfiguration
        do throws(QuickError) {
            configuration = try text.withBytes { (text) throws(QuickError) in
                try QuickConfiguration(text: text, file: plainPeersPath)
            }
        } catch {
            throw .plainPeers(error)
        }
        let known = Set(known)
        return try PlainPeer.named(configuration.peers).filter { !known.contains($0.publicKey) }
    }

    /// The peers without identity as the hub's interface has them.
    ///
    /// - Parameter peers: Those that have one.
    /// - Returns: None that has an identity by now.
    /// - Throws: Also where one has a block of those; WireGuard would give it now to the one, now to the other.
    borrowing func plainPeers(beside peers: [PeerConfiguration]) throws(KeystoreError) -> [PeerConfiguration] {
        let plainPeers = try plainPeers(besides: peers.map(\.publicKey)).map(\.configuration)
        guard !plainPeers.isEmpty else { return [] }
        let taken = Set(peers.flatMap(\.allowedAddresses))
        if let block = plainPeers.flatMap(\.allowedAddresses).first(where: taken.contains) {
            throw .plainPeers(QuickError(file: plainPeersPath, line: nil, problem: .sharedBlock(block)))
        }
        return plainPeers
    }

    private var plainPeersPath: String { "\(path)/\(Self.plainPeersFile)" }

    /// Writes the peers without identity; the caller holds the lock.
    borrowing func replacePlainPeers(_ peers: [PlainPeer]) throws(KeystoreError) {
        try throwingKeystoreError { () throws(SystemError) in try directory.replacePlainPeers(peers) }
    }
}

extension Directory {
    /// Writes the peers without identity of a network; the file holds their preshared keys, and is not there without them.
    borrowing func replacePlainPeers(_ peers: [PlainPeer]) throws(SystemError) {
        if peers.isEmpty {
            if try contains(NetworkStore.plainPeersFile) { try remove(NetworkStore.plainPeersFile) }
            return
        }
        var configuration = QuickConfiguration()
        configuration.peers = peers.map(\.quickPeer)
        let comment = """
            Peers of a wgseal network that have no identity, as wg-quick(8) has them. Keep this secret: it holds keys.
            Edit it as you like. 'wgbundle seal' takes out whoever gets an identity.
            """
        let text = configuration.text(comment: comment)
        try text.withBytes { (text) throws(SystemError) in
            _ = try replace(NetworkStore.plainPeersFile, text, mode: 0o600)
        }
    }
}

extension Home {
    /// Makes a network of the file that a hub had for `wg-quick(8)`, whose peers find it as it was.
    ///
    /// - Parameters:
    ///   - name: What to call it.
    ///   - interface: What the link is called.
    ///   - configuration: With an address, one or more.
    ///   - listenPort: The port of the file.
    ///   - hostName: What this host is called.
    /// - Returns: The network.
    /// - Throws: ``KeystoreError/networkExists(_:)``, or ``KeystoreError/networkClash(_:port:other:)``.
    package borrowing func importNetwork(
        _ name: Name,
        interface: InterfaceName,
        from configuration: QuickConfiguration,
        listenPort: UInt16,
        hostName: String
    ) throws(KeystoreError) -> NetworkStore {
        let lock = try lock()
        defer { _ = lock }
        try requireRoom(for: name, interface: interface, listenPort: listenPort)
        let plainPeers = try PlainPeer.named(configuration.peers)
        guard
            var network = Network(
                name: name,
                interface: interface,
                addresses: configuration.addresses,
                listenPort: listenPort,
                hostName: hostName
            )
        else { throw .noFreeRange }
        network.mtu = configuration.mtu
        return try store(network, plainPeers: plainPeers)
    }

    /// Finds out what would keep ``importNetwork(_:interface:from:listenPort:hostName:)`` from its work.
    ///
    /// - Throws: ``KeystoreError/networkExists(_:)``, or ``KeystoreError/networkClash(_:port:other:)``.
    package borrowing func requireRoom(
        for name: Name,
        interface: InterfaceName,
        listenPort: UInt16
    ) throws(KeystoreError) {
        do throws(KeystoreError) {
            _ = try network(name)
            throw .networkExists(name)
        } catch .noNetwork {
            // It is made.
        } catch {
            throw error
        }
        let other = try networks(besides: name).first { $0.interface == interface || $0.listenPort == listenPort }
        if let other { throw .networkClash(interface, port: listenPort, other: other.name) }
    }
}
