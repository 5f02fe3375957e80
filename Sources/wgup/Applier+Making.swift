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
        switch request.workload {
        case .none, .namespace, .attached: break
        case .container(let engine, let spec): try await startContainer(spec, in: engine)
        case .command(let command, _): try await startCommand(command)
        case .nginx(let listeners, let namespace): try await startNginx(listeners, in: namespace)
        }
    }

    private func startContainer(_ spec: ContainerSpec, in engine: any ContainerEngine) async throws {
        if try await !engine.hasImage(spec.image) {
            // A pull may take minutes and leaves nothing of ours behind, so it is the one thing that a signal cuts short. The
            // file that it reads from, which is empty, tells it from a tool that has to come to its end.
            let path = RunDirectory.path(of: "pull", for: interface.name)
            try record(.workload, .input(path))
            _ = try LogFile.create(path)
            let diagnostics = diagnostics
            try await engine.reading(from: path).pullIfMissing(spec.image) { diagnostics.progress($0) }
            try Task.checkCancellation()
        }
        try record(.workload, .container(engine: engine.name, name: spec.name))
        let container = try await engine.reading(from: RunDirectory.lockPath(of: interface.name)).start(spec)
        workloadProcess = ProcessIdentity(running: container.pid)
        guard spec.namespace == nil else { return }
        workloadNamespace = try NetworkNamespace.ofProcess(container.pid)
        workloadPlace = workloadProcess.map { .process(pid: $0.pid, startTime: $0.startTime) }
    }

    func waitForHandshake() async throws {
        guard let backend, let wait = request.wait else { return }
        diagnostics.say("waiting for the first handshake on \(interface.name)")
        let watch = PeerWatch(backend, request, reached, diagnostics: diagnostics)
        if try await watch.waitForHandshake(since: configured ?? .now, within: wait.limit) != nil { return }
        guard wait.startsAnyway else { throw WgupFailure.noHandshake(wait.limit) }
        diagnostics.note("no handshake in \(wait.limit.components.seconds) s; starting the workload without")
    }

    private func startCommand(_ command: Command) async throws {
        let log = RunDirectory.path(of: "workload.log", for: interface.name)
        try record(.workload, .output(log))
        let process = try await command.start(log: log)
        try record(.workload, .process(.workload, pid: process.identity.pid, startTime: process.identity.startTime))
        workloadProcess = process.identity
        self.command = process
    }

    private func startNginx(_ listeners: [NginxConfiguration.Listener], in namespace: Name?) async throws {
        let run = RunDirectory.path(of: "nginx", for: interface.name)
        let configuration = "\(run)/nginx.conf"
        for path in [run, configuration] + NginxConfiguration.leftovers(runDirectory: run) {
            try record(.workload, .path(path))
        }
        try directory.write(NginxConfiguration.text(listeners: listeners, runDirectory: run), to: configuration)
        let words = NginxConfiguration.command(path: configuration)
        try await startCommand(try ProcessWorkload.command(words, in: namespace))
    }

    func createNamespace(_ name: Name) throws {
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
