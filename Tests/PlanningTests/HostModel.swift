import Crypto
import Planning
import Testing
import WireGuard

/// A host as far as a plan is about it, which refuses what Linux refuses.
struct HostModel {
    private(set) var state: ObservedState
    /// The peers that a change has named.
    private(set) var touchedPeers: Set<PublicKey> = []
    private let desired: DesiredState

    init(_ state: ObservedState, desired: DesiredState) {
        self.state = state
        self.desired = desired
    }

    private var interface: InterfaceConfiguration { desired.interface }

    mutating func apply(_ change: Change) throws {
        switch change {
        case .make(let step): try apply(step)
        case .stopContainer(let engine, let name):
            guard case .container(engine, name, let namespace) = state.workload else { throw Refusal() }
            if let namespace {
                (state.workload, state.workloadCheck) = (.process(namespace: namespace, hasCommand: false), nil)
            } else {
                endNamespace()
            }
        case .stopProcess:
            guard case .process(let namespace, true) = state.workload else { throw Refusal() }
            state.workloadCheck = nil
            state.workload = namespace == nil ? .none : .process(namespace: namespace, hasCommand: false)
        case .removeNamespace(let name):
            try #require(state.workload == .process(namespace: name, hasCommand: false))
            endNamespace()
        case .removeLink: state.link = nil
        case .removeRoute(let prefix, _): try withLink { try #require($0.ownRoutes.remove(prefix) != nil) }
        case .removeAddress(let address, _): try withLink { try $0.remove(address) }
        case .replaceKey: try configure()
        case .setListenPort(let port, _): try withLink { $0.device.listenPort = port }
        case .removePeer(let key, _):
            let index = try peerIndex(key)
            try withLink { $0.device.peers.remove(at: index) }
        case .addPeer(let key, _):
            touchedPeers.insert(key)
            let peer = try #require(interface.peers.first { $0.publicKey == key })
            try withLink { link in
                try #require(!link.device.peers.contains { $0.publicKey == key })
                link.device.peers.append(Self.state(of: peer))
            }
            try note(peer)
        case .changePeer(let key, _, let parts):
            touchedPeers.insert(key)
            let index = try peerIndex(key)
            try #require(!parts.isEmpty)
            try withLink { link in for part in parts { Self.apply(part, to: &link.device.peers[index]) } }
            if parts.contains(.setPresharedKey) {
                try note(try #require(interface.peers.first { $0.publicKey == key }))
            }
        case .setMTU(let mtu, _): try withLink { $0.mtu = mtu }
        case .bringUp: try withLink { try $0.bringUp() }
        }
    }

    private mutating func apply(_ step: Step) throws {
        switch step {
        case .createNamespace(let name):
            try #require(state.workload == .none)
            state.workload = .process(namespace: name, hasCommand: false)
        case .createLink:
            try #require(state.link == nil)
            state.link = ObservedState.Link(
                placement: .host,
                isUp: false,
                mtu: 1500,
                addresses: [],
                ownRoutes: [],
                otherRoutes: [],
                device: DeviceState(publicKey: nil, listenPort: 0, peers: []),
                notes: PeerNotes()
            )
        case .configureDevice: try configure()
        case .startContainer(let engine, let name):
            switch state.workload {
            case .none: state.workload = .container(engine: engine, name: name)
            case .process(let namespace?, false):
                // It finds the tunnel there.
                try #require(state.link?.placement == .container && state.link?.isUp == true)
                state.workload = .container(engine: engine, name: name, namespace: namespace)
            default: throw Refusal()
            }
            state.workloadCheck = desired.workloadCheck
        case .waitForHandshake: try #require(state.link?.isUp == true && state.link?.device.publicKey != nil)
        case .startProcess:
            switch state.workload {
            case .none: state.workload = .process(namespace: nil, hasCommand: true)
            case .process(let namespace?, false): state.workload = .process(namespace: namespace, hasCommand: true)
            default: throw Refusal()
            }
            state.workloadCheck = desired.workloadCheck
        case .moveLink:
            try #require(state.workload != .none)
            try withLink { link in
                try #require(link.placement == .host)
                link.placement = .container
                (link.isUp, link.addresses, link.ownRoutes, link.otherRoutes) = (false, [], [], [])
            }
        case .addAddress(let address, _): try withLink { try $0.add(address) }
        case .bringUp(_, let mtu):
            try withLink { link in
                link.mtu = mtu
                try link.bringUp()
            }
        case .addRoute(let prefix, _):
            try withLink { link in
                try #require(link.isUp && !link.ownRoutes.contains(prefix) && !link.otherRoutes.contains(prefix))
                link.ownRoutes.insert(prefix)
            }
        }
    }

    struct Refusal: Error {}

    private mutating func withLink(_ body: (inout ObservedState.Link) throws -> Void) throws {
        var link = try #require(state.link)
        try body(&link)
        state.link = link
    }

    private func peerIndex(_ key: PublicKey) throws -> Int {
        try #require(state.link?.device.peers.firstIndex { $0.publicKey == key })
    }

    private mutating func endNamespace() {
        (state.workload, state.workloadCheck) = (.none, nil)
        if state.link?.placement == .container { state.link = nil }
    }

    private mutating func configure() throws {
        let interface = interface
        try withLink { link in
            link.device = DeviceState(
                publicKey: interface.privateKey.publicKey,
                listenPort: interface.listenPort ?? 40_000,
                peers: interface.peers.map(Self.state)
            )
            link.notes = PeerNotes(interface)
        }
    }

    private mutating func note(_ peer: PeerConfiguration) throws {
        try withLink { link in
            let others = link.notes.peers.filter { $0.publicKey != peer.publicKey }
            link.notes = PeerNotes(others + [PeerNotes.Peer(peer)])
        }
    }

    private static func state(of peer: PeerConfiguration) -> PeerState {
        PeerState(
            publicKey: peer.publicKey,
            endpoint: peer.endpoints.first?.socketAddress,
            keepaliveSeconds: peer.keepaliveSeconds,
            allowedAddresses: peer.allowedAddresses
        )
    }

    private static func apply(_ change: PeerChange, to peer: inout PeerState) {
        switch change {
        case .allow(let prefix): peer.allowedAddresses.append(prefix)
        case .disallow(let prefix): peer.allowedAddresses.removeAll { $0 == prefix }
        case .setKeepalive(let seconds): peer.keepaliveSeconds = seconds
        case .setEndpoint(let endpoint): peer.endpoint = endpoint
        case .setPresharedKey: break
        }
    }
}

extension ObservedState.Link {
    fileprivate mutating func add(_ address: InterfaceAddress) throws {
        try #require(!addresses.contains(address))
        let isSecondary = address.address.family == .v4 && addresses.contains { $0.prefix == address.prefix }
        addresses.append(address)
        if isUp, !isSecondary { otherRoutes.insert(address.prefix) }
    }

    /// As `fib_del_ifaddr` and `inet_del_ifa` do it, where `promote_secondaries` is off.
    fileprivate mutating func remove(_ address: InterfaceAddress) throws {
        let index = try #require(addresses.firstIndex(of: address))
        let isIPv4 = address.address.family == .v4
        let isPrimary = isIPv4 && !addresses[..<index].contains { $0.prefix == address.prefix }
        addresses.removeAll { $0 == address || isPrimary && $0.prefix == address.prefix }
        if !addresses.contains(where: { $0.prefix == address.prefix }) { otherRoutes.remove(address.prefix) }
        guard isIPv4, !addresses.contains(where: { $0.address.family == .v4 }) else { return }
        ownRoutes = ownRoutes.filter { $0.address.family == .v6 }
        otherRoutes = otherRoutes.filter { $0.address.family == .v6 }
    }

    fileprivate mutating func bringUp() throws {
        try #require(!isUp)
        isUp = true
        otherRoutes.formUnion(addresses.map(\.prefix))
    }
}
