import Containers
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// Removes what a journal names, the latest first.
///
/// What is gone already is as good as removed, so a teardown that was cut off can be run again.
struct Teardown: Sendable {
    /// Set by the second signal: nothing is given time to end by itself any more.
    final class Urgency: Sendable {
        private let flag = Latch()

        /// Whether to hurry.
        var isUrgent: Bool { flag.isRaised }

        func hurry() { flag.raise() }

        /// Waits for `body`, and runs `shortcut` beside it as soon as it is to hurry.
        func wait<Success: Sendable>(
            for body: () async throws -> Success,
            shortcut: @escaping @Sendable () async throws -> Void
        ) async throws -> Success {
            let watcher = Task {
                while !isUrgent { try await Task.sleep(for: .milliseconds(20)) }
                try await shortcut()
            }
            let result: Result<Success, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            watcher.cancel()
            // It is a help, not a duty: whether everything is gone is for `body` to say.
            _ = await watcher.result
            return try result.get()
        }
    }

    private let urgency: Urgency

    init(urgency: Urgency) { self.urgency = urgency }

    /// Removes what a journal names, or one part of it.
    ///
    /// - Parameters:
    ///   - journal: As it is in the directory.
    ///   - part: `nil` for everything.
    ///   - directory: Where each thing is taken out of the journal as soon as it is gone.
    /// - Returns: The journal as it is then, and what could not be removed, one line each.
    func run(
        _ journal: Journal,
        only part: Journal.Part? = nil,
        in directory: RunDirectory
    ) async -> (journal: Journal, problems: [String]) {
        // Looked for first, since it holds the namespace that a link of the kernel is in: the workload is to end while its
        // tunnel is still there, and often takes its namespace along.
        let backend = Result { try TunnelBackends.recorded(in: journal) }
        var journal = journal
        var problems: [String] = []
        for entry in journal.entries.reversed() where part == nil || entry.part == part {
            do {
                try await remove(entry.resource, of: journal.interface, backend: backend)
                journal.remove(entry)
                try directory.write(journal)
            } catch {
                problems.append("cannot remove \(entry.resource): \(error)")
            }
        }
        return (journal, problems)
    }

    /// Waits until a `wgup` that was killed has nothing more to do.
    ///
    /// What it was about to do is done or ended first: a child of its may have been started after the last line that the
    /// journal has, and a tool of an engine works on without it.
    ///
    /// - Throws: What keeps it from looking for processes.
    func settle(_ journal: Journal, in directory: RunDirectory) async throws {
        let lock = RunDirectory.lockPath(of: journal.interface)
        let tools = try ProcessIdentity.users(of: lock, as: .input)
        // A tool is not asked to end, as that would not end what its daemon does for it.
        try await urgency.wait {
            for tool in tools { try await tool.waitForEnd(within: Self.patienceWithTools) }
        } shortcut: {
            for tool in tools { try tool.signal(.kill) }
        }
        for tool in tools { try tool.signal(.kill) }
        directory.removeTemporaries(of: journal.interface)
    }

    // As long as an engine gives its tool.
    private static let patienceWithTools = Duration.seconds(60)
    private static let grace = Duration.seconds(5)

    private func remove(
        _ resource: Resource,
        of interface: InterfaceName,
        backend: Result<(any TunnelBackend)?, any Error>
    ) async throws {
        switch resource {
        case .path(let path):
            try FileEntry.remove(path)
        case .input(let path):
            try await remove(path, withItsUsersAs: .input)
        case .output(let path):
            try await remove(path, withItsUsersAs: .output)
        case .namespace(let name):
            if NetworkNamespace.exists(named: name) { try NetworkNamespace.remove(named: name) }
        case .namespaceDirectory:
            try NetworkNamespace.removeDirectory()
        case .container(let engine, let name):
            try await removeContainer(name, in: Engines.named(engine), interface: interface)
        case .process:
            guard let process = ProcessIdentity(resource) else { return }
            try await urgency.wait {
                try await process.terminate(grace: Self.grace)
            } shortcut: {
                try process.signal(.kill)
            }
        case .link:
            try await backend.get()?.remove(grace: .zero)
        }
    }

    private func remove(_ path: String, withItsUsersAs use: StandardStreamUse) async throws {
        try await urgency.wait {
            try await ProcessIdentity.terminateUsers(of: path, as: use, grace: Self.grace)
        } shortcut: {
            try await ProcessIdentity.terminateUsers(of: path, as: use, grace: .zero)
        }
        try FileEntry.remove(path)
    }

    private func removeContainer(_ name: Name, in engine: any ContainerEngine, interface: InterfaceName) async throws {
        let engine = engine.reading(from: RunDirectory.lockPath(of: interface))
        // Only the interface of a label is compared, so either role will do.
        let owner = Owner(interface: interface, role: .client)
        try await urgency.wait { [isUrgent = urgency.isUrgent] in
            try await engine.remove(name, of: owner, force: isUrgent)
        } shortcut: {
            try await engine.kill(name, of: owner)
        }
    }
}
