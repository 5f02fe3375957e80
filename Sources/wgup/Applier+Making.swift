import CommandSupport
import Containers
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

// The steps that make something. Each thing is recorded before it is there.
extension Applier {
    func createLink() async throws {
        var link = try TunnelLink(interface.name)
        try link.requireAbsent()
        if let port = interface.listenPort, !UDPPort.isFree(port) { throw TunnelError.portTaken(port) }
        let backend = try newBackend()
        journal.backend = backend.kind
        try await backend.create { try record(.link, $0) }
        self.backend = backend
    }

    func startWorkload() async throws {
        journal.workload = desired.workloadCheck
        guard let started = try await request.workload.start(at: site(.workload)) else { return }
        (workloadProcess, command) = (started.process, started.command)
        guard started.isPlace, let process = started.process else { return }
        workloadNamespace = try NetworkNamespace.ofProcess(process.pid)
        workloadPlace = .process(pid: process.pid, startTime: process.startTime)
    }

    private func site(_ part: Journal.Part) -> WorkloadSite {
        WorkloadSite(interface: interface.name, directory: directory, diagnostics: diagnostics) { resource in
            try await self.record(part, resource)
        }
    }

    func waitForHandshake() async throws {
        guard let backend, let wait = request.wait else { return }
        diagnostics.say("waiting for the first handshake on \(interface.name)")
        let watch = PeerWatch(backend, request, reached, diagnostics: diagnostics)
        if try await watch.waitForHandshake(since: configured ?? .now, within: wait.limit) != nil { return }
        guard wait.startsAnyway else { throw WgupFailure.noHandshake(wait.limit) }
        diagnostics.note("no handshake in \(wait.limit.components.seconds) s; starting the workload without")
    }

    func createNamespace(_ name: Name) async throws {
        // Somebody else's must not stand in the journal for a moment: what stands there is removed.
        guard !NetworkNamespace.exists(named: name) else { throw WgupFailure.foreignNamespace(name) }
        if !NetworkNamespace.hasDirectory { try record(.namespace, .namespaceDirectory) }
        let entry = Journal.Entry(.namespace, .namespace(name))
        try record(entry.part, entry.resource)
        do throws(SystemError) {
            workloadNamespace = try NetworkNamespace.create(named: name)
        } catch {
            // A failed attempt leaves nothing, and the name may have become somebody else's just now.
            journal.remove(entry)
            throw error
        }
        workloadPlace = .namespace(name)
        try await request.workload.prepareNamespace(at: site(.namespace))
        guard let loopback = InterfaceName("lo") else { return }
        try withWorkloadNamespace { (namespace) throws(TunnelError) in
            var link = try TunnelLink(loopback, in: namespace)
            try link.bringUp()
        }
    }

    func moveLink() throws {
        guard let workloadPlace, let backend else { throw TunnelError.linkMissing(interface.name.description) }
        switch workloadNamespace {
        case .some(let namespace): try backend.move(to: namespace, at: workloadPlace) { try record(.link, $0) }
        case nil: throw TunnelError.linkMissing(interface.name.description)
        }
        isLinkMoved = true
    }

    func withLink(_ body: (inout TunnelLink) throws(TunnelError) -> Void) throws(TunnelError) {
        let name = interface.name
        var link =
            isLinkMoved
            ? try withWorkloadNamespace { (namespace) throws(TunnelError) in try TunnelLink(name, in: namespace) }
            : try TunnelLink(name)
        try body(&link)
    }

    func withWorkloadNamespace<Success: ~Copyable>(
        _ body: (borrowing NetworkNamespace) throws(TunnelError) -> Success
    ) throws(TunnelError) -> Success {
        switch workloadNamespace {
        case .some(let namespace): return try body(namespace)
        case nil: throw .linkMissing(interface.name.description)
        }
    }
}
