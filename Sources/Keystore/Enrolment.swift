package import Crypto
package import PeerBundle
internal import SystemIO
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
    /// Whether it becomes a peer of all others of the mesh, if it is not one already.
    package var isInMesh = false
    /// Where the others of the mesh reach this peer.
    package var ownEndpoints: [Endpoint] = []
    /// What to write down about it; `nil` leaves what its record says.
    package var note: Note?
    /// Whether the pair gets a new preshared key: the peer is cut off until it has its bundle.
    package var isRekeyed = false

    /// Asks for nothing but that the host be a peer.
    package init(identity: Identity) { self.identity = identity }
}

/// Takes in peers, one after the other, before anything of it is written.
struct Enrolment {
    let network: Network
    /// The identity of this host.
    let hub: Identity
    var index: PeerIndex
    private var pools: [AddressPool]
    private var newNames: Set<Name> = []
    private let plainPeers: [PlainPeer]

    init(
        _ network: Network,
        hub: Identity,
        index: consuming PeerIndex,
        plainPeers: [PlainPeer] = [],
        now: UnixTime
    ) {
        self.network = network
        self.hub = hub
        self.plainPeers = plainPeers
        pools = index.pools(for: network.ranges, now: now)
        self.index = index
        for index in pools.indices {
            for address in network.addresses { pools[index].take(address.address) }
            for block in plainPeers.flatMap(\.allowedAddresses) { pools[index].take(block) }
        }
    }

    /// What is known of the host that a request is for.
    ///
    /// - Returns: `nil` for a host that is not a peer.
    /// - Throws: ``KeystoreError`` for a key that is not to be had.
    func known(_ request: EnrolmentRequest) throws(KeystoreError) -> PeerIndex.Entry? {
        let identity = request.identity
        guard identity != hub else { throw .ownIdentity }
        guard identity.wireGuardKey != hub.wireGuardKey else { throw .wireGuardKeyTaken(network.hubName) }
        guard let entry = index.entry(of: identity.wireGuardKey) else { return nil }
        guard entry.kind == .peer else { throw .revoked(entry.name) }
        guard entry.identity == identity else { throw .wireGuardKeyTaken(entry.name) }
        return entry
    }

    /// The record of a peer after a request: that of a new peer, or a known one's with the changes.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - known: What is recorded of the peer; `nil` for a new one.
    ///   - serial: The serial of the bundle to be made.
    ///   - notAfter: When that bundle expires.
    ///   - now: When a new peer is created.
    ///   - isTaken: Whether a peer of this name is recorded.
    /// - Returns: The record as it should be on the disk before the bundle leaves.
    /// - Throws: ``KeystoreError`` for a name or address that is not to be had.
    mutating func peer(
        for request: EnrolmentRequest,
        known: PeerRecord?,
        serial: UInt64,
        notAfter: UnixTime,
        now: UnixTime,
        isTaken: (Name) throws(KeystoreError) -> Bool
    ) throws(KeystoreError) -> PeerRecord {
        if let known, let name = request.name, name != known.name { throw .peerKnown(known.name) }
        let plain = known == nil ? plainPeers.first { $0.publicKey == request.identity.wireGuardKey } : nil
        let addresses = try addresses(wanted: request.addresses, known: known?.addresses ?? plain?.addresses ?? [])
        // A bundle says what a peer reaches through the hub, but not what the hub reaches through the peer.
        let kept = addresses.map(IPPrefix.init(single:))
        if let plain, let block = plain.allowedAddresses.first(where: { !kept.contains($0) }) {
            throw .plainPeerKeeps(plain.name, block)
        }
        var peer = PeerRecord(
            name: try name(for: request, known: known, plain: plain, isTaken: isTaken),
            identity: request.identity,
            addresses: addresses,
            salt: request.isRekeyed ? Salt() : known?.salt ?? Salt(),
            created: known?.created ?? now,
            serial: serial
        )
        peer.notAfter = notAfter
        peer.endpoints = request.endpoints.isEmpty ? known?.endpoints ?? [] : request.endpoints
        peer.routes = request.routes.isEmpty ? known?.routes ?? [] : request.routes
        peer.services = request.services.isEmpty ? known?.services ?? [] : request.services
        peer.container = request.container ?? known?.container
        peer.isInMesh = request.isInMesh || known?.isInMesh ?? false
        peer.ownEndpoints = request.ownEndpoints.isEmpty ? known?.ownEndpoints ?? [] : request.ownEndpoints
        peer.note = request.note ?? known?.note
        for address in peer.addresses {
            for index in pools.indices { pools[index].take(address) }
        }
        newNames.insert(peer.name)
        // The version of the file follows when there is one.
        index.put(peer, FileVersion(inode: 0, modified: 0))
        return peer
    }

    private func name(
        for request: EnrolmentRequest,
        known: PeerRecord?,
        plain: PlainPeer?,
        isTaken: (Name) throws(KeystoreError) -> Bool
    ) throws(KeystoreError) -> Name {
        if let known { return known.name }
        func isFree(_ name: Name) throws(KeystoreError) -> Bool {
            if newNames.contains(name) { return false }
            if plainPeers.contains(where: { $0.name == name && $0.publicKey != plain?.publicKey }) { return false }
            return try !isTaken(name)
        }
        if let name = request.name ?? plain?.name {
            guard try isFree(name) else { throw .peerNameTaken(name) }
            return name
        }
        for name in Name.candidates(prefix: "peer", fingerprint: request.identity.fingerprint) {
            if try isFree(name) { return name }
        }
        throw .noFreeName
    }

    // For each range: the address that is asked for, else the one the peer has, else the lowest free one.
    private func addresses(wanted: [IPAddress], known: [IPAddress]) throws(KeystoreError) -> [IPAddress] {
        var wanted = wanted
        var addresses: [IPAddress] = []
        let ranges = network.ranges
        if ranges.isEmpty, let hub = network.addresses.first { throw .noFreeAddress(hub.prefix) }
        for (hub, pool) in zip(ranges, pools) {
            var pool = pool
            // Two of the hub's addresses may be in one range.
            for address in addresses where hub.prefix.contains(address) { pool.take(address) }
            let own = known.first { hub.prefix.contains($0) && $0 != hub.address && !addresses.contains($0) }
            if let index = wanted.firstIndex(where: hub.prefix.contains) {
                let address = wanted.remove(at: index)
                guard address == own || pool.isFree(address) else { throw .addressTaken(address) }
                addresses.append(address)
            } else if let address = own ?? pool.lowestFree {
                addresses.append(address)
            } else {
                throw .noFreeAddress(hub.prefix)
            }
        }
        if let address = wanted.first { throw .addressOutside(address) }
        return addresses
    }
}

extension Network {
    /// The network as one of its peers should see it.
    ///
    /// - Parameters:
    ///   - peer: Whom it is for.
    ///   - hub: This host's identity.
    ///   - root: That of the network's preshared keys.
    ///   - endpoints: Where the peer reaches the hub.
    ///   - mesh: The others of the mesh, if the peer is in it.
    ///   - created: Now.
    ///   - notAfter: The last second in which the bundle may be applied.
    /// - Returns: A bundle with the hub as its first peer.
    /// - Throws: ``BundleError/field(_:_:)`` for more of something than the format allows.
    func bundle(
        for peer: PeerRecord,
        hub: Identity,
        root: PresharedKeyRoot,
        endpoints: [Endpoint],
        mesh: [PeerRecord] = [],
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
            listenPort: peer.isInMesh ? peer.ownEndpoints.first?.port : nil,
            peers: [hubPeer] + mesh.compactMap { peer.configuration(of: $0, root: root, keepalive: keepaliveSeconds) },
            services: services,
            container: peer.container
        )
    }

    /// The hub's own interface, whose peers call it: they have no endpoints, and keep the connection alive themselves.
    ///
    /// - Parameters:
    ///   - key: This host's identity key.
    ///   - peers: All peers of the network.
    /// - Returns: The interface.
    func hubInterface(key: IdentityKey, peers: [PeerConfiguration]) -> InterfaceConfiguration {
        InterfaceConfiguration(
            name: interface,
            privateKey: key.wireGuardKey,
            addresses: addresses,
            listenPort: listenPort,
            mtu: mtu.map(Int.init) ?? InterfaceConfiguration.defaultMTU,
            peers: peers
        )
    }
}

extension NetworkStore {
    /// The hub's own interface with all its peers.
    ///
    /// - Parameter key: This host's identity key.
    /// - Returns: See ``Network/hubInterface(key:peers:)``.
    /// - Throws: ``KeystoreError``.
    package borrowing func hubInterface(key: IdentityKey) throws(KeystoreError) -> InterfaceConfiguration {
        let root = try presharedKeyRoot()
        var interface = network.hubInterface(key: key, peers: [])
        try forEachEntry { interface.peers.append($0.configuration(hub: key.identity.wireGuardKey, root: root)) }
        interface.peers += try plainPeers(beside: interface.peers)
        return interface
    }
}

extension PeerIndex.Entry {
    /// The peer as the hub has it.
    func configuration(hub: PublicKey, root: PresharedKeyRoot) -> PeerConfiguration {
        PeerConfiguration(
            publicKey: identity.wireGuardKey,
            name: name,
            fingerprint: identity.fingerprint,
            presharedKey: root.presharedKey(between: hub, and: identity.wireGuardKey, salt: salt),
            allowedAddresses: addresses.map(IPPrefix.init(single:))
        )
    }
}

extension PeerRecord {
    /// Another peer of the mesh as this one has it.
    ///
    /// - Returns: `nil` if neither of the two can be called: they reach each other through the hub.
    fileprivate func configuration(
        of other: PeerRecord,
        root: PresharedKeyRoot,
        keepalive: UInt16?
    ) -> PeerConfiguration? {
        guard !ownEndpoints.isEmpty || !other.ownEndpoints.isEmpty else { return nil }
        return PeerConfiguration(
            publicKey: other.identity.wireGuardKey,
            name: other.name,
            presharedKey: root.presharedKey(
                between: identity.wireGuardKey,
                and: other.identity.wireGuardKey,
                salt: salt.combined(with: other.salt)
            ),
            endpoints: other.ownEndpoints,
            allowedAddresses: other.addresses.map(IPPrefix.init(single:)),
            keepaliveSeconds: other.ownEndpoints.isEmpty ? nil : keepalive
        )
    }
}
