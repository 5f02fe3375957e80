import CommandSupport
import Containers
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// Makes what is on this host what it should be, one change after the other, each written to the journal before its effect.
actor Applier {
    var request: TunnelRequest
    var desired: DesiredState
    /// Makes what will carry a link that is made.
    let newBackend: @Sendable () throws -> any TunnelBackend
    let directory: RunDirectory
    private let teardown: Teardown
    let diagnostics: Diagnostics
    var journal: Journal
    /// What was there before the first change; `nil` without it, or once it is lost.
    var before: ObservedState?
    private(set) var isConverged = false
    /// Whether nothing was changed yet.
    private(set) var isUntouched = true
    /// The `wgup` that gets the tunnel back if this one fails.
    private(set) var former: ProcessIdentity?

    /// How long the last look took at a tunnel that was up.
    var examinationTime = Duration.zero
    let reached = ReachedPeers()
    var backend: (any TunnelBackend)?
    var isLinkMoved = false
    var workloadProcess: ProcessIdentity?
    /// The workload's command, if it was started by this process.
    var command: StartedProcess?
    var workloadNamespace: NetworkNamespace?
    var workloadPlace: LinkRecord.Place?
    /// When the device was told a peer or its endpoint: handshakes begin then.
    private(set) var configured: ContinuousClock.Instant?

    /// Prepares; nothing is changed.
    ///
    /// - Parameters:
    ///   - request: What should be there.
    ///   - backend: What will carry a link that is made.
    ///   - newBackend: Makes one.
    ///   - owner: This process.
    ///   - former: The `wgup` that has handed over to it.
    ///   - directory: Of the journal, whose interface is claimed.
    ///   - teardown: Takes away what has to go.
    ///   - diagnostics: Says what takes long.
    init(
        _ request: TunnelRequest,
        backend: BackendKind,
        newBackend: @escaping @Sendable () throws -> any TunnelBackend,
        owner: ProcessIdentity,
        after former: ProcessIdentity?,
        in directory: RunDirectory,
        teardown: Teardown,
        diagnostics: Diagnostics
    ) {
        self.request = request
        self.teardown = teardown
        self.directory = directory
        self.diagnostics = diagnostics
        desired = request.desired
        self.newBackend = newBackend
        self.former = former
        journal = Journal(
            interface: request.interface.name,
            tunnel: request.tunnel,
            owner: owner.resource,
            placement: request.placement,
            backend: backend,
            addresses: request.interface.addresses,
            notAfter: request.notAfter
        )
        journal.attachment = request.workload.attachment
    }

    var interface: InterfaceConfiguration { desired.interface }
}

extension Applier {
    /// What became of a host that is as it should be now.
    struct Report: Sendable {
        /// What was changed.
        let changes: [Change]
        /// Whether the tunnel was there before.
        let wasUp: Bool
        /// When handshakes began; `nil` if the peers are as they were.
        let configured: ContinuousClock.Instant?
        /// What carries the packets.
        let backend: any TunnelBackend
        /// What is there now.
        let request: TunnelRequest
        /// Where its peers were heard of.
        let reached: ReachedPeers
        /// Whether the tunnel had been up under this `wgup` before.
        let isRepair: Bool
    }

    /// Looks at what is there, and changes what differs, up to the first failure or until the task is cancelled between
    /// two changes.
    ///
    /// - Parameter startsAnew: Decides, of the backend that carries what is there, whether all of it has to go first.
    /// - Returns: What was done.
    /// - Throws: What failed; what was done before it is not undone.
    func converge(startsAnew: (BackendKind) -> Bool) async throws -> Report {
        try Task.checkCancellation()
        let found = try await find()
        before = found.state
        isUntouched = false
        try directory.write(journal)
        return try await end(found, startsAnew: found.backend.map { startsAnew($0.kind) } ?? false)
    }

    /// Ends the differences between what was found and what should be.
    func end(_ found: TunnelObservation, startsAnew: Bool) async throws -> Report {
        configured = nil
        try await clearRemnants(besides: found)
        let changes = Difference(from: found.state, to: desired, startsAnew: startsAnew).changes
        try await execute(changes, of: found.state.link?.device)
        try conclude(isChanged: !changes.isEmpty)
        guard let backend else { throw TunnelError.linkMissing(interface.name.description) }
        // A device that was made again has no sessions, and its peers do not know that.
        if found.state.link == nil { for change in reached.calls(of: interface) { try backend.apply(change) } }
        defer { isConverged = true }
        return Report(
            changes: changes,
            wasUp: found.state.link != nil,
            configured: configured,
            backend: backend,
            request: request,
            reached: reached,
            isRepair: isConverged
        )
    }

    /// Takes over the journal of an earlier run of the same tunnel, and looks at what it names; removes that of another.
    private func find() async throws -> TunnelObservation {
        guard let leftover = try directory.journal(of: interface.name) else { return try await lookAtAttached() }
        guard leftover.tunnel == request.tunnel else {
            diagnostics.note("removing what an earlier wgup left of \(interface.name), \(leftover.tunnel)")
            try await teardown.settle(leftover, in: directory)
            isUntouched = false
            let (rest, problems) = await teardown.run(leftover, in: directory)
            if let problem = problems.first { throw WgupFailure.incompleteTeardown(problem) }
            if let entry = rest.entries.first { throw WgupFailure.incompleteTeardown("\(entry.resource) is left") }
            return try await lookAtAttached()
        }
        if leftover.ownerProcess?.isAlive != true {
            diagnostics.note("going on with what an earlier wgup left of \(interface.name)")
            try await teardown.settle(leftover, in: directory)
        }
        let isOrphaned = leftover.ownerProcess?.isAlive != true
        // Who has handed over to one that was killed stands by for the next.
        if former == nil, let standing = leftover.formerProcess, standing.isAlive { former = standing }
        let owner = journal.owner
        journal = leftover
        journal.owner = owner
        journal.former = former?.resource
        journal.attachment = request.workload.attachment
        if isOrphaned { try await clear(.watch) }
        return try await look()
    }

    /// Looks at a host without the tunnel, on which the operator's own container may be.
    private func lookAtAttached() async throws -> TunnelObservation {
        isAttached ? try await look() : TunnelObservation()
    }

    /// Looks at what is there, and takes hold of it.
    func look() async throws -> TunnelObservation {
        let found = try await TunnelObservation(journal, notes: directory.notes(of: interface.name))
        // A link that the workload has left behind lives on in the namespace that is held here.
        if found.backend == nil { try? await backend?.remove(grace: .zero) }
        backend = found.backend
        forgetNamespace()
        isLinkMoved = found.state.link?.placement == .container
        workloadProcess = found.workloadProcess
        switch found.state.workload {
        case .container(_, _, nil), .attached:
            guard let process = workloadProcess else { break }
            workloadNamespace = try NetworkNamespace.ofProcess(process.pid)
            workloadPlace = .process(pid: process.pid, startTime: process.startTime)
        case .container(_, _, let name?), .process(let name?, _):
            workloadNamespace = try NetworkNamespace.open(named: name)
            workloadPlace = .namespace(name)
        case .process(nil, _), .none: break
        }
        return found
    }

    /// Removes what an earlier run had only half made.
    private func clearRemnants(besides found: TunnelObservation) async throws {
        let (namespace, isStarted) =
            switch found.state.workload {
            case .none: (false, false)
            case .container(_, _, let name): (name != nil, true)
            case .attached: (false, true)
            case .process(let name, let hasCommand): (name != nil, hasCommand)
            }
        if !isStarted { try await clear(.workload) }
        if found.state.link == nil { try await clear(.link) }
        if !namespace { try await clear(.namespace) }
    }

    private func conclude(isChanged: Bool) throws {
        let old = journal
        journal.placement = desired.placement
        journal.addresses = interface.addresses
        journal.notAfter = request.notAfter
        journal.former = nil
        if isChanged { try directory.write(PeerNotes(interface), of: interface.name) }
        if journal != old { try directory.write(journal) }
    }

    private func execute(_ changes: [Change], of device: DeviceState?) async throws {
        var rest = changes[...]
        while let change = rest.first {
            try Task.checkCancellation()
            if !change.hasWayBack { before = nil }
            let group = rest.prefix(while: \.isOfDevice)
            if let device, !group.isEmpty {
                try changeDevice(DeviceChange(group, of: device, to: interface))
                rest = rest.dropFirst(group.count)
            } else {
                try await execute(change)
                rest = rest.dropFirst()
            }
        }
    }

    private func changeDevice(_ change: DeviceChange) throws {
        if let port = change.listenPort, !UDPPort.isFree(port) { throw TunnelError.portTaken(port) }
        if !change.peers.isEmpty { configured = .now }
        try backend?.apply(change)
    }

    private func execute(_ change: Change) async throws {
        switch change {
        case .make(let step): try await execute(step)
        case .stopContainer, .stopProcess: try await clear(.workload)
        case .removeNamespace: try await clear(.namespace)
        case .removeLink: try await clear(.link)
        case .removeRoute(let prefix, _):
            try withLink { (link) throws(TunnelError) in try link.removeRoute(to: prefix) }
        case .removeAddress(let address, _): try withLink { (link) throws(TunnelError) in try link.remove(address) }
        case .setMTU(let mtu, _): try withLink { (link) throws(TunnelError) in try link.setMTU(mtu) }
        case .bringUp: try withLink { (link) throws(TunnelError) in try link.bringUp() }
        // Changes of a device come in a group.
        case .replaceKey, .setListenPort, .removePeer, .addPeer, .changePeer: break
        }
    }

    private func execute(_ step: Step) async throws {
        switch step {
        case .createNamespace(let name): try await createNamespace(name)
        case .createLink: try await createLink()
        case .configureDevice:
            configured = .now
            try backend?.apply(DeviceChange(reached.applied(to: interface)))
        case .waitForHandshake: try await waitForHandshake()
        case .startContainer, .startProcess: try await startWorkload()
        case .moveLink: try moveLink()
        case .addAddress(let address, _): try withLink { (link) throws(TunnelError) in try link.add(address) }
        case .bringUp(_, let mtu): try withLink { (link) throws(TunnelError) in try link.bringUp(mtu: mtu) }
        case .addRoute(let prefix, _): try withLink { (link) throws(TunnelError) in try link.addRoute(to: prefix) }
        }
    }
}

extension Applier {
    /// Goes back to what was there before the first change.
    ///
    /// - Returns: Whether the tunnel that was there is as it was.
    func rollBack() async -> Bool {
        guard let before, let old = before.link else { return false }
        do {
            let found = try await look()
            guard let link = found.state.link, link.placement == old.placement else { return false }
            try await execute(Difference(from: link, backTo: old, of: interface.name).changes, of: link.device)
            if !before.workload.isStarted { try await clear(.workload) }
            return true
        } catch {
            return false
        }
    }

    /// Gives the tunnel back to the `wgup` that stands by.
    ///
    /// - Returns: Whether there is one.
    func giveBack() throws -> Bool {
        guard let former, former.isAlive else { return false }
        // The journal that is there still names it, and may not have been read.
        if isUntouched { return true }
        journal.owner = former.resource
        journal.former = nil
        try directory.write(journal)
        return true
    }

    /// Removes all that is there of the tunnel.
    ///
    /// - Returns: What could not be removed, one line each.
    func takeDown() async -> [String] {
        let (rest, problems) = await teardown.run(journal, in: directory)
        journal = rest
        return problems
    }

    /// Removes a part of the tunnel, however much of it is there.
    private func clear(_ part: Journal.Part) async throws {
        guard journal.entries.contains(where: { $0.part == part }) else { return }
        let (rest, problems) = await teardown.run(journal, only: part, in: directory)
        journal = rest
        if let problem = problems.first { throw WgupFailure.incompleteTeardown(problem) }
        switch part {
        case .link: (backend, isLinkMoved) = (nil, false)
        case .workload:
            workloadProcess = nil
            command = nil
            if case .process = workloadPlace { forgetNamespace() }
        case .namespace: forgetNamespace()
        case .watch: break
        }
    }

    private func forgetNamespace() {
        workloadNamespace = nil
        workloadPlace = nil
    }

    func record(_ part: Journal.Part, _ resource: Resource) throws {
        journal.add(Journal.Entry(part, resource))
        try directory.write(journal)
    }
}
