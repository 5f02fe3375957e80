import Containers
import Crypto
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// What is on this host of a tunnel, as its journal leads to it; looking changes nothing.
struct TunnelObservation {
    private(set) var state: ObservedState
    /// What carries the packets of the link that is there.
    private(set) var backend: (any TunnelBackend)?
    /// The first process of the workload's container, or its command.
    private(set) var workloadProcess: ProcessIdentity?

    /// A host without the tunnel.
    init() { state = ObservedState() }

    /// Looks for what a journal names.
    ///
    /// What was only half made when a run was killed does not count as there.
    ///
    /// - Parameters:
    ///   - journal: Of this or an earlier run.
    ///   - notes: What that run noted of the peers.
    /// - Throws: What keeps us from looking.
    init(_ journal: Journal, notes: PeerNotes) async throws {
        state = ObservedState()
        for entry in journal.entries { try await look(for: entry.resource, of: journal) }
        if let attachment = journal.attachment { try await look(for: attachment) }
        if state.workload.isStarted { state.workloadCheck = journal.workload }
        try look(forLinkOf: journal, notes: notes)
    }

    private mutating func look(for resource: Resource, of journal: Journal) async throws {
        switch resource {
        case .container(let engine, let name):
            let owner = Owner(interface: journal.interface, role: journal.tunnel.role)
            guard let pid = try await Engines.named(engine).pid(of: name, for: owner) else { return }
            var namespace: Name?
            if case .process(let name?, _) = state.workload { namespace = name }
            state.workload = .container(engine: engine, name: name, namespace: namespace)
            workloadProcess = ProcessIdentity(running: pid)
        case .namespace(let name):
            guard try Self.isComplete(name) else { return }
            state.workload = .process(namespace: name, hasCommand: false)
        case .process(.workload, _, _):
            guard let process = ProcessIdentity(resource), process.isAlive else { return }
            workloadProcess = process
            if case .process(let namespace, _) = state.workload {
                state.workload = .process(namespace: namespace, hasCommand: true)
            } else {
                state.workload = .process(namespace: nil, hasCommand: true)
            }
        case .process, .path, .input, .output, .namespaceDirectory, .link: break
        }
    }

    private mutating func look(for attachment: Journal.Attachment) async throws {
        guard let selector = ContainerSelector(attachment.container),
            let pid = try await Engines.named(attachment.engine).attached(selector)?.pid,
            let process = ProcessIdentity(running: pid)
        else { return }
        state.workload = .attached(engine: attachment.engine, container: attachment.container)
        workloadProcess = process
    }

    /// Whether a namespace has all that making it gives it; a run that is killed may leave a name that stands for none.
    private static func isComplete(_ name: Name) throws -> Bool {
        guard NetworkNamespace.exists(named: name), let loopback = InterfaceName("lo") else { return false }
        do {
            var link = try TunnelLink(loopback, in: NetworkNamespace.open(named: name))
            return try link.isUp()
        } catch TunnelError.system(let error) where error.isOfWrongKind {
            return false
        }
    }

    private mutating func look(forLinkOf journal: Journal, notes: PeerNotes) throws {
        guard let backend = try TunnelBackends.recorded(in: journal), backend.isAlive else { return }
        let device: DeviceState
        do throws(TunnelError) { device = try backend.state() } catch {
            // It has ended since, or a run was killed before its socket was there.
            guard error.isAbsence else { throw error }
            return
        }
        // Until it has its key it is half made.
        guard device.publicKey != nil else { return }
        state.link = try workloadLink(of: journal, device, notes)
        if state.link == nil {
            // Before it moves, and for good where it stays.
            var link = try TunnelLink(journal.interface)
            state.link = try link.observe(in: .host, device: device, notes: notes)
        }
        if state.link != nil { self.backend = backend }
    }

    private func workloadLink(
        of journal: Journal,
        _ device: DeviceState,
        _ notes: PeerNotes
    ) throws -> ObservedState.Link? {
        guard let namespace = try workloadNamespace() else { return nil }
        var link = try TunnelLink(journal.interface, in: namespace)
        return try link.observe(in: .container, device: device, notes: notes)
    }

    /// The network namespace of what uses the tunnel; `nil` if that has none of its own, or is not there.
    func workloadNamespace() throws -> NetworkNamespace? {
        switch state.workload {
        case .container(_, _, let name?), .process(let name?, _): return try .open(named: name)
        case .container(_, _, nil), .attached:
            guard let workloadProcess else { return nil }
            return try .ofProcess(workloadProcess.pid)
        case .process(nil, _), .none: return nil
        }
    }
}

extension DesiredState.Workload {
    /// Whether something of it runs.
    var isStarted: Bool {
        switch self {
        case .none, .process(_, hasCommand: false): false
        case .container, .attached, .process(_, hasCommand: true): true
        }
    }
}
