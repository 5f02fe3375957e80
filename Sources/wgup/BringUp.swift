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
    private let log: String
    private(set) var journal: Journal
    private let directory: RunDirectory
    private var workloadNamespace: NetworkNamespace?
    private var isLinkMoved = false

    init(_ desired: DesiredState, workload: Workload, journal: Journal, directory: RunDirectory) {
        self.desired = desired
        self.workload = workload
        self.journal = journal
        self.directory = directory
        log = RunDirectory.path(of: "log", for: desired.interface.name)
    }

    /// Executes the plan, up to the first failure or until the task is cancelled between two steps.
    func run() async throws {
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

    private func execute(_ step: Step) async throws {
        switch step {
        case .createNamespace(let name):
            try record(.namespace(name))
            let namespace = try NetworkNamespace.create(named: name)
            workloadNamespace = consume namespace
            try withLink(named: "lo") { (link) in try link.bringUp() }
        case .createLink(let name):
            try await startDevice(name)
        case .configureDevice(let name):
            try UserspaceDevice(name).configure(desired.interface)
        case .startContainer:
            try await startContainer()
        case .startProcess:
            try await startProcess()
        case .moveLink(let name):
            var link = try TunnelLink(name)
            try withWorkloadNamespace { try link.move(to: $0) }
            isLinkMoved = true
        case .addAddress(let address, _):
            try withLink { try $0.add(address) }
        case .bringUp(_, let mtu):
            try withLink { try $0.bringUp(mtu: mtu) }
        case .addRoute(let prefix, _):
            try withLink { try $0.addRoute(to: prefix) }
        }
    }
}

extension BringUp {
    /// Starts `wireguard-go`, and waits until its device takes requests.
    private func startDevice(_ name: InterfaceName) async throws {
        var link = try TunnelLink(name)
        try link.requireAbsent()
        if let port = desired.interface.listenPort, !UDPPort.isFree(port) { throw TunnelError.portTaken(port) }

        let device = UserspaceDevice(name)
        if !FileEntry.exists(UserspaceDevice.socketDirectory) { try record(.path(UserspaceDevice.socketDirectory)) }
        try record(.path(device.socketPath))
        try record(.path(log))
        let process = try await device.start(log: log)
        try record(.process(.device, pid: process.identity.pid, startTime: process.identity.startTime))
        try await device.waitUntilItAnswers(process)
    }

    private func startContainer() async throws {
        guard case .container(let engine, let spec) = workload else { return }
        // The pull may take minutes and leaves nothing of ours behind, so it is all that a signal cuts short.
        try await engine.pullIfMissing(spec.image)
        try Task.checkCancellation()
        try record(.container(engine: engine.name, name: spec.name))
        let container = try await engine.start(spec)
        let namespace = try NetworkNamespace.ofProcess(container.pid)
        workloadNamespace = consume namespace
    }

    private func startProcess() async throws {
        guard case .process(let command) = workload else { return }
        let process = try await command.start()
        try record(.process(.workload, pid: process.identity.pid, startTime: process.identity.startTime))
    }

    private func record(_ resource: Resource) throws {
        journal.add(resource)
        try directory.write(journal)
    }

    private func withLink(_ body: (inout TunnelLink) throws -> Void) throws {
        if isLinkMoved {
            var link = try withWorkloadNamespace { try TunnelLink(desired.interface.name, in: $0) }
            try body(&link)
        } else {
            var link = try TunnelLink(desired.interface.name)
            try body(&link)
        }
    }

    private func withWorkloadNamespace<Success: ~Copyable>(
        _ body: (borrowing NetworkNamespace) throws -> Success
    ) throws -> Success {
        switch workloadNamespace {
        case .some(let namespace): return try body(namespace)
        case nil: throw SystemError.missing(path: "the workload's network namespace")
        }
    }
}
