import CommandSupport
import Containers
import Keystore
import Planning
import Processes
import SystemIO
import WireGuard

/// How a workload is chosen.
enum Workloads {
    /// Settles on a workload, and refuses one that cannot be started, before anything is changed.
    static func choose(
        _ settings: WorkloadSettings,
        role: Role,
        interface: InterfaceConfiguration,
        hosts: [HostsEntry] = []
    ) async throws -> any Workload {
        if let selector = settings.attached { return try await attached(selector, kind: settings.engine) }
        switch try await Engines.choose(settings.engine) {
        case .none: return NoWorkload()
        case .container(let engine):
            return try await container(settings, in: engine, role: role, interface: interface, hosts: hosts)
        case .process: return try command(settings, role: role, interface: interface, hosts: hosts)
        }
    }

    private static func attached(_ selector: ContainerSelector, kind: EngineKind) async throws -> any Workload {
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
        return AttachedWorkload(engine: engine, selector: selector)
    }

    private static func container(
        _ settings: WorkloadSettings,
        in engine: any ContainerEngine,
        role: Role,
        interface: InterfaceConfiguration,
        hosts: [HostsEntry]
    ) async throws -> any Workload {
        let owner = Owner(interface: interface.name, role: role)
        let spec = ContainerSpec(
            name: settings.name,
            owner: owner,
            image: try settings.image.map(image) ?? engine.defaultImage(for: role),
            command: settings.command,
            publications: settings.placement == .host ? publications(settings, role: role, interface: interface) : [],
            isIsolated: settings.isIsolated,
            hosts: hosts,
            // A namespace of ours outlives the container, and has the tunnel before the container's first instruction.
            namespace: settings.isIsolated && engine.dialect.joinsNamespaces ? settings.name : nil,
            engineArguments: settings.engineArguments
        )
        try await engine.requireFree(spec.name, for: owner)
        return ContainerWorkload(engine: engine, spec: spec)
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
        interface: InterfaceConfiguration,
        hosts: [HostsEntry]
    ) throws -> any Workload {
        let namespace = settings.placement == .container ? settings.name : nil
        if !settings.command.isEmpty {
            let command = try ProcessWorkload.command(settings.command, in: namespace)
            return CommandWorkload(command: command, namespace: namespace, hosts: hosts)
        }
        switch (role, namespace) {
        case (.server, let namespace):
            guard ExecutablePath.find("nginx") != nil else { throw WgupFailure.noNginx }
            let ports = namespace == nil ? settings.publishedPorts(role: role).map(\.hostPort) : [80]
            let listeners = interface.addresses.flatMap { address in
                ports.map { NginxConfiguration.Listener(address.address, port: $0) }
            }
            return NginxWorkload(listeners: listeners, namespace: namespace)
        case (.client, let namespace?): return NamespaceWorkload(namespace: namespace, hosts: hosts)
        case (.client, nil): return NoWorkload()
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
