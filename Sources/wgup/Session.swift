import CommandSupport
import Planning
import SystemIO
import WireGuard

/// One run of `wgup server` or `wgup client`: from the lock on the interface to the removal of all that was made.
struct Session {
    let desired: DesiredState
    let workload: Workload
    let journal: Journal
    let diagnostics: Diagnostics

    /// Brings the tunnel up, then runs `watch` until a signal ends it, and takes everything down again.
    ///
    /// - Parameters:
    ///   - signals: Blocked since the first instant of the process.
    ///   - watch: What goes on while the tunnel is up. It is cancelled by the first signal.
    /// - Throws: What failed, after everything was taken down.
    func run(
        until signals: consuming TerminationSignals, watch: @escaping @Sendable () async throws -> Void
    ) async throws {
        let directory = try RunDirectory.create()
        let lock = try directory.lock(journal.interface)
        defer { _ = lock }
        let urgency = Teardown.Urgency()
        let teardown = Teardown(urgency: urgency)
        if let leftover = try directory.journal(of: journal.interface) {
            diagnostics.note("removing what an earlier wgup left of \(journal.interface)")
            try require(await teardown.run(leftover, in: directory))
        }

        let bringUp = BringUp(desired, workload: workload, journal: journal, directory: directory)
        let work = Task {
            try await bringUp.run()
            try await watch()
        }
        let listener = Task { [diagnostics] in
            var isFirst = true
            for await signal in signals.stream() {
                if isFirst { work.cancel() } else { urgency.hurry() }
                diagnostics.note("\(signal): \(isFirst ? "taking down; once more to hurry" : "hurrying")")
                isFirst = false
            }
        }
        let outcome = await work.result
        let problems = await bringUp.undo(teardown)
        listener.cancel()
        if case .failure(let error) = outcome, !(error is CancellationError) { throw error }
        try require(problems)
    }

    private func require(_ problems: [String]) throws {
        guard let first = problems.first else { return }
        for problem in problems.dropFirst() { diagnostics.note(problem) }
        throw WgupFailure.incompleteTeardown(first)
    }
}
