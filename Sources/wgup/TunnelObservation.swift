import Containers
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// What is on this host of a tunnel, as the journal leads to it; looking changes nothing.
struct TunnelObservation {
    let state: ObservedState
    /// The `wgup` that made it has ended, and the next one makes everything anew.
    let isLeftover: Bool
    /// What carries the packets of what is there.
    let backend: BackendKind?

    /// Looks for an interface of ours.
    ///
    /// - Throws: ``TunnelError`` for what is in the way of a tunnel that is not there; what keeps us from looking.
    static func take(of interface: InterfaceConfiguration) async throws -> TunnelObservation {
        guard let journal = try RunDirectory.open()?.journal(of: interface.name) else {
            var link = try TunnelLink(interface.name)
            try link.requireAbsent()
            if let port = interface.listenPort, !UDPPort.isFree(port) { throw TunnelError.portTaken(port) }
            return TunnelObservation(state: ObservedState(), isLeftover: false, backend: nil)
        }
        var isLeftover = true
        if case .process(_, let pid, let startTime) = journal.owner {
            isLeftover = !ProcessIdentity(pid: pid, startTime: startTime).isAlive
        }
        var workload = DesiredState.Workload.none
        for resource in journal.resources { try await add(resource, to: &workload) }
        let state = ObservedState(link: try await link(of: journal), workload: workload)
        return TunnelObservation(state: state, isLeftover: isLeftover, backend: journal.backend)
    }

    /// Adds a part of a workload, if it is still there.
    private static func add(_ resource: Resource, to workload: inout DesiredState.Workload) async throws {
        switch resource {
        case .container(let engine, let name):
            if try await Engines.named(engine).pid(of: name) != nil {
                workload = .container(engine: engine, name: name)
            }
        case .namespace(let name):
            if NetworkNamespace.exists(named: name) { workload = .process(namespace: name, hasCommand: false) }
        case .process(.workload, let pid, let startTime):
            guard ProcessIdentity(pid: pid, startTime: startTime).isAlive else { return }
            if case .process(let namespace, _) = workload {
                workload = .process(namespace: namespace, hasCommand: true)
            } else {
                workload = .process(namespace: nil, hasCommand: true)
            }
        case .process, .path, .namespaceDirectory, .link: break
        }
    }

    private static func link(of journal: Journal) async throws -> ObservedState.Link? {
        guard let backend = try TunnelBackends.recorded(in: journal), backend.isAlive else { return nil }
        let device = try backend.state()
        for resource in journal.resources {
            let place: NetworkNamespace
            switch resource {
            case .container(let engine, let name):
                guard let pid = try await Engines.named(engine).pid(of: name) else { continue }
                place = try .ofProcess(pid)
            case .namespace(let name):
                guard NetworkNamespace.exists(named: name) else { continue }
                place = try .open(named: name)
            default: continue
            }
            var link = try TunnelLink(journal.interface, in: place)
            if let found = try link.observe(in: .container, device: device) { return found }
        }
        // Before it moves, and for good where it stays.
        var link = try TunnelLink(journal.interface)
        return try link.observe(in: .host, device: device)
    }
}
