internal import Processes
internal import SystemIO
internal import WireGuard

/// A container of the operator's own.
package struct AttachedContainer: Hashable, Sendable {
    /// The engine's identifier.
    package let id: String
    /// Its first process; `nil` while it does not run.
    package let pid: Int32?
}

extension ContainerEngine {
    /// Looks for the container that a selector means; one that runs is preferred to those that do not.
    ///
    /// - Returns: `nil` if there is none.
    /// - Throws: `.ambiguous` if several run; `.inUse` for one of ours; `.elsewhere`.
    package func attached(_ selector: ContainerSelector) async throws(ContainerError) -> AttachedContainer? {
        let running = try await list(selector, isRunning: true)
        guard running.count <= 1 else { throw .ambiguous(selector, count: running.count) }
        var candidate = running.first
        if candidate == nil { candidate = try await list(selector, isRunning: false).first }
        // An identifier is no name.
        guard let id = candidate ?? identifier(selector) else { return nil }
        guard let state = try await state(of: id) else { return nil }
        if let owner = state.owner { throw .attachedIsOurs(selector, interface: owner) }
        guard let pid = state.pid else { return AttachedContainer(id: id.description, pid: nil) }
        // What does not run any more a moment later is found by the next look.
        guard ProcessIdentity(running: pid) != nil else { return AttachedContainer(id: id.description, pid: nil) }
        guard isProcess(pid, of: id) else { throw .attachedElsewhere(selector, engine: name) }
        return AttachedContainer(id: id.description, pid: pid)
    }

    private func list(_ selector: ContainerSelector, isRunning: Bool) async throws(ContainerError) -> [ContainerID] {
        var ids: [ContainerID] = []
        let output = try await require(EngineArguments.find(selector, isRunning: isRunning))
        for line in output.split(separator: "\n") {
            guard let id = ContainerID(String(line)) else {
                throw .malformedReply(engine: name, verb: "container ls")
            }
            ids.append(id)
        }
        return ids
    }

    private func identifier(_ selector: ContainerSelector) -> ContainerID? {
        guard case .name(let text) = selector.kind else { return nil }
        return ContainerID(text)
    }

    /// Calls `onStart` whenever a container that a selector means is started, until the engine ends that or the task is
    /// cancelled.
    ///
    /// What has happened since the beginning of this second is told as well, so that nothing is lost before the engine
    /// begins to tell.
    ///
    /// - Throws: `.process` if the engine's tool cannot be run, or the task was cancelled.
    package func followStarts(
        of selector: ContainerSelector,
        onStart: @escaping @Sendable () -> Void
    ) async throws(ContainerError) {
        let arguments = EngineArguments.starts(of: selector, since: WallClock.now().seconds)
        do throws(ProcessError) {
            _ = try await command(arguments).follow { _ in onStart() }
        } catch {
            throw .process(error)
        }
    }
}
