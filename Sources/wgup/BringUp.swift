import Containers
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// Executes the steps of a plan, each written to the journal before it changes anything.
actor BringUp {
    private let desired: DesiredState
    private let workload: Workload
    private let backend: any TunnelBackend
    private let directory: RunDirectory
    private var journal: Journal
    private var workloadNamespace: NetworkNamespace?
    private var workloadPlace: LinkRecord.Place?
    private var isLinkMoved = false
    private var isLinkMade = false
    /// When the device was told its peers: handshakes begin then.
    private(set) var configured = ContinuousClock.Instant.now
    private var workloadProcess: ProcessIdentity?
    private let onProgress: @Sendable (String) -> Void

    init(
        _ desired: DesiredState,
        workload: Workload,
        backend: any TunnelBackend,
        journal: Journal,
        directory: RunDirectory,
        onProgress: @escaping @Sendable (String) -> Void
    ) {
        self.onProgress = onProgress
        self.desired = desired
        self.workload = workload
        self.backend = backend
        self.journal = journal
        self.directory = directory
    }

    private var interface: InterfaceConfiguration { desired.interface }

    /// Executes the plan, up to the first failure or until the task is cancelled between two steps.
    func run() async throws {
        try Task.checkCancellation()
        try directory.write(journal)
        for step in Plan(for: desired).steps {
            try Task.checkCancellation()
            try await execute(step)
        }
    }

    /// Removes what was made.
    ///
    /// - Returns: What could not be removed, one line each.
    func undo(_ teardown: Teardown) async -> [String] { await teardown.run(journal, in: directory) }

    /// Waits until the workload or the device ends by itself.
    ///
    /// - Throws: ``WgupFailure/workloadEnded(_:)``, ``WgupFailure/deviceEnded(_:)`` or ``TunnelError/linkMissing(_:)``.
    func waitForCasualty() async throws {
        while true {
            // The workload first: with its network namespace it takes the link along, and the device ends of that.
            if let workloadProcess, !workloadProcess.isAlive { throw WgupFailure.workloadEnded(workloadDescription) }
            if isLinkMade, !backend.isAlive { throw deviceEnding }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private var deviceEnding: any Error {
        backend.kind == .kernel
            ? TunnelError.linkMissing(interface.name.description) : WgupFailure.deviceEnded(interface.name)
    }

    private var workloadDescription: String {
        switch workload {
        case .container(_, let spec): return "\(spec.name)"
        case .command, .nginx:
            let log = RunDirectory.path(of: "workload.log", for: interface.name)
            let words = (try? LogFile.lastLines(of: log, count: 1))?.first
            return words.map { "command, last saying: \($0)" } ?? "command"
        case .none, .namespace: return ""
        }
    }

    private func execute(_ step: Step) async throws {
        switch step {
        case .createNamespace(let name): try createNamespace(name)
        case .createLink: try await createLink()
        case .configureDevice:
            configured = .now
            try backend.apply(DeviceChange(interface))
        case .startContainer, .startProcess: try await startWorkload()
        case .moveLink: try moveLink()
        case .addAddress(let address, _): try withLink { (link) throws(TunnelError) in try link.add(address) }
        case .bringUp(_, let mtu): try withLink { (link) throws(TunnelError) in try link.bringUp(mtu: mtu) }
        case .addRoute(let prefix, _): try withLink { (link) throws(TunnelError) in try link.addRoute(to: prefix) }
        }
    }

    private func record(_ resource: Resource) throws {
        journal.add(resource)
        try directory.write(journal)
    }
}

extension BringUp {
    private func createLink() async throws {
        var link = try TunnelLink(interface.name)
        try link.requireAbsent()
        if let port = interface.listenPort, !UDPPort.isFree(port) { throw TunnelError.portTaken(port) }
        try await backend.create { try record($0) }
        isLinkMade = true
    }

    private func startWorkload() async throws {
        switch workload {
        case .none, .namespace: break
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
            try record(.input(path))
            _ = try LogFile.create(path)
            try await engine.reading(from: path).pullIfMissing(spec.image, onProgress: onProgress)
            try Task.checkCancellation()
        }
        try record(.container(engine: engine.name, name: spec.name))
        let container = try await engine.reading(from: RunDirectory.lockPath(of: interface.name)).start(spec)
        workloadNamespace = try NetworkNamespace.ofProcess(container.pid)
        workloadProcess = ProcessIdentity(running: container.pid)
        workloadPlace = workloadProcess.map { .process(pid: $0.pid, startTime: $0.startTime) }
    }

    private func startCommand(_ command: Command) async throws {
        let log = RunDirectory.path(of: "workload.log", for: interface.name)
        try record(.output(log))
        let process = try await command.start(log: log)
        try record(.process(.workload, pid: process.identity.pid, startTime: process.identity.startTime))
        workloadProcess = process.identity
    }

    private func startNginx(_ listeners: [NginxConfiguration.Listener], in namespace: Name?) async throws {
        let run = RunDirectory.path(of: "nginx", for: interface.name)
        let configuration = "\(run)/nginx.conf"
        for path in [run, configuration] + NginxConfiguration.leftovers(runDirectory: run) { try record(.path(path)) }
        try directory.write(NginxConfiguration.text(listeners: listeners, runDirectory: run), to: configuration)
        let words = NginxConfiguration.command(path: configuration)
        try await startCommand(try ProcessWorkload.command(words, in: namespace))
    }

    private func createNamespace(_ name: Name) throws {
        // Somebody else's must not stand in the journal for a moment: what stands there is removed.
        guard !NetworkNamespace.exists(named: name) else { throw WgupFailure.foreignNamespace(name) }
        if !NetworkNamespace.hasDirectory { try record(.namespaceDirectory) }
        try record(.namespace(name))
        do throws(SystemError) {
            workloadNamespace = try NetworkNamespace.create(named: name)
        } catch {
            // A failed attempt leaves nothing, and the name may have become somebody else's just now.
            journal.remove(.namespace(name))
            throw error
        }
        workloadPlace = .namespace(name)
        guard let name = InterfaceName("lo") else { return }
        var loopback = try withWorkloadNamespace { (namespace) throws(TunnelError) in
            try TunnelLink(name, in: namespace)
        }
        try loopback.bringUp()
    }

    private func moveLink() throws {
        guard let workloadPlace else { throw TunnelError.linkMissing(interface.name.description) }
        switch workloadNamespace {
        case .some(let namespace): try backend.move(to: namespace, at: workloadPlace) { try record($0) }
        case nil: throw TunnelError.linkMissing(interface.name.description)
        }
        isLinkMoved = true
    }

    private func withLink(_ body: (inout TunnelLink) throws(TunnelError) -> Void) throws(TunnelError) {
        let name = interface.name
        var link =
            isLinkMoved
            ? try withWorkloadNamespace { (namespace) throws(TunnelError) in try TunnelLink(name, in: namespace) }
            : try TunnelLink(name)
        try body(&link)
    }

    private func withWorkloadNamespace<Success: ~Copyable>(
        _ body: (borrowing NetworkNamespace) throws(TunnelError) -> Success
    ) throws(TunnelError) -> Success {
        switch workloadNamespace {
        case .some(let namespace): return try body(namespace)
        case nil: throw .linkMissing(interface.name.description)
        }
    }
}
