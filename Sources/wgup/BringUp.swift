import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// Executes the steps of a plan, each written to the journal before it changes anything.
actor BringUp {
    private let desired: DesiredState
    private let workload: Workload
    private let directory: RunDirectory
    private var journal: Journal
    private var workloadNamespace: NetworkNamespace?
    private var isLinkMoved = false

    init(_ desired: DesiredState, workload: Workload, journal: Journal, directory: RunDirectory) {
        self.desired = desired
        self.workload = workload
        self.journal = journal
        self.directory = directory
    }

    private var interface: InterfaceConfiguration { desired.interface }

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
        case .createNamespace(let name): try createNamespace(name)
        case .createLink: try await startDevice()
        case .configureDevice: try UserspaceDevice(interface.name).configure(interface)
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
    /// Starts `wireguard-go`, and waits until its device takes requests.
    private func startDevice() async throws {
        var link = try TunnelLink(interface.name)
        try link.requireAbsent()
        if let port = interface.listenPort, !UDPPort.isFree(port) { throw TunnelError.portTaken(port) }

        let device = UserspaceDevice(interface.name)
        let log = RunDirectory.path(of: "device.log", for: interface.name)
        if !FileEntry.exists(UserspaceDevice.socketDirectory) { try record(.path(UserspaceDevice.socketDirectory)) }
        try record(.path(device.socketPath))
        try record(.path(log))
        let process = try await device.start(log: log)
        try record(.process(.device, pid: process.identity.pid, startTime: process.identity.startTime))
        try await device.waitUntilItAnswers(process, log: log)
    }

    private func startWorkload() async throws {
    }

    private func createNamespace(_ name: Name) throws {
        try record(.namespace(name))
        workloadNamespace = try NetworkNamespace.create(named: name)
        guard let name = InterfaceName("lo") else { return }
        var loopback = try withWorkloadNamespace { (namespace) throws(TunnelError) in
            try TunnelLink(name, in: namespace)
        }
        try loopback.bringUp()
    }

    private func moveLink() throws {
        var link = try TunnelLink(interface.name)
        try withWorkloadNamespace { (namespace) throws(TunnelError) in try link.move(to: namespace) }
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
