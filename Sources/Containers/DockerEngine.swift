package import Processes
internal import SystemIO
package import WireGuard

/// Docker through its command-line tool, which knows contexts, credentials and remote daemons.
package struct DockerEngine: ContainerEngine {
    package let kind = EngineKind.docker
    private let executable: ExecutablePath

    /// Uses the tool at this path.
    package init(executable: ExecutablePath) { self.executable = executable }

    /// Finds the tool.
    ///
    /// - Throws: `.notInstalled`.
    package static func installed() throws(ContainerError) -> DockerEngine {
        guard let executable = ExecutablePath.find("docker") else { throw .notInstalled(.docker) }
        return DockerEngine(executable: executable)
    }

    package func probe() async throws(ContainerError) { _ = try await require(DockerArguments.version) }

    package func find(_ name: Name) async throws(ContainerError) -> Container? {
        try await inspect(listing: DockerArguments.list(name))
    }

    package func find(_ id: ContainerID) async throws(ContainerError) -> Container? {
        try await inspect(listing: DockerArguments.list(id))
    }

    package func start(
        _ spec: ContainerSpec,
        onProgress: (@Sendable (String) -> Void)?
    ) async throws(ContainerError) -> Container {
        if let existing = try await find(spec.name) {
            throw existing.interface == nil ? .foreign(spec.name) : .nameInUse(spec.name)
        }
        do throws(ContainerError) {
            let result = try await run(DockerArguments.run(spec), onErrorLine: onProgress)
            guard result.isSuccess else { throw DockerReply.startFailure(kind, spec, result) }
            guard let id = DockerReply.ids(result.output)?.last, let container = try await find(id) else {
                throw .unintelligible(kind)
            }
            guard container.pid == nil else { return container }
            let lines = try await lastLines(of: id, count: 1)
            throw .ended(spec.name, exitCode: container.exitCode, lastLine: lines.last)
        } catch {
            // A name that somebody took in between is not ours to free.
            if case .nameInUse = error { throw error }
            await removeRemains(of: spec)
            throw error
        }
    }

    package func remove(_ id: ContainerID, grace: Duration) async throws(ContainerError) {
        guard let container = try await find(id) else { return }
        // Whether it stops in time or not, it is removed by force next.
        if container.pid != nil, grace > .zero {
            _ = try await run(DockerArguments.stop(id, seconds: max(1, grace.components.seconds)))
        }
        let result = try await run(DockerArguments.remove(id))
        guard !result.isSuccess, try await find(id) != nil else { return }
        throw failure(result)
    }

    package func lastLines(of id: ContainerID, count: Int) async throws(ContainerError) -> [String] {
        let result = try await require(DockerArguments.logs(id, count: count))
        let text = result.error.contains { !$0.isWhitespace } ? result.error : result.output
        return text.split(whereSeparator: \.isNewline).suffix(count).map { String(String($0).printable.prefix(300)) }
    }
}

extension DockerEngine {
    private func inspect(listing: [String]) async throws(ContainerError) -> Container? {
        guard let ids = DockerReply.ids(try await require(listing).output), ids.count < 2 else {
            throw .unintelligible(kind)
        }
        guard let id = ids.first else { return nil }
        let result = try await run(DockerArguments.inspect(id))
        if !result.isSuccess {
            // It may have been removed in between.
            guard result.error.contains("No such container") else { throw failure(result) }
            return nil
        }
        guard let container = DockerReply.container(id, result.output) else { throw .unintelligible(kind) }
        return container
    }

    /// Removes what a start left that failed half-way or was cut short, also for a task that is cancelled.
    private func removeRemains(of spec: ContainerSpec) async {
        await Task.detached { [self] in
            // The error of the start is the one to report.
            guard let remains = try? await find(spec.name), remains.interface == spec.interface else { return }
            try? await remove(remains.id, grace: .zero)
        }.value
    }

    /// Runs the tool, which must succeed.
    private func require(_ arguments: [String]) async throws(ContainerError) -> CommandResult {
        let result = try await run(arguments)
        guard result.isSuccess else { throw failure(result) }
        return result
    }

    private func run(
        _ arguments: [String],
        onErrorLine: (@Sendable (String) -> Void)? = nil
    ) async throws(ContainerError) -> CommandResult {
        do throws(ProcessError) {
            return try await Command(executable, arguments).run(onErrorLine: onErrorLine)
        } catch {
            throw .process(error)
        }
    }

    private func failure(_ result: CommandResult) -> ContainerError {
        DockerReply.connectionFailure(kind, result) ?? .refused(kind, reason: DockerReply.reason(result))
    }
}
