import Planning
import Tunnel
import WireGuard

/// What a look at a tunnel that was up finds.
enum Finding: Sendable {
    case asItShouldBe
    case differs
    /// What uses the tunnel has ended, or is gone.
    case workloadEnded
}

extension Applier {
    /// Looks again at a tunnel that was up, and changes what differs.
    ///
    /// - Returns: What was done.
    /// - Throws: What failed; what was done before it is not undone, and another attempt goes on from there.
    func repair() async throws -> Report {
        let found = try await look()
        before = nil
        return try await end(found, startsAnew: false)
    }

    /// Compares a tunnel that was up with what should be; nothing is changed.
    func examine() async throws -> Finding {
        let start = ContinuousClock.now
        defer { examinationTime = ContinuousClock.now - start }
        let found = try await look()
        if desired.workload.isStarted, !found.state.workload.isStarted { return .workloadEnded }
        return Difference(from: found.state, to: desired).changes.isEmpty ? .asItShouldBe : .differs
    }

    /// Whether the workload is a container that the operator runs.
    var isAttached: Bool { request.workload.attachment != nil }

    /// Takes over what should be there from now on, for the next ``repair()``.
    ///
    /// - Throws: ``WgupFailure/otherTunnel(_:)`` for what is not the same tunnel.
    func adopt(_ request: TunnelRequest) throws {
        guard request.tunnel == self.request.tunnel, request.interface.name == interface.name else {
            throw WgupFailure.otherTunnel(interface.name)
        }
        self.request = request
        desired = request.desired
        guard journal.notAfter != request.notAfter else { return }
        journal.notAfter = request.notAfter
        try directory.write(journal)
    }
}
