package import Planning
package import Processes

/// Docker's command-line tool.
package struct DockerEngine: ContainerEngine {
    /// `docker`.
    package let name = EngineKind.docker.rawValue
    private let executable: ExecutablePath

    /// Looks for the tool; the daemon is another matter, see `probe()`.
    ///
    /// - Throws: ``ContainerError/unavailable(engine:_:)``.
    package static func find() throws(ContainerError) -> DockerEngine {
        let name = EngineKind.docker.rawValue
        guard let path = ExecutablePath.find(name) else { throw .unavailable(engine: name, .notInstalled) }
        return DockerEngine(executable: path)
    }

    /// A command of the tool, for the daemon that `DOCKER_HOST` or the operator's context names.
    package func command(_ arguments: [String]) -> Command { Command(executable, arguments) }
}

/// What runs the workload, as it was chosen.
package enum WorkloadEngine: Sendable {
    /// A container in this engine, which has answered.
    case container(any ContainerEngine)
    /// A command in a network namespace of its own.
    case process
    /// Nothing.
    case none
}

/// The engines that there are.
package enum Engines {
    /// The engine of a journal's record, whether or not it answers.
    ///
    /// - Throws: ``ContainerError/unavailable(engine:_:)``.
    package static func named(_ name: String) throws(ContainerError) -> any ContainerEngine {
        guard name == EngineKind.docker.rawValue else { throw .unavailable(engine: name, .unsupported) }
        return try DockerEngine.find()
    }

    /// Settles on an engine, within five seconds.
    ///
    /// - Returns: For `auto`, Docker if it answers, else `process`.
    /// - Throws: ``ContainerError/unavailable(engine:_:)`` if the one that was asked for does not answer.
    package static func choose(_ kind: EngineKind) async throws(ContainerError) -> WorkloadEngine {
        switch kind {
        case .process: return .process
        case .none: return .none
        case .docker:
            let engine = try named(kind.rawValue)
            try await engine.probe()
            return .container(engine)
        case .auto:
            do throws(ContainerError) {
                return try await choose(.docker)
            } catch {
                return .process
            }
        }
    }
}
