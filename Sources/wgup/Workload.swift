import CommandSupport
import Containers
import Crypto
import Keystore
import Planning
import Processes
import SystemIO
import WireGuard

/// What uses the tunnel, ready to be started.
enum Workload: Sendable {
    case none
    case container(any ContainerEngine, ContainerSpec)
    /// A container that the operator runs.
    case attached(any ContainerEngine, ContainerSelector)
    /// A command in the network namespace of this name, or on the host.
    case command(Command, namespace: Name?)
    /// This host's nginx, with a configuration of our own.
    case nginx(listeners: [NginxConfiguration.Listener], namespace: Name?)
    /// A network namespace, for whatever the operator starts in it.
    case namespace(Name)
}

extension Workload {
    /// Settles on a workload, and refuses one that cannot be started, before anything is changed.
    static func choose(
        _ settings: WorkloadSettings,
        role: Role,
        interface: InterfaceConfiguration
    ) async throws -> Workload {
        if let selector = settings.attached { return try await attached(selector, kind: settings.engine) }
        switch try await Engines.choose(settings.engine) {
        case .none: return .none
        case .container(let engine): return try await container(settings, in: engine, role: role, interface: interface)
        case .process: return try command(settings, role: role, interface: interface)
        }
    }

    private static func attached(_ selector: ContainerSelector, kind: EngineKind) async throws -> Workload {
        guard case .container(let engine) = try await Engines.choose(kind) else { throw WgupFailure.noEngine }
        guard var container = try await engine.attached(selector) else {
            throw ContainerError.noContainer(selector, engine: engine.name)
        }
        if container.pid == nil {
            Diagnostics(tool: "wgup").say("waiting until container \(selector) is started")
        }
        while container.pid == nil {
            try await Task.sleep(for: .seconds(1))
            // One that is removed may be replaced.
            container = try await engine.attached(selector) ?? container
        }
        if let pid = container.pid, FileIdentity("/proc/\(pid)/ns/net") == FileIdentity("/proc/self/ns/net") {
            throw ContainerError.onHostNetwork(selector)
        }
        return .attached(engine, selector)
    }

    private static func container(
        _ settings: WorkloadSettings,
        in engine: any ContainerEngine,
        role: Role,
        interface: InterfaceConfiguration
    ) async throws -> Workload {
        let owner = Owner(interface: interface.name, role: role)
        let spec = ContainerSpec(
            name: settings.name,
            owner: owner,
            image: try settings.image.map(image) ?? engine.defaultImage(for: role),
            command: settings.command,
            publications: settings.placement == .host ? publications(settings, role: role, interface: interface) : [],
            isIsolated: settings.isIsolated,
            // A namespace of ours outlives the container, and has the tunnel before the container's first instruction.
            namespace: settings.isIsolated && engine.dialect.joinsNamespaces ? settings.name : nil,
            engineArguments: settings.engineArguments
        )
        try await engine.requireFree(spec.name, for: owner)
        return .container(engine, spec)
    }

    private static func image(_ text: String) throws -> ImageReference {
        guard let image = ImageReference(text) else { throw WgupFailure.image(text) }
        return image
    }

    private static func publications(
        _ settings: WorkloadSettings,
        role: Role,
        interface: InterfaceConfiguration
    ) -> [ContainerSpec.Publication] {
        interface.addresses.flatMap { address in
            settings.publishedPorts(role: role).map { ports in
                ContainerSpec.Publication(
                    address: address.address,
                    hostPort: ports.hostPort,
                    containerPort: ports.containerPort
                )
            }
        }
    }

    private static func command(
        _ settings: WorkloadSettings,
        role: Role,
        interface: InterfaceConfiguration
    ) throws -> Workload {
        let namespace = settings.placement == .container ? settings.name : nil
        if !settings.command.isEmpty {
            return .command(try ProcessWorkload.command(settings.command, in: namespace), namespace: namespace)
        }
        switch (role, namespace) {
        case (.server, let namespace):
            guard ExecutablePath.find("nginx") != nil else { throw WgupFailure.noNginx }
            let ports = namespace == nil ? settings.publishedPorts(role: role).map(\.hostPort) : [80]
            let listeners = interface.addresses.flatMap { address in
                ports.map { NginxConfiguration.Listener(address.address, port: $0) }
            }
            return .nginx(listeners: listeners, namespace: namespace)
        case (.client, let namespace?): return .namespace(namespace)
        case (.client, nil): return .none
        }
    }

    /// The operator's own container, as a journal has it.
    var attachment: Journal.Attachment? {
        guard case .attached(let engine, let selector) = self else { return nil }
        return Journal.Attachment(engine: engine.name, container: selector.description)
    }

    /// The engine's container in whose network namespace the tunnel is, and which takes that along when it ends.
    var place: (engine: any ContainerEngine, container: ContainerSelector)? {
        switch self {
        case .container(let engine, let spec) where spec.namespace == nil:
            (engine, ContainerSelector(name: spec.name))
        case .attached(let engine, let selector): (engine, selector)
        case .container, .none, .command, .nginx, .namespace: nil
        }
    }

    /// The workload as a plan sees it.
    var desired: DesiredState.Workload {
        switch self {
        case .none: .none
        case .container(let engine, let spec):
            .container(engine: engine.name, name: spec.name, namespace: spec.namespace)
        case .attached(let engine, let selector): .attached(engine: engine.name, container: selector.description)
        case .command(_, let namespace), .nginx(_, let namespace): .process(namespace: namespace, hasCommand: true)
        case .namespace(let name): .process(namespace: name, hasCommand: false)
        }
    }

    /// Differs where anything differs of how it is started; `nil` for what is not started.
    var check: CheckValue? {
        let words: [String]
        switch self {
        case .none, .namespace, .attached: return nil
        case .container(let engine, let spec): words = [engine.name] + spec.words
        case .command(let command, _): words = [command.executable.description] + command.arguments
        case .nginx(let listeners, _): words = [NginxConfiguration.text(listeners: listeners, runDirectory: "/")]
        }
        let bytes: [UInt8] = words.flatMap { Array($0.utf8) + [0] }
        return CheckValue(of: bytes.span, personalization: "wgseal.workloads")
    }

    /// A line that shows the operator of a client how to use the tunnel from the workload; `nil` where there is no need.
    func example(hub: IPAddress) -> String? {
        let url = hub.family == .v6 ? "http://[\(hub)]" : "http://\(hub)"
        switch self {
        case .container(let engine, let spec): return "\(engine.name) exec \(spec.name) curl \(url)"
        case .attached(let engine, let selector) where selector.isName:
            return "\(engine.name) exec \(selector) curl \(url)"
        case .namespace(let name): return "ip netns exec \(name) curl \(url)"
        case .none, .command, .nginx, .attached: return nil
        }
    }
}

extension WorkloadSettings {
    /// What is published on the tunnel's address: by default 8080 for port 80 of a server.
    fileprivate func publishedPorts(role: Role) -> [WorkloadConfiguration.Publication] {
        guard publications.isEmpty, role == .server else { return publications }
        return ["8080:80"].compactMap { WorkloadConfiguration.Publication($0) }
    }
}
