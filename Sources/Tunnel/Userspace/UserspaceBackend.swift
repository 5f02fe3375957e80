package import Planning
internal import Processes
internal import Synchronization
package import SystemIO
package import WireGuard

/// A link that a `wireguard-go` of its own carries; it goes when that process ends, and the other way round.
package final class UserspaceBackend: TunnelBackend {
    private let device: UserspaceDevice
    private let log: String
    private let process: Mutex<ProcessIdentity?>

    /// A device that is not there yet; `log` is where the program writes.
    package init(_ interface: InterfaceName, log: String) {
        device = UserspaceDevice(interface)
        self.log = log
        process = Mutex(nil)
    }

    /// The device of another run, from what that run wrote down.
    package init(_ journal: Journal) {
        device = UserspaceDevice(journal.interface)
        log = "/dev/null"
        process = Mutex(journal.process(.device).map { ProcessIdentity(pid: $0.pid, startTime: $0.startTime) })
    }

    /// Whether the program is there.
    package static var isInstalled: Bool { UserspaceDevice.program != nil }

    package var kind: BackendKind { .userspace }

    package var isAlive: Bool { process.withLock { $0?.isAlive ?? false } }

    package func create(record: (Resource) throws -> Void) async throws {
        var link = try TunnelLink(device.interface)
        try link.requireAbsent()
        let directory = UserspaceDevice.socketDirectory
        if !FileEntry.exists(directory) { try record(.path(directory)) }
        try record(.path(device.socketPath))
        try record(.output(log))
        let started = try await device.start(log: log)
        process.withLock { $0 = started.identity }
        try record(.process(.device, pid: started.identity.pid, startTime: started.identity.startTime))
        try await device.waitUntilItAnswers(started, log: log)
    }

    package func apply(_ change: DeviceChange) throws(TunnelError) { try device.apply(change) }

    package func state() throws(TunnelError) -> DeviceState { try device.state() }

    // The link needs no record: the process takes it along from wherever it is.
    package func move(
        to namespace: borrowing NetworkNamespace,
        at place: LinkRecord.Place,
        record: (Resource) throws -> Void
    ) throws {
        var link = try TunnelLink(device.interface)
        try link.move(to: namespace)
    }

    package func remove(grace: Duration) async throws {
        try await process.withLock { $0 }?.terminate(grace: grace)
    }
}
