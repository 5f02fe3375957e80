import CommandSupport
import Containers
import Netlink
import Planning
import Processes
import SystemIO
import WireGuard

/// A container that `wgup` starts.
struct ContainerWorkload: Workload {
    let engine: any ContainerEngine
    let spec: ContainerSpec

    var desired: DesiredState.Workload {
        .container(engine: engine.name, name: spec.name, namespace: spec.namespace)
    }

    var words: [String] { [engine.name] + spec.words }

    var place: (engine: any ContainerEngine, container: ContainerSelector)? {
        spec.namespace == nil ? (engine, ContainerSelector(name: spec.name)) : nil
    }

    var entrance: String? { "\(engine.name) exec \(spec.name)" }

    func name(on interface: InterfaceName) -> String { "container \(spec.name)" }

    func start(at site: WorkloadSite) async throws -> StartedWorkload? {
        if try await !engine.hasImage(spec.image) {
            // A pull may take minutes and leaves nothing of ours behind, so it is the one thing that a signal cuts short. The
            // file that it reads from, which is empty, tells it from a tool that has to come to its end.
            let path = RunDirectory.path(of: "pull", for: site.interface)
            try await site.record(.input(path))
            _ = try LogFile.create(path)
            try await engine.reading(from: path).pullIfMissing(spec.image) { site.diagnostics.progress($0) }
            try Task.checkCancellation()
        }
        try await site.record(.container(engine: engine.name, name: spec.name))
        let container = try await engine.reading(from: RunDirectory.lockPath(of: site.interface)).start(spec)
        return StartedWorkload(process: ProcessIdentity(running: container.pid), isPlace: spec.namespace == nil)
    }

    func prefixes(besides tunnel: InterfaceName) async throws -> [IPPrefix] {
        spec.isIsolated ? [] : try await engine.networkPrefixes()
    }
}

/// A container that the operator runs.
struct AttachedWorkload: Workload {
    let engine: any ContainerEngine
    let selector: ContainerSelector

    var desired: DesiredState.Workload { .attached(engine: engine.name, container: selector.description) }

    var attachment: Journal.Attachment? {
        Journal.Attachment(engine: engine.name, container: selector.description)
    }

    var place: (engine: any ContainerEngine, container: ContainerSelector)? { (engine, selector) }

    var entrance: String? { selector.isName ? "\(engine.name) exec \(selector)" : nil }

    func name(on interface: InterfaceName) -> String { "container \(selector)" }

    // It may be in any network.
    func prefixes(besides tunnel: InterfaceName) async throws -> [IPPrefix] {
        guard let pid = try await engine.attached(selector)?.pid else { return [] }
        var netlink = try NetworkNamespace.ofProcess(pid).run { () throws(NetlinkError) in try RouteNetlink.open() }
            .get()
        return try netlink.routedPrefixes(besides: tunnel)
    }
}
