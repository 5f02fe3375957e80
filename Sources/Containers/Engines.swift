package import Planning
package import Processes

/// What differs between the engines' command lines.
package enum EngineDialect: String, CaseIterable, Sendable {
    /// Docker's, which talks to a daemon.
    case docker
    /// Podman's.
    case podman

    /// The network that a container is in unless it is told another.
    var networkName: String {
        switch self {
        case .docker: "bridge"
        case .podman: "podman"
        }
    }

    /// Prints a network's blocks of addresses, see ``EngineWords/prefixes(in:)``.
    var prefixTemplate: String {
        switch self {
        case .docker: "{{range .IPAM.Config}}{{println .Subnet}}{{end}}"
        case .podman: "{{range .Subnets}}{{println .Subnet.IP .Subnet.Mask}}{{end}}"
        }
    }

    /// Whether a container can be put into a network namespace that is there already (`--network ns:`).
    package var joinsNamespaces: Bool { self == .podman }
}

/// An engine's own command-line tool.
package struct CommandLineEngine: ContainerEngine {
    /// Where its words differ from those of others.
    package let dialect: EngineDialect
    private let executable: ExecutablePath

    /// Looks for the tool; the daemon is another matter, see `probe()`.
    ///
    /// - Throws: ``ContainerError/unavailable(engine:_:)``.
    package static func find(_ dialect: EngineDialect) throws(ContainerError) -> CommandLineEngine {
        let name = dialect.rawValue
        guard let path = ExecutablePath.find(name) else { throw .unavailable(engine: name, .notInstalled) }
        return CommandLineEngine(dialect: dialect, executable: path)
    }

    /// A command of the tool, for the daemon that `DOCKER_HOST`, `CONTAINER_HOST` or the operator's context names.
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
        guard let dialect = EngineDialect(rawValue: name) else { throw .unavailable(engine: name, .unsupported) }
        return try CommandLineEngine.find(dialect)
    }

    /// Settles on an engine, within five seconds.
    ///
    /// - Returns: For `auto`, Docker if it answers, else Podman, else `process`.
    /// - Throws: ``ContainerError/unavailable(engine:_:)`` if the one that was asked for does not answer.
    package static func choose(_ kind: EngineKind) async throws(ContainerError) -> WorkloadEngine {
        switch kind {
        case .process: return .process
        case .none: return .none
        case .docker, .podman:
            let engine = try named(kind.rawValue)
            try await engine.probe()
            return .container(engine)
        case .auto:
            for kind in [EngineKind.docker, .podman] {
                do throws(ContainerError) { return try await choose(kind) } catch { continue }
            }
            return .process
        }
    }
}
