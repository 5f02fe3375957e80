internal import WireGuard

/// What the command-line tool of docker is told; podman's takes the same words.
enum DockerArguments {
    static let version = ["version", "--format", "{{.Server.Version}}"]

    /// Lists the identifier of the one container of this name, if there is one.
    static func list(_ name: Name) -> [String] {
        // The filter is a regular expression; docker's names begin with a slash. Nothing in a `Name` has a meaning there.
        ["container", "ls", "--all", "--quiet", "--no-trunc", "--filter", "name=^/?\(name)$"]
    }

    static func list(_ id: ContainerID) -> [String] {
        ["container", "ls", "--all", "--quiet", "--no-trunc", "--filter", "id=\(id)"]
    }

    /// Shows one line of words, which ``DockerReply`` reads; a label is quoted, so that it cannot add a word.
    static func inspect(_ id: ContainerID) -> [String] {
        let labels = [ContainerLabel.interface, ContainerLabel.role].map { label in
            "{{printf \"%q\" (index .Config.Labels \"\(label)\")}}"
        }
        let state = "{{.State.Running}} {{.State.Pid}} {{.State.ExitCode}}"
        return ["container", "inspect", "--format", ([state] + labels).joined(separator: " "), "--", "\(id)"]
    }

    /// Starts a container that stays when it ends, so that its log can still be read; `remove` takes it away.
    static func run(_ spec: ContainerSpec) -> [String] {
        var arguments = ["container", "run", "--detach", "--pull", "missing", "--name", "\(spec.name)"]
        arguments += ["--label", "\(ContainerLabel.interface)=\(spec.interface)"]
        arguments += ["--label", "\(ContainerLabel.role)=\(spec.role)"]
        if let signal = spec.stopSignal { arguments += ["--stop-signal", signal] }
        if let entrypoint = spec.entrypoint { arguments += ["--entrypoint", entrypoint] }
        for port in spec.publications { arguments += ["--publish", publish(port)] }
        // The image comes after `--`, because one that begins with a hyphen is not an option.
        return arguments + spec.engineArguments + ["--", spec.image] + spec.command
    }

    static func stop(_ id: ContainerID, seconds: Int64) -> [String] {
        ["container", "stop", "-t", "\(seconds)", "--", "\(id)"]
    }

    static func remove(_ id: ContainerID) -> [String] { ["container", "rm", "--force", "--volumes", "--", "\(id)"] }

    static func logs(_ id: ContainerID, count: Int) -> [String] {
        ["container", "logs", "--tail", "\(count)", "--", "\(id)"]
    }

    private static func publish(_ port: ContainerSpec.Publication) -> String {
        let address = "\(port.address)"
        let host = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
        return "\(host):\(port.hostPort):\(port.containerPort)/tcp"
    }
}
