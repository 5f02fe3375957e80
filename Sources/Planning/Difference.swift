internal import Crypto
internal import WireGuard

/// The changes that lead from what is to what should be, in order, and no others.
///
/// Preshared keys are not compared, since a device is never asked for its secrets; and a workload is what it was if it has
/// its name.
package struct Difference: Equatable, Sendable {
    /// What to do, one after the other; empty where all is as it should be.
    package let changes: [Change]

    /// Compares.
    ///
    /// - Parameters:
    ///   - observed: What is there.
    ///   - desired: What should be there.
    ///   - startsAnew: Whether what is there is removed, even if it could stay.
    package init(from observed: ObservedState, to desired: DesiredState, startsAnew: Bool = false) {
        let (old, new) = (WorkloadParts(observed.workload), WorkloadParts(desired.workload))
        let keepsPlace = !startsAnew && old.container == new.container && old.namespace == new.namespace
        let keepsCommand = keepsPlace && old.hasCommand && new.hasCommand

        // What is in the workload's namespace goes with it.
        let link = observed.link.flatMap { link in
            let stays = link.placement == desired.linkPlacement && (keepsPlace || link.placement == .host)
            return stays && !startsAnew ? link : nil
        }

        var removals: [Change] = []
        if old.hasCommand, !keepsCommand { removals.append(.stopProcess) }
        if let container = old.container, !keepsPlace {
            removals.append(.stopContainer(engine: container.engine, name: container.name))
        }
        if observed.link != nil, link == nil { removals.append(.removeLink(desired.interface.name)) }
        if let namespace = old.namespace, !keepsPlace { removals.append(.removeNamespace(namespace)) }

        let missing = Plan(for: desired).steps.filter { step in
            switch step {
            case .createNamespace, .startContainer: !keepsPlace
            case .startProcess: !keepsCommand
            default: link == nil
            }
        }
        // A workload that starts finds the link as it should be.
        let corrections = link.map { LinkDifference(from: $0, to: desired.interface).changes } ?? []
        changes = removals + corrections + missing.map(Change.make)
    }
}

/// What a workload consists of.
private struct WorkloadParts {
    struct Container: Equatable {
        let engine: String
        let name: Name
    }

    var container: Container?
    var namespace: Name?
    var hasCommand = false

    init(_ workload: DesiredState.Workload) {
        switch workload {
        case .none: break
        case .container(let engine, let name): container = Container(engine: engine, name: name)
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
        case .container, .process: placement
        }
    }
}

/// The changes of a link that stays.
private struct LinkDifference {
    private(set) var changes: [Change] = []

    init(from observed: ObservedState.Link, to desired: InterfaceConfiguration) {
        let link = desired.name
        let removedAddresses = Self.addressesToRemove(observed.addresses, desired.addresses)
        let keptAddresses = observed.addresses.filter { !removedAddresses.contains($0) }
        let newAddresses = desired.addresses.filter { !keptAddresses.contains($0) }
        // A missing route to the prefix of an address that stays is added as one of ours. A new address brings its own, but
        // of IPv4 only the first of its prefix.
        let prefixes = keptAddresses.map(\.prefix).filter { prefix in
            observed.isUp && prefix.length < prefix.address.family.bitCount
                && !(prefix.address.family == .v6 && newAddresses.contains { $0.prefix == prefix })
        }
        let needed = Set(Plan.routes(for: desired) + prefixes)
        // The kernel flushes the IPv4 routes of a link when its last IPv4 address goes, and all when it is set down.
        let losesRoutes = Self.hasIPv4(observed.addresses) && !Self.hasIPv4(keptAddresses)

        changes += observed.ownRoutes.subtracting(needed).sorted().map { .removeRoute($0, link) }
        changes += removedAddresses.map { .removeAddress($0, link) }
        changes += Self.deviceChanges(from: observed.device, to: desired)
        if observed.mtu != desired.mtu { changes.append(.setMTU(desired.mtu, link)) }
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

    private static func deviceChanges(from device: DeviceState, to desired: InterfaceConfiguration) -> [Change] {
        var changes: [Change] = []
        if let port = desired.listenPort, port != device.listenPort {
            changes.append(.setListenPort(port, desired.name))
        }
        // Without the key no session can stay.
        guard device.publicKey == desired.privateKey.publicKey else { return [.replaceKey(desired.name)] + changes }
        let wanted = Set(desired.peers.map(\.publicKey))
        changes += device.peers.map(\.publicKey).filter { !wanted.contains($0) }.map(Change.removePeer)
        let present = Dictionary(device.peers.map { ($0.publicKey, $0) }) { first, _ in first }
        for peer in desired.peers {
            guard let state = present[peer.publicKey] else {
                changes.append(.addPeer(peer.publicKey, peer.name))
                continue
            }
            let parts = peerChanges(from: state, to: peer)
            if !parts.isEmpty { changes.append(.changePeer(peer.publicKey, peer.name, parts)) }
        }
        return changes
    }

    private static func peerChanges(from state: PeerState, to desired: PeerConfiguration) -> [PeerChange] {
        let (old, new) = (Set(state.allowedAddresses), Set(desired.allowedAddresses))
        var changes =
            old.subtracting(new).sorted().map(PeerChange.disallow) + new.subtracting(old).sorted().map(PeerChange.allow)
        if state.keepaliveSeconds != desired.keepaliveSeconds {
            changes.append(.setKeepalive(desired.keepaliveSeconds))
        }
        // A peer that has been heard of may have roamed, and is where it was heard of last.
        let endpoints = desired.endpoints.compactMap(\.socketAddress)
        let isReachable = state.latestHandshake != nil && state.endpoint != nil
        if let first = endpoints.first, !isReachable, !endpoints.contains(where: { $0 == state.endpoint }) {
            changes.append(.setEndpoint(first))
        }
        return changes
    }
}
