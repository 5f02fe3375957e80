import CommandSupport
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// One run of `wgup server` or `wgup client`: from the lock on the interface to the removal of all that was made.
struct Session: Sendable {
    let desired: DesiredState
    let workload: Workload
    let backend: any TunnelBackend
    let journal: Journal
    let diagnostics: Diagnostics

    init(
        role: Role,
        network: Name,
        interface: InterfaceConfiguration,
        placement: Placement,
        backend: BackendKind,
        workload: Workload,
        notAfter: UnixTime?,
        diagnostics: Diagnostics
    ) throws {
        guard let process = ProcessIdentity.current else { throw WgupFailure.noProcessFileSystem }
        desired = DesiredState(interface: interface, placement: placement, workload: workload.desired)
        self.workload = workload
        self.backend = try TunnelBackends.choose(
            backend,
            link: LinkRecord(interface.name, madeBy: process.pid, startTime: process.startTime),
            log: RunDirectory.path(of: "device.log", for: interface.name)
        )
        self.diagnostics = diagnostics
        journal = Journal(
            interface: interface.name,
            role: role,
            network: network,
            placement: placement,
            backend: self.backend.kind,
            owner: .process(.wgup, pid: process.pid, startTime: process.startTime),
            addresses: interface.addresses,
            peers: interface.peers.map { Journal.Peer(publicKey: $0.publicKey, name: $0.name) },
            notAfter: notAfter
        )
    }

    /// Brings the tunnel up, then runs `watch` until a signal ends it, and takes everything down again.
    ///
    /// - Parameters:
    ///   - signals: Caught since the command began.
    ///   - watch: What goes on while the tunnel is up, told when the device got its peers. The first signal cancels it.
    /// - Throws: What failed, after everything was taken down.
    func run(
        until signals: consuming TerminationSignals,
        watch: @escaping @Sendable (_ configured: ContinuousClock.Instant) async throws -> Void
    ) async throws {
        let claim = try await RunDirectory.claim(journal.interface)
        let directory = claim.directory
        let urgency = Teardown.Urgency()
        let teardown = Teardown(urgency: urgency)
        // Whatever can fail comes before the work begins: what has begun is undone below, and only there.
        let signals = try signals.stream()
        let bringUp = BringUp(
            desired,
            workload: workload,
            backend: backend,
            journal: journal,
            directory: directory,
            onProgress: { [diagnostics] in diagnostics.progress($0) }
        )
        let work = Task {
            try await removeLeftover(with: teardown, in: directory)
            try await bringUp.run()
            // Who has been told that everything goes down is not told that it is up.
            try Task.checkCancellation()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch(await bringUp.configured) }
                group.addTask { try await bringUp.waitForCasualty() }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        let listener = Task { [diagnostics] in
            for await signal in signals {
                if work.isCancelled {
                    diagnostics.say("\(signal): hurrying")
                    urgency.hurry()
                } else {
                    diagnostics.say("\(signal): taking everything down")
                    work.cancel()
                }
            }
        }
        let outcome = await work.result
        // Read before the teardown: a signal that comes during it does not excuse what failed before.
        let isInterrupted = work.isCancelled
        let problems = await bringUp.undo(teardown)
        listener.cancel()
        // The journal on disk is what counts, since it may still be that of an earlier wgup.
        if try directory.journal(of: journal.interface)?.resources.isEmpty != false {
            directory.forget(journal.interface)
        }
        if case .failure(let error) = outcome, !isInterrupted { throw error }
        try report(problems)
    }

    private func removeLeftover(with teardown: Teardown, in directory: RunDirectory) async throws {
        guard let leftover = try directory.journal(of: journal.interface) else { return }
        diagnostics.note("removing what an earlier wgup left of \(journal.interface)")
        try report(await teardown.runLeftover(leftover, in: directory))
    }

    private func report(_ problems: [String]) throws {
        guard let first = problems.first else { return }
        for problem in problems.dropFirst() { diagnostics.note(problem) }
        throw WgupFailure.incompleteTeardown(first)
    }
}
