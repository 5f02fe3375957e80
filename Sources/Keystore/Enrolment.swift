package import Crypto
package import PeerBundle
package import WireGuard

/// What somebody asks of a network for one peer.
///
/// An empty list leaves what the peer's record says.
package struct EnrolmentRequest: Sendable {
    /// Whom the bundle is for.
    package var identity: Identity
    /// What to call a new peer; `nil` makes a name of the fingerprint.
    package var name: Name?
    /// At most one in each of the network's ranges; others are chosen.
    package var addresses: [IPAddress] = []
    /// Where this peer reaches the hub.
    package var endpoints: [Endpoint] = []
    /// What this peer sends through the hub beyond the hub's own addresses.
    package var routes: [IPPrefix] = []
    /// What this peer is told it can reach.
    package var services: [ServiceRequest] = []
    /// What this peer is asked to run; `nil` leaves what its record says.
    package var container: ContainerRequest?

    /// Asks for nothing but that the host be a peer.
    package init(identity: Identity) { self.identity = identity }
}

extension Network {
    /// The record of a peer after a request: that of a new peer, or a known one's with the changes.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - hub: The identity of this host.
    ///   - peers: All peers of the network.
    ///   - plainPeers: Its plain peers; one that has the key of the identity becomes the peer, and keeps what it has.
    ///   - serial: The serial of the bundle to be made.
    ///   - now: When a new peer is created.
    /// - Returns: The record as it should be on the disk before the bundle leaves.
    /// - Throws: ``KeystoreError`` for a name, key or address that is not to be had.
    func peer(
        for request: EnrolmentRequest,
        hub: Identity,
        among peers: [PeerRecord],
        plainPeers: [PlainPeer] = [],
        serial: UInt64,
        now: UnixTime
    ) throws(KeystoreError) -> PeerRecord {
        let identity = request.identity
        guard identity != hub else { throw .ownIdentity }
        guard identity.wireGuardKey != hub.wireGuardKey else { throw .wireGuardKeyTaken(hubName) }
        let known = peers.first { $0.identity == identity }
        let others = peers.filter { $0.identity != identity }
        if let twin = others.first(where: { $0.identity.wireGuardKey == identity.wireGuardKey }) {
            throw .wireGuardKeyTaken(twin.name)
        }
        if let known, let name = request.name, name != known.name { throw .peerKnown(known.name) }
        let plain = known == nil ? plainPeers.first { $0.publicKey == identity.wireGuardKey } : nil
        let otherPlain = plainPeers.filter { $0.publicKey != identity.wireGuardKey }
        let addresses = try peerAddresses(
            wanted: request.addresses,
            known: known?.addresses ?? plain?.addresses ?? [],
            besides: others.flatMap(\.addresses).map(IPPrefix.init(single:)) + otherPlain.flatMap(\.allowedAddresses)
        )
        // A bundle says what a peer reaches through the hub, but not what the hub reaches through the peer.
        let kept = addresses.map(IPPrefix.init(single:))
        if let plain, let block = plain.allowedAddresses.first(where: { !kept.contains($0) }) {
            throw .plainPeerKeeps(plain.name, block)
        }

        var peer = PeerRecord(
            name: try name(
                for: request,
                known: known?.name ?? (request.name == nil ? plain?.name : nil),
                besides: Set(others.map(\.name) + otherPlain.map(\.name))
            ),
            identity: identity,
            addresses: addresses,
            salt: known?.salt ?? Salt(),
            created: known?.created ?? now,
            serial: serial
        )
        peer.endpoints = request.endpoints.isEmpty ? known?.endpoints ?? [] : request.endpoints
        peer.routes = request.routes.isEmpty ? known?.routes ?? [] : request.routes
        peer.services = request.services.isEmpty ? known?.services ?? [] : request.services
        peer.container = request.container ?? known?.container
        return peer
    }

    private func name(
        for request: EnrolmentRequest,
        known: Name?,
        besides taken: Set<Name>
    ) throws(KeystoreError) -> Name {
        if let known { return known }
        if let name = request.name {
            guard !taken.contains(name) else { throw .peerNameTaken(name) }
            return name
        }
        guard let name = Name(prefix: "peer", fingerprint: request.identity.fingerprint, besides: taken) else {
            throw .noFreeName
        }
        return name
    }

    // For each range: the address that is asked for, else the one the peer has, else the lowest free one.
    private func peerAddresses(
        wanted: [IPAddress],
        known: [IPAddress],
        besides taken: [IPPrefix]
    ) throws(KeystoreError) -> [IPAddress] {
        var wanted = wanted
        var addresses: [IPAddress] = []
        if ranges.isEmpty, let hub = self.addresses.first { throw .noFreeAddress(hub.prefix) }
        for hub in ranges {
            var pool = AddressPool(hub: hub)
            for address in self.addresses.map(\.address) + addresses { pool.take(address) }
            for block in taken { pool.take(block) }
            if let index = wanted.firstIndex(where: hub.prefix.contains) {
                let address = wanted.remove(at: index)
                guard pool.isFree(address) else { throw .addressTaken(address) }
                addresses.append(address)
            } else if let address = known.first(where: pool.isFree) ?? pool.lowestFree {
                addresses.append(address)
            } else {
                throw .noFreeAddress(hub.prefix)
            }
        }
        if let address = wanted.first { throw .addressOutside(address) }
        return addresses
    }

    /// The network as one of its peers should see it.
    ///
    /// - Parameters:
    ///   - peer: Whom it is for.
    ///   - hub: This host's identity.
    ///   - root: That of the network's preshared keys.
    ///   - endpoints: Where the peer reaches the hub.
    ///   - created: Now.
    ///   - notAfter: The last second in which the bundle may be applied.
    /// - Returns: A bundle with the hub as its only peer.
    /// - Throws: ``BundleError/field(_:_:)`` for more of something than the format allows.
    func bundle(
        for peer: PeerRecord,
        hub: Identity,
        root: PresharedKeyRoot,
        endpoints: [Endpoint],
        created: UnixTime,
        notAfter: UnixTime
    ) throws(BundleError) -> Bundle {
        let links = zip(peer.addresses, ranges).compactMap { address, hub in
            InterfaceAddress(address, prefixLength: hub.prefixLength)
        }
        let hubAddresses = addresses.map { IPPrefix(single: $0.address) }
        let hubPeer = PeerConfiguration(
            publicKey: hub.wireGuardKey,
            name: hubName,
            presharedKey: peer.presharedKey(hub: hub.wireGuardKey, root: root),
            endpoints: endpoints,
            allowedAddresses: hubAddresses + peer.routes.filter { !hubAddresses.contains($0) },
            keepaliveSeconds: keepaliveSeconds
        )
        let services = peer.services.compactMap { service in
            addresses.first.flatMap {
                Service(name: service.name, address: $0.address, port: service.port, transport: service.transport)
            }
        }
        return try Bundle(
            networkID: id,
            networkName: name,
            epoch: epoch,
            serial: peer.serial,
            created: created,
            notAfter: notAfter,
            addresses: links,
            mtu: mtu,
            peers: [hubPeer],
            services: services,
            container: peer.container
        )
    }

    /// The hub's own interface with all its peers.
    ///
    /// - Parameters:
    ///   - key: This host's identity key.
    ///   - root: That of the network's preshared keys.
    ///   - peers: All peers of the network.
    /// - Returns: An interface whose peers call it: they have no endpoints, and keep the connection alive themselves.
    package func hubInterface(
        key: IdentityKey,
        root: PresharedKeyRoot,
        peers: [PeerRecord]
    ) -> InterfaceConfiguration {
        InterfaceConfiguration(
            name: interface,
            privateKey: key.wireGuardKey,
            addresses: addresses,
            listenPort: listenPort,
            mtu: mtu.map(Int.init) ?? InterfaceConfiguration.defaultMTU,
            peers: peers.map { $0.configuration(hub: key.identity.wireGuardKey, root: root) }
        )
    }
}

extension NetworkStore {
    /// The hub's own interface with all its peers.
    ///
    /// Of each record, only what the interface needs is kept: there may be ten thousand.
    ///
    /// - Parameter key: This host's identity key.
    /// - Returns: See ``Network/hubInterface(key:root:peers:)``.
    /// - Throws: ``KeystoreError``.
    package borrowing func hubInterface(key: IdentityKey) throws(KeystoreError) -> InterfaceConfiguration {
        let root = try presharedKeyRoot()
        var interface = network.hubInterface(key: key, root: root, peers: [])
        try forEachPeer { interface.peers.append($0.configuration(hub: key.identity.wireGuardKey, root: root)) }
        interface.peers += try plainPeers(beside: interface.peers)
        return interface
    }
}

extension PeerRecord {
    fileprivate func configuration(hub: PublicKey, root: PresharedKeyRoot) -> PeerConfiguration {
        PeerConfiguration(
            publicKey: identity.wireGuardKey,
            name: name,
            fingerprint: identity.fingerprint,
            presharedKey: presharedKey(hub: hub, root: root),
            allowedAddresses: addresses.map(IPPrefix.init(single:))
        )
    }
}
