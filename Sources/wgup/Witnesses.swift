import Containers
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// What may have become of a tunnel that is up, or of what says how it should be.
enum Disturbance: Sendable {
    /// The workload has ended.
    case workloadEnded
    /// The engine has started the workload.
    case workloadStarted
    /// The link, its addresses or its routes have changed, or it is gone.
    case link
    /// A file that says what should be has changed.
    case source
    /// It is time to look again.
    case time
}

/// What tells that something has become of a tunnel, without anybody looking at it.
///
/// They hold the link's network namespace, so they have to go as soon as the workload has ended.
final class Witnesses: Sendable {
    private let workload: ProcessHandle?
    private let link: LinkWatch?

    /// - Parameters:
    ///   - workload: The workload's first process.
    ///   - link: The tunnel's.
    init(workload: consuming ProcessHandle?, link: LinkWatch?) {
        self.workload = workload
        self.link = link
    }

    /// Waits for the next thing to happen.
    ///
    /// - Returns: `nil` once the task is cancelled.
    func next() async throws(SystemError) -> Disturbance? {
        let workloadDescriptor: Int32? =
            switch workload {
            case .some(let handle): handle.rawDescriptor
            case nil: nil
            }
        // In this order, since the link may go because the workload has ended.
        let descriptors = [workloadDescriptor, link?.rawDescriptor].compactMap(\.self)
        while let index = try await Readiness.wait(for: descriptors, within: nil) {
            if descriptors[index] == workloadDescriptor { return .workloadEnded }
            if link?.concernsLink() == true { return .link }
        }
        return nil
    }
}

extension Applier {
    /// What tells that the engine has started the container in whose namespace the tunnel is; `nil` if there is no such
    /// container.
    ///
    /// The engine's tool that tells it outlives this process if that is killed, so there is a record of it.
    func engineToFollow() throws -> (engine: any ContainerEngine, container: ContainerSelector)? {
        guard let (engine, container) = request.workload.place else { return nil }
        let path = RunDirectory.path(of: "events", for: interface.name)
        try record(.watch, .input(path))
        _ = try LogFile.create(path)
        return (engine.reading(from: path), container)
    }

    /// Begins to listen for what becomes of a tunnel that is up.
    func witnesses() throws -> Witnesses {
        let name = interface.name
        let link =
            isLinkMoved
            ? try withWorkloadNamespace { (namespace) throws(TunnelError) in try LinkWatch.open(name, in: namespace) }
            : try LinkWatch.open(name)
        return Witnesses(workload: try workloadProcess?.handle(), link: link)
    }

    /// What uses the tunnel, and has ended, for people.
    var workloadDescription: String { request.workload.name(on: interface.name) }

    /// Whether the workload is a command that has come to its end as it should; one whose end was not seen has not.
    func isWorkloadDone() async -> Bool {
        guard let command, !command.identity.isAlive else { return false }
        return (try? await command.exitStatus()) == .exited(0)
    }
}
