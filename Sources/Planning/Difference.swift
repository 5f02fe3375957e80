internal import Crypto
package import WireGuard

/// The changes that lead from what is to what should be, in order, and no others.
package struct Difference: Equatable, Sendable {
    /// What to do, one after the other; empty where all is as it should be.
    package let changes: [Change]

    /// Compares what is with what should be.
    ///
    /// - Parameters:
    ///   - observed: What is there.
    ///   - desired: What should be there.
    ///   - startsAnew: Whether what is there is removed, even if it could stay.
    package init(from observed: ObservedState, to desired: DesiredState, startsAnew: Bool = false) {
        let (old, new) = (WorkloadParts(observed.workload), WorkloadParts(desired.workload))
        let isSameWorkload = observed.workloadCheck == desired.workloadCheck
        // A container without a namespace of ours is the place itself.
        let isPlace = new.container != nil && new.namespace == nil
        let keepsPlace =
            !startsAnew && old.namespace == new.namespace && old.attached == new.attached
            && (isPlace
                ? old.container == new.container && isSameWorkload : old.namespace != nil || old.container == nil)
        let keepsContainer = keepsPlace && old.container == new.container && isSameWorkload
        let keepsCommand = keepsPlace && old.hasCommand && new.hasCommand && isSameWorkload

        // What is in the workload's namespace goes with it.
        let link = observed.link.flatMap { link in
            let stays = link.placement == desired.linkPlacement && (keepsPlace || link.placement == .host)
            return stays && !startsAnew ? link : nil
        }

        var removals: [Change] = []
        if old.hasCommand, !keepsCommand { removals.append(.stopProcess) }
        if let container = old.container, !keepsContainer {
            removals.append(.stopContainer(engine: container.engine, name: container.name))
        }
        if observed.link != nil, link == nil { removals.append(.removeLink(desired.interface.name)) }
        if let namespace = old.namespace, !keepsPlace { removals.append(.removeNamespace(namespace)) }

        var target = desired
        // Nothing waits for what runs already.
        if new.container != nil ? keepsContainer : keepsCommand { target.waitsForHandshake = false }
        let missing = Plan(for: target).steps.filter { step in
            switch step {
            case .createNamespace: !keepsPlace
            case .startContainer: !keepsContainer
            case .startProcess: !keepsCommand
            case .waitForHandshake: true
            default: link == nil
            }
        }
        // A workload that starts finds the link as it should be.
        let corrections = link.map { LinkDifference(from: $0, to: LinkTarget(desired.interface)).changes } ?? []
        changes = removals + corrections + missing.map(Change.make)
    }

    /// The way back of a link after changes that did not all succeed, as far as they came.
    ///
    /// A peer that was taken out stays out, and a preshared key that was set stays: nobody here knows the old ones.
    ///
    /// - Parameters:
    ///   - link: As it is now.
    ///   - before: As it was before the first change; each of them has a way back.
    ///   - name: What it is called.
    package init(from link: ObservedState.Link, backTo before: ObservedState.Link, of name: InterfaceName) {
        changes = LinkDifference(from: link, to: LinkTarget(name, before)).changes.compactMap { change in
            switch change {
            case .addPeer: return nil
            case .changePeer(let key, let name, let parts):
                let parts = parts.filter { $0 != .setPresharedKey }
                return parts.isEmpty ? nil : .changePeer(key, name, parts)
            default: return change
            }
        }
    }
}

/// What a workload consists of.
private struct WorkloadParts {
    struct Container: Equatable {
        let engine: String
        let name: Name
    }

    var container: Container?
    var attached: [String] = []
    var namespace: Name?
    var hasCommand = false

    init(_ workload: DesiredState.Workload) {
        switch workload {
        case .none: break
        case .container(let engine, let name, let namespace):
            container = Container(engine: engine, name: name)
            self.namespace = namespace
        case .attached(let engine, let container): attached = [engine, container]
        case .process(let namespace, let hasCommand):
            self.namespace = namespace
            self.hasCommand = hasCommand
        }
    }
}

extension DesiredState {
    /// Where the link is to be: a workload without a namespace of its own has none to move it to.
    fileprivate var linkPlacement: Placement {
        switch workload {
        case .none, .process(nil, _): .host
        case .attached: .container
        case .container, .process: placement
        }
    }
}

/// What a link that stays should be like.
private struct LinkTarget {
    struct Peer {
        let publicKey: PublicKey
        let name: Name?
        let allowedAddresses: [IPPrefix]
        let keepaliveSeconds: UInt16?
        let endpoints: [SocketAddress]
        /// Whether they are those that it is to be called at, and not where it was.
        let isCalled: Bool
        let presharedKey: CheckValue?
    }

    let name: InterfaceName
    let publicKey: PublicKey?
    /// `nil` for any.
    let listenPort: UInt16?
    let mtu: Int
    let addresses: [InterfaceAddress]
    /// Those of ours, but for the prefixes of the addresses.
    let routes: [IPPrefix]
    /// Which of the addresses' prefixes are routed; `nil` for all.
    let prefixRoutes: Set<IPPrefix>?
    let peers: [Peer]

    init(_ interface: InterfaceConfiguration) {
        name = interface.name
        publicKey = interface.privateKey.publicKey
        listenPort = interface.listenPort
        mtu = interface.mtu
        addresses = interface.addresses
        routes = Plan.routes(for: interface)
        prefixRoutes = nil
        peers = interface.peers.map { peer in
            Peer(
                publicKey: peer.publicKey,
                name: peer.name,
                allowedAddresses: peer.allowedAddresses,
                keepaliveSeconds: peer.keepaliveSeconds,
                endpoints: peer.endpoints.compactMap(\.socketAddress),
                isCalled: true,
                presharedKey: peer.presharedKey?.checkValue
            )
        }
    }

    init(_ name: InterfaceName, _ link: ObservedState.Link) {
        self.name = name
        publicKey = link.device.publicKey
        listenPort = link.device.listenPort
        mtu = link.mtu
        addresses = link.addresses
        routes = link.ownRoutes.sorted()
        prefixRoutes = link.ownRoutes.union(link.otherRoutes)
        let notes = link.notes.byKey
        peers = link.device.peers.map { peer in
            Peer(
                publicKey: peer.publicKey,
                name: notes[peer.publicKey]?.name,
                allowedAddresses: peer.allowedAddresses,
                keepaliveSeconds: peer.keepaliveSeconds,
                endpoints: [peer.endpoint].compactMap(\.self),
                isCalled: false,
                presharedKey: notes[peer.publicKey]?.presharedKey
            )
        }
    }
}

/// The changes of a link that stays.
private struct LinkDifference {
    private(set) var changes: [Change] = []

    init(from observed: ObservedState.Link, to target: LinkTarget) {
        let link = target.name
        let removedAddresses = Self.addressesToRemove(observed.addresses, target.addresses)
        let keptAddresses = observed.addresses.filter { !removedAddresses.contains($0) }
        let newAddresses = target.addresses.filter { !keptAddresses.contains($0) }
        // A missing route to the prefix of an address that stays is added as one of ours. A new address brings its own, but
        // of IPv4 only the first of its prefix; and a link that comes up brings those of all.
        let keptPrefixes = keptAddresses.map(\.prefix)
        let brought = Set((observed.isUp ? newAddresses : target.addresses).map(\.prefix)).filter { prefix in
            !observed.isUp || prefix.address.family == .v6 || !keptPrefixes.contains(prefix)
        }
        let prefixes = keptPrefixes.filter { prefix in
            prefix.length < prefix.address.family.bitCount && target.prefixRoutes?.contains(prefix) != false
        }
        let needed = Set(target.routes + prefixes).subtracting(brought)
        // The kernel flushes the IPv4 routes of a link when its last IPv4 address goes, and all when it is set down.
        let losesRoutes = Self.hasIPv4(observed.addresses) && !Self.hasIPv4(keptAddresses)

        // First, so that a peer that was taken out is out whatever fails.
        changes += Self.deviceChanges(from: observed, to: target)
        changes += observed.ownRoutes.subtracting(needed).sorted().map { .removeRoute($0, link) }
        changes += removedAddresses.map { .removeAddress($0, link) }
        if observed.mtu != target.mtu { changes.append(.setMTU(target.mtu, link)) }
        changes += newAddresses.map { .make(.addAddress($0, link)) }
        if !observed.isUp { changes.append(.bringUp(link)) }
        let leftPrefixes = Set(removedAddresses.map(\.prefix)).subtracting(keptAddresses.map(\.prefix))
        let present = observed.ownRoutes.union(observed.otherRoutes.subtracting(leftPrefixes)).filter {
            observed.isUp && !(losesRoutes && $0.address.family == .v4)
        }
        changes += needed.subtracting(present).sorted().map { .make(.addRoute($0, link)) }
    }

    private static func hasIPv4(_ addresses: [InterfaceAddress]) -> Bool {
        addresses.contains { $0.address.family == .v4 }
    }

    /// The addresses that go, the last one first.
    ///
    /// With the primary IPv4 address of a prefix, the kernel may remove those of the same prefix that were added after it.
    /// One of them that is to stay is removed, too, and so is added again.
    private static func addressesToRemove(
        _ observed: [InterfaceAddress],
        _ desired: [InterfaceAddress]
    ) -> [InterfaceAddress] {
        var doomedPrefixes: Set<IPPrefix> = []
        let doomed = observed.filter { address in
            let isDoomed = !desired.contains(address) || doomedPrefixes.contains(address.prefix)
            if isDoomed, address.address.family == .v4 { doomedPrefixes.insert(address.prefix) }
            return isDoomed
        }
        return doomed.reversed()
    }

    private static func deviceChanges(from observed: ObservedState.Link, to target: LinkTarget) -> [Change] {
        let device = observed.device
        var changes: [Change] = []
        if let port = target.listenPort, port != device.listenPort { changes.append(.setListenPort(port, target.name)) }
        // Without the key no session can stay.
        guard device.publicKey == target.publicKey else { return [.replaceKey(target.name)] + changes }
        let notes = observed.notes.byKey
        let wanted = Set(target.peers.map(\.publicKey))
        for peer in device.peers where !wanted.contains(peer.publicKey) {
            changes.append(.removePeer(peer.publicKey, notes[peer.publicKey]?.name))
        }
        let present = Dictionary(device.peers.map { ($0.publicKey, $0) }) { first, _ in first }
        for peer in target.peers {
            guard let state = present[peer.publicKey] else {
                if let name = peer.name { changes.append(.addPeer(peer.publicKey, name)) }
                continue
            }
            let note = notes[peer.publicKey]
            if let name = peer.name, hasMoved(from: state, note, to: peer) {
                changes += [.removePeer(peer.publicKey, name), .addPeer(peer.publicKey, name)]
            } else {
                let parts = peerChanges(from: state, note, to: peer)
                if !parts.isEmpty { changes.append(.changePeer(peer.publicKey, peer.name, parts)) }
            }
        }
        return changes
    }

    /// Whether a peer is to be called elsewhere than before.
    ///
    /// Its session is of no use there, and as long as it has one, WireGuard does not call.
    private static func hasMoved(from state: PeerState, _ note: PeerNotes.Peer?, to target: LinkTarget.Peer) -> Bool {
        guard target.isCalled, !target.endpoints.isEmpty, let note, let endpoint = state.endpoint else { return false }
        return Set(target.endpoints) != note.endpoints && !target.endpoints.contains(endpoint)
    }

    private static func peerChanges(
        from state: PeerState,
        _ note: PeerNotes.Peer?,
        to target: LinkTarget.Peer
    ) -> [PeerChange] {
        var changes: [PeerChange] = []
        if state.allowedAddresses != target.allowedAddresses {
            let (old, new) = (Set(state.allowedAddresses), Set(target.allowedAddresses))
            changes += old.subtracting(new).sorted().map(PeerChange.disallow)
            changes += new.subtracting(old).sorted().map(PeerChange.allow)
        }
        if state.keepaliveSeconds != target.keepaliveSeconds { changes.append(.setKeepalive(target.keepaliveSeconds)) }
        // A peer that has been heard of may have roamed, and is where it was heard of last.
        let isReachable = state.latestHandshake != nil && state.endpoint != nil
        if let first = target.endpoints.first, !isReachable, !target.endpoints.contains(where: { $0 == state.endpoint })
        {
            changes.append(.setEndpoint(first))
        }
        if note == nil || note?.presharedKey != target.presharedKey { changes.append(.setPresharedKey) }
        return changes
    }
}
