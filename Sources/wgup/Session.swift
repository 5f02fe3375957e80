import CommandSupport
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// One tunnel under one `wgup`: from the claim on its interface until all of it is removed, or another `wgup` has it.
struct Session: Sendable {
    private let request: TunnelRequest
    private let source: TunnelSource?
    private let backend: BackendKind
    private let newBackend: @Sendable () throws -> any TunnelBackend
    private let newBackendKind: BackendKind
    private let process: ProcessIdentity
    private let diagnostics: Diagnostics

    /// What goes on while the tunnel is up, until it is cancelled.
    typealias Watch = @Sendable (Applier.Report) async throws -> Void

    /// Settles on what will carry the packets; nothing is made.
    ///
    /// - Parameters:
    ///   - request: What should be there.
    ///   - source: Where that is written down; `nil` for what does not change.
    ///   - backend: What the operator wants to carry the packets.
    ///   - diagnostics: Says what happens.
    /// - Throws: ``TunnelError/backendMissing(_:)``.
    init(
        _ request: TunnelRequest,
        source: TunnelSource?,
        backend: BackendKind,
        diagnostics: Diagnostics
    ) throws {
        guard let process = ProcessIdentity.current else { throw WgupFailure.noProcessFileSystem }
        let name = request.interface.name
        let choose: @Sendable (BackendKind) throws -> any TunnelBackend = { kind in
            try TunnelBackends.choose(
                kind,
                link: LinkRecord(name, madeBy: process.pid, startTime: process.startTime),
                log: RunDirectory.path(of: "device.log", for: name)
            )
        }
        let kind = try choose(backend).kind
        newBackend = { try choose(kind) }
        newBackendKind = kind
        self.request = request
        self.source = source
        self.backend = backend
        self.process = process
        self.diagnostics = diagnostics
    }

    private var interface: InterfaceName { request.interface.name }

    /// Brings the tunnel up, or makes of one that is up what it should be; then runs `watch` until a signal ends it, and
    /// takes everything down.
    ///
    /// - Parameters:
    ///   - signals: Caught since the command began.
    ///   - watch: What goes on while the tunnel is up.
    /// - Throws: What failed, after it was undone.
    func run(until signals: consuming TerminationSignals, watch: @escaping Watch) async throws {
        let desk = SignalDesk(try signals.stream())
        var next = try await RunDirectory.claim(interface, for: request.tunnel) { desk.isAskedToEnd }
        while let claim = next {
            guard try await hold(claim, desk, watch) == .handedOver else { return }
            claim.release()
            next = try await standBy(desk)
        }
    }
}

extension Session {
    private enum Ending {
        case over
        case handedOver
    }

    /// Has the tunnel until a signal, or a failure.
    private func hold(
        _ claim: RunDirectory.Claim,
        _ desk: SignalDesk,
        _ watch: @escaping Watch
    ) async throws -> Ending {
        let directory = claim.directory
        let urgency = Teardown.Urgency()
        let applier = Applier(
            request,
            backend: newBackendKind,
            newBackend: newBackend,
            owner: process,
            after: claim.former,
            in: directory,
            teardown: Teardown(urgency: urgency),
            diagnostics: diagnostics
        )
        let work = Task { [backend, source, diagnostics] () async throws -> Void in
            let report = try await applier.converge { backend != .auto && backend != $0 }
            // Who has been told that everything goes down is not told that it is up.
            try Task.checkCancellation()
            try await Supervisor(applier: applier, source: source, watch: watch, diagnostics: diagnostics).run(report)
            diagnostics.say("\(await applier.workloadDescription) has ended as it should; taking everything down")
        }
        let handOver = Latch()
        listen(at: desk, work, urgency, handOver)
        defer { desk.close() }
        let outcome = await work.result
        if handOver.isRaised { return .handedOver }
        // Read before the teardown: a signal that comes during it does not excuse what failed before.
        let isInterrupted = work.isCancelled
        var failure: (any Error)?
        if case .failure(let error) = outcome, !isInterrupted { failure = error }
        try await end(applier, because: failure, in: directory)
        return .over
    }

    private func listen(
        at desk: SignalDesk,
        _ work: Task<Void, any Error>,
        _ urgency: Teardown.Urgency,
        _ handOver: Latch
    ) {
        desk.handle { [diagnostics] signal in
            switch (signal, work.isCancelled) {
            case (.handOver, false):
                handOver.raise()
                work.cancel()
            case (.handOver, true): break
            case (_, false):
                diagnostics.say("\(signal): taking everything down")
                work.cancel()
            case (_, true):
                diagnostics.say("\(signal): hurrying")
                urgency.hurry()
            }
        }
    }

    /// Undoes: what was not finished, if it is not all, or everything.
    private func end(
        _ applier: Applier,
        because failure: (any Error)?,
        in directory: RunDirectory
    ) async throws {
        ServiceManager.notify(.stopping)
        if await !applier.isConverged {
            if try await applier.giveBack() {
                if let failure { throw failure }
                return
            }
            let wasThere = try directory.journal(of: interface) != nil
            if let failure, await applier.isUntouched ? wasThere : applier.rollBack() {
                diagnostics.note("\(interface) is as it was, without a wgup; 'wgup down' takes it down")
                throw failure
            }
        }
        let problems = await applier.takeDown()
        // The journal on disk is what counts, since it may still be that of an earlier wgup.
        if try directory.journal(of: interface)?.entries.isEmpty != false { directory.forget(interface) }
        if let failure { throw failure }
        guard let first = problems.first else { return }
        for problem in problems.dropFirst() { diagnostics.note(problem) }
        throw WgupFailure.incompleteTeardown(first)
    }

    /// Waits until it is known that the `wgup` which has asked for the tunnel has it, or does not want it any more.
    ///
    /// - Returns: A new claim in the second case.
    private func standBy(_ desk: SignalDesk) async throws -> RunDirectory.Claim? {
        // It polls for the lock, and comes first.
        try await Task.sleep(for: .milliseconds(500))
        while !desk.isAskedToEnd {
            guard let directory = try RunDirectory.open(), let journal = try directory.journal(of: interface) else {
                diagnostics.say("another wgup has taken \(interface) down")
                return nil
            }
            guard [journal.ownerProcess, journal.formerProcess].contains(process) else { break }
            if let claim = try directory.claimIfFree(interface) {
                // Looked at again, since only now nobody else writes it.
                guard try directory.journal(of: interface) == journal else { continue }
                diagnostics.note("the other wgup did not take over \(interface); going on")
                return claim
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        diagnostics.say("another wgup has taken over \(interface)")
        return nil
    }
}
