internal import Processes
internal import SystemIO
package import WireGuard

extension ContainerEngine {
    /// Requires that nobody else has a container of this name, running or not.
    ///
    /// What an earlier run of the same tunnel left does not count; ``start(_:)`` removes it.
    ///
    /// - Throws: `.foreign` or `.inUse`, which say whose it is.
    package func requireFree(_ container: Name, for owner: Owner) async throws(ContainerError) {
        guard let id = try await find(container), let state = try await state(of: id) else { return }
        guard let interface = state.owner else { throw .foreign(container) }
        guard interface == owner.interface else { throw .inUse(container, interface: interface) }
    }

    /// Creates a container and starts it.
    ///
    /// A container that an earlier run of the same tunnel left is removed first. The image has to be at hand. Cancelling
    /// the task changes nothing: when this returns the container runs, and when it throws there is none, as far as the
    /// engine answers.
    ///
    /// - Throws: `.foreign` or `.inUse` if the name is taken; `.refused` with the engine's reason, such as a port that is
    ///   taken; `.ended` if the command has ended already; `.elsewhere`.
    package func start(_ container: ContainerSpec) async throws(ContainerError) -> RunningContainer {
        try await requireFree(container.name, for: container.owner)
        try await remove(container.name, of: container.owner)
        do throws(ContainerError) {
            guard let id = ContainerID(try await require(EngineArguments.create(container))) else {
                throw .malformedReply(engine: name, verb: "create")
            }
            try await require(EngineArguments.start(id))
            return try await running(id, name: container.name)
        } catch {
            // Where this fails, too, the first failure is the one to report, and the caller's journal has the name.
            try? await remove(container.name, of: container.owner, force: true)
            throw error
        }
    }

    /// Looks at a container again.
    ///
    /// - Returns: The container as it is now; with another process, if the engine has restarted it.
    /// - Throws: `.ended` or `.missing` once it does not run any more.
    package func running(_ container: RunningContainer) async throws(ContainerError) -> RunningContainer {
        try await running(container.id, name: container.name)
    }

    /// The first process of the container that a tunnel has under a name.
    ///
    /// - Returns: `nil` if there is none, it does not run, or the container of this name is somebody else's.
    package func pid(of container: Name, for owner: Owner) async throws(ContainerError) -> Int32? {
        guard let id = try await find(container), let state = try await state(of: id),
            state.owner == owner.interface
        else { return nil }
        return state.pid
    }

    /// Stops and removes the container that a tunnel has under a name, with its anonymous volumes.
    ///
    /// What is not there is as good as removed, and somebody else's container of that name is left as it is. A container
    /// has five seconds to end by itself, unless `force` is set.
    ///
    /// - Throws: What the engine says of a container that it does not remove.
    package func remove(_ container: Name, of owner: Owner, force: Bool = false) async throws(ContainerError) {
        guard let id = try await find(container), let state = try await state(of: id),
            state.owner == owner.interface
        else { return }
        // In vain for one that does not run; the removal ends it in any case.
        if !force, state.pid != nil { _ = try await run(EngineArguments.stop(id, seconds: 5)) }
        _ = try await requireUnlessGone(EngineArguments.remove(id), id)
    }
}

extension ContainerEngine {
    /// Ends a container's processes at once, while another task waits for ``remove(_:of:force:)``.
    package func kill(_ container: Name, of owner: Owner) async throws(ContainerError) {
        guard let id = try await find(container), let state = try await state(of: id),
            state.owner == owner.interface, state.pid != nil
        else { return }
        // In vain for one that has ended meanwhile.
        _ = try await run(EngineArguments.kill(id))
    }

    private func find(_ container: Name) async throws(ContainerError) -> ContainerID? {
        let output = try await require(EngineArguments.find(container))
        guard !output.isEmpty else { return nil }
        guard let id = ContainerID(output) else { throw .malformedReply(engine: name, verb: "container ls") }
        return id
    }

    /// - Returns: `nil` if there is no such container any more.
    func state(of id: ContainerID) async throws(ContainerError) -> ContainerState? {
        guard let output = try await requireUnlessGone(EngineArguments.inspect(id), id) else { return nil }
        guard let state = ContainerState(output) else {
            throw .malformedReply(engine: name, verb: "container inspect")
        }
        return state
    }

    /// - Returns: `nil` if the command was in vain because there is no such container any more: the operator may have
    ///   removed it, or the engine itself, when it ended.
    private func requireUnlessGone(
        _ arguments: [String],
        _ id: ContainerID
    ) async throws(ContainerError) -> String? {
        let result = try await run(arguments)
        if result.isSuccess { return result.output }
        if try await require(EngineArguments.find(id)).isEmpty { return nil }
        throw refusal(of: arguments, result)
    }

    private func running(_ id: ContainerID, name container: Name) async throws(ContainerError) -> RunningContainer {
        var state = try await state(of: id)
        if let pid = state?.pid, !isProcess(pid, of: id) {
            // It may have ended a moment ago, before the daemon took notice; then this does not wait.
            do throws(ContainerError) {
                _ = try await run(EngineArguments.wait(id), within: .seconds(2))
            } catch .silent {
                // It runs, as far as the daemon knows.
            }
            state = try await self.state(of: id)
        }
        guard let state else { throw .missing(container) }
        guard let pid = state.pid else {
            let words = try await run(EngineArguments.lastLine(of: id))
            throw .ended(
                container,
                status: state.status,
                lastLine: EngineWords.lastLine(of: words.output + words.error)
            )
        }
        guard isProcess(pid, of: id) else { throw .elsewhere(container, engine: name) }
        return RunningContainer(name: container, pid: pid, id: id)
    }

    /// Whether a process of this host belongs to a container, which every engine shows in the name of its control group.
    ///
    /// With a daemon on another host or in a virtual machine, the number is that of some other process here, or of none.
    func isProcess(_ pid: Int32, of id: ContainerID) -> Bool {
        guard let groups = try? InputFile.read("/proc/\(pid)/cgroup", maximumByteCount: 65_536) else { return false }
        return String(decoding: groups, as: UTF8.self).contains(id.description)
    }
}
