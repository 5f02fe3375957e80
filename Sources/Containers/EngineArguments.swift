internal import WireGuard

/// The command lines of an engine; `docker` and `podman` take the same, but for what ``EngineDialect`` has.
enum EngineArguments {
    static let version = ["version", "--format", "{{.Server.Version}}"]

    /// Prints the identifier of the network that a container is in unless it is told another, or nothing.
    static func findNetwork(_ dialect: EngineDialect) -> [String] {
        ["network", "ls", "--no-trunc", "--filter", "name=^\(dialect.networkName)$", "--format", "{{.ID}}"]
    }

    /// Prints the blocks of addresses of a network, a line each.
    static func prefixes(ofNetwork id: ContainerID, _ dialect: EngineDialect) -> [String] {
        ["network", "inspect", "--format", dialect.prefixTemplate, "--", id.description]
    }

    static func inspectImage(_ image: ImageReference) -> [String] {
        ["image", "inspect", "--format", "{{.Id}}", "--", image.description]
    }

    static func pull(_ image: ImageReference) -> [String] { ["pull", "--", image.description] }

    /// Prints the identifier of the new container.
    ///
    /// What `run` does in one go is done as `create` and `start`, so that it is known what to remove when the second
    /// half fails.
    static func create(_ container: ContainerSpec) -> [String] {
        var arguments = ["create"] + container.engineArguments
        arguments += ["--pull", "never", "--name", container.name.description]
        arguments += ["--label", Label.owner]
        arguments += [
            "--label", Label.interface(container.owner.interface), "--label", Label.role(container.owner.role),
        ]
        if let namespace = container.namespace {
            arguments += ["--network", "ns:/run/netns/\(namespace)"]
        } else if container.isIsolated {
            arguments += ["--network", "none"]
        }
        for host in container.hosts { arguments += ["--add-host", "\(host.name):\(host.address)"] }
        for publication in container.publications { arguments += ["--publish", publication.description] }
        if let entrypoint = container.entrypoint { arguments += ["--entrypoint", entrypoint] }
        if let signal = container.stopSignal { arguments += ["--stop-signal", signal] }
        return arguments + ["--", container.image.description] + container.command
    }

    static func start(_ id: ContainerID) -> [String] { ["start", "--", id.description] }

    /// Prints the identifier of the container of exactly this name, or nothing.
    ///
    /// An `inspect` by name would take the name for the beginning of an identifier, too, and its status does not tell an
    /// absent container from a failure.
    static func find(_ name: Name) -> [String] { list(filter: "name=^\(name)$") }

    /// Prints the identifier, or nothing if there is no such container any more.
    static func find(_ id: ContainerID) -> [String] { list(filter: "id=\(id)") }

    private static func list(filter: String) -> [String] {
        ["container", "ls", "--all", "--no-trunc", "--filter", filter, "--format", "{{.ID}}"]
    }

    /// Prints the identifier of each container that a selector means, if it runs or whether or not it does.
    static func find(_ selector: ContainerSelector, isRunning: Bool) -> [String] {
        let filters =
            switch selector.kind {
            // A dot in a name is no pattern.
            case .name(let name): ["name=^\(name.replacing(".", with: "\\."))$"]
            case .labels(let labels): labels.map { "label=\($0.key)=\($0.value)" }
            }
        return ["container", "ls"] + (isRunning ? [] : ["--all"]) + ["--no-trunc"]
            + filters.flatMap { ["--filter", $0] } + ["--format", "{{.ID}}"]
    }

    /// Prints a line for each container that a selector means when it is started, from a moment on.
    static func starts(of selector: ContainerSelector, since seconds: UInt64) -> [String] {
        let filters =
            switch selector.kind {
            case .name(let name): ["container=\(name)"]
            case .labels(let labels): labels.map { "label=\($0.key)=\($0.value)" }
            }
        return ["events", "--since", "\(seconds)"]
            + (["type=container", "event=start"] + filters).flatMap { ["--filter", $0] }
            + ["--format", "{{.ID}}"]
    }

    /// Prints what ``ContainerState`` reads.
    static func inspect(_ id: ContainerID) -> [String] {
        ["container", "inspect", "--format", ContainerState.template, "--", id.description]
    }

    /// Ends when the container has.
    static func wait(_ id: ContainerID) -> [String] { ["wait", "--", id.description] }

    static func lastLine(of id: ContainerID) -> [String] { ["logs", "--tail", "1", "--", id.description] }

    // `--time` is deprecated in docker 28, its successor `--timeout` unknown to docker 20; the short form is in both.
    static func stop(_ id: ContainerID, seconds: Int) -> [String] {
        ["stop", "-t", "\(seconds)", "--", id.description]
    }

    static func kill(_ id: ContainerID) -> [String] { ["kill", "--", id.description] }

    static func remove(_ id: ContainerID) -> [String] { ["rm", "--force", "--volumes", "--", id.description] }
}

extension ContainerSpec.Publication: CustomStringConvertible {
    /// The value of `--publish`.
    package var description: String {
        "\(address.family == .v6 ? "[\(address)]" : "\(address)"):\(hostPort):\(containerPort)"
    }
}
