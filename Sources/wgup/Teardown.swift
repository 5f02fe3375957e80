import Containers
import Planning
import Processes
import Synchronization
import SystemIO
import Tunnel
import WireGuard

/// Removes what a journal names, the latest first.
///
/// What is gone already is as good as removed, so a teardown that was cut off can be run again.
struct Teardown: Sendable {
    /// Set by the second signal: nothing is given time to end by itself any more.
    final class Urgency: Sendable {
        private let isSet = Atomic(false)

        /// Whether to hurry.
        var isUrgent: Bool { isSet.load(ordering: .relaxed) }

        func hurry() { isSet.store(true, ordering: .relaxed) }
    }

    private let urgency: Urgency

    init(urgency: Urgency) { self.urgency = urgency }

    /// Removes everything but the journal itself.
    ///
    /// - Returns: What could not be removed, one line each; the journal still names it.
    func run(_ journal: Journal, in directory: RunDirectory) async -> [String] {
        // Looked for first, since it holds the namespace that a link of the kernel is in: the workload is to end while its
        // tunnel is still there, and often takes its namespace along.
        let backend = Result { try TunnelBackends.recorded(in: journal) }
        var journal = journal
        var problems: [String] = []
        for resource in journal.resources.reversed() {
            do {
                try await remove(resource, of: journal.interface, backend: backend)
                journal.remove(resource)
                try directory.write(journal)
            } catch {
                problems.append("cannot remove \(resource): \(error)")
            }
        }
        return problems
    }

    private func remove(
        _ resource: Resource,
        of interface: InterfaceName,
        backend: Result<(any TunnelBackend)?, any Error>
    ) async throws {
        switch resource {
        case .path(let path):
            try FileEntry.remove(path)
        case .namespace(let name):
            if NetworkNamespace.exists(named: name) { try NetworkNamespace.remove(named: name) }
        case .namespaceDirectory:
            try NetworkNamespace.removeDirectory()
        case .container(let engine, let name):
            // Only the interface of a label is compared, so either role will do.
            let owner = Owner(interface: interface, role: .client)
            try await Engines.named(engine).remove(name, of: owner, force: urgency.isUrgent)
        case .process(_, let pid, let startTime):
            let grace = urgency.isUrgent ? Duration.zero : .seconds(5)
            try await ProcessIdentity(pid: pid, startTime: startTime).terminate(grace: grace)
        case .link:
            try await backend.get()?.remove(grace: .zero)
        }
    }
}
