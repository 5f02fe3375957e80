import CommandSupport
import Containers
import Planning
import Processes
import SystemIO
import WireGuard

/// Keeps a tunnel that is up as it should be.
///
/// Whatever happens, the answer is the same: look, and change what differs. What tells that something has happened only
/// says when to look; a look now and then makes up for what nobody tells.
struct Supervisor: Sendable {
    let applier: Applier
    let source: TunnelSource?
    let watch: Session.Watch
    let diagnostics: Diagnostics

    private typealias Bell = AsyncStream<Disturbance>.Continuation

    /// Supervises until the task is cancelled, or until the workload is a command that has done its work.
    ///
    /// - Parameter report: What has become of the tunnel so far.
    /// - Throws: `CancellationError`.
    func run(_ report: Applier.Report) async throws {
        let (disturbances, bell) = AsyncStream.makeStream(of: Disturbance.self, bufferingPolicy: .bufferingNewest(64))
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            if let source { group.addTask { try await listen(to: source, bell) } }
            group.addTask { try await keepTime(bell) }
            group.addTask { try await follow(bell) }
            group.addTask { try await serveStatus() }
            group.addTask { try await keep(report, disturbances, bell) }
            try await group.next()
        }
    }
}

extension Supervisor {
    // What nobody tells is noticed after this time at the latest.
    private static let interval = Duration.seconds(10)
    private static let longestBlindness = Duration.seconds(5)
    // An engine that restarts a container has it up again sooner.
    private static let grace = Duration.seconds(2)

    private func keep(
        _ report: Applier.Report,
        _ disturbances: AsyncStream<Disturbance>,
        _ bell: Bell
    ) async throws {
        var period = Task { await live(report, bell) }
        defer { period.cancel() }
        var (sight, patience) = (Patience(), Patience())
        for await disturbance in disturbances {
            try Task.checkCancellation()
            if disturbance == .time, !patience.isOver { continue }
            let finding: Finding
            do { finding = try await applier.examine() } catch {
                // An engine whose daemon is away comes back without a word.
                try Task.checkCancellation()
                let (delay, isNews) = sight.grow(because: "\(error)")
                if isNews { diagnostics.note("\(error); looking again") }
                ring(bell, after: min(delay, Self.longestBlindness))
                continue
            }
            sight.finish()
            do {
                if finding == .asItShouldBe {
                    patience.finish()
                    continue
                }
                // Whoever listens in the workload's namespace keeps it, and the link in it, alive.
                period.cancel()
                await period.value
                if finding == .workloadEnded {
                    if await applier.isWorkloadDone() { return }
                    guard await mayStart(&patience, bell) else { continue }
                }
                let report = try await applier.repair()
                patience.finish(afterStart: finding == .workloadEnded)
                period = Task { await live(report, bell) }
            } catch {
                try Task.checkCancellation()
                let (delay, isNews) = patience.grow(because: "\(error)")
                if isNews { diagnostics.note("\(error); trying again") }
                ring(bell, after: delay)
            }
        }
    }

    /// Whether a workload that has ended is to be started now.
    private func mayStart(_ patience: inout Patience, _ bell: Bell) async -> Bool {
        let name = await applier.workloadDescription
        // One that the operator runs is the operator's to start.
        let isAttached = await applier.isAttached
        guard patience.isNeeded else {
            diagnostics.note("\(name) has ended\(isAttached ? "; waiting until it is started" : "")")
            ring(bell, after: patience.begin(with: Self.grace))
            return false
        }
        return patience.isOver && !isAttached
    }

    /// What goes on from one repair to the next.
    private func live(_ report: Applier.Report, _ bell: Bell) async {
        await withTaskGroup(of: Void.self) { group in
            // It ends with its task, and for no other reason.
            group.addTask { try? await watch(report) }
            group.addTask { await listen(bell) }
        }
    }

    private func listen(_ bell: Bell) async {
        do {
            let witnesses = try await applier.witnesses()
            // What has happened since the last look was heard by nobody.
            bell.yield(.link)
            while let disturbance = try await witnesses.next() {
                bell.yield(disturbance)
                if disturbance == .workloadEnded { return }
                // Changes of a link come in groups, and a workload may make as many as it likes.
                try await Task.sleep(for: max(.milliseconds(20), await applier.examinationTime * 10))
            }
        } catch {
            if !Task.isCancelled { bell.yield(.link) }
        }
    }

    private func keepTime(_ bell: Bell) async throws {
        while true {
            // To look at ten thousand peers takes a while; it should not take more than a hundredth of a core.
            try await Task.sleep(for: max(Self.interval, await applier.examinationTime * 100))
            bell.yield(.time)
        }
    }

    /// Listens to the engine, whose tool ends with its daemon.
    private func follow(_ bell: Bell) async throws {
        guard let (engine, container) = try await applier.engineToFollow() else {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
        while true {
            // What has happened while nobody listened is seen by a look.
            bell.yield(.workloadStarted)
            try? await engine.followStarts(of: container) { bell.yield(.workloadStarted) }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func serveStatus() async throws {
        do { try await StatusSocket.serve(applier.interface.name, from: applier.directory) } catch {
            diagnostics.note("nobody but root can ask for the status: \(error)")
        }
        // Its end is not that of the tunnel.
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    private func ring(_ bell: Bell, after delay: Duration) {
        Task {
            try await Task.sleep(for: delay)
            bell.yield(.time)
        }
    }
}

extension Supervisor {
    private func listen(to source: TunnelSource, _ bell: Bell) async throws {
        do {
            let files = try FileWatch.open(source.directories, source.isPart)
            var lastDuration = Duration.zero
            while try await Readiness.wait(for: [files.rawDescriptor], within: nil) != nil {
                guard files.takeChanges() else { continue }
                // What is written in one go is read in one go, and reading takes a tenth of the time at most.
                try await Task.sleep(for: max(.milliseconds(100), lastDuration * 10))
                _ = files.takeChanges()
                lastDuration = await readAgain(source)
                bell.yield(.source)
            }
        } catch let error as SystemError {
            diagnostics.note("changes in \(source.directories.joined(separator: ", ")) are not noticed: \(error)")
            // That is no reason to end.
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    /// - Returns: How long it took.
    private func readAgain(_ source: TunnelSource) async -> Duration {
        let start = ContinuousClock.now
        do {
            try await applier.adopt(try await source.read())
        } catch {
            if !Task.isCancelled { diagnostics.note("\(error); going on as before") }
        }
        return ContinuousClock.now - start
    }
}
