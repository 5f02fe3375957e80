internal import Netlink
package import Planning
internal import Synchronization
package import SystemIO
package import WireGuard

/// A link that the kernel's own WireGuard carries.
package final class KernelBackend: TunnelBackend {
    private let link: Mutex<KernelLink>

    private init(_ link: consuming KernelLink) { self.link = Mutex(link) }

    /// Looks at the network namespace of this process; the link need not exist yet.
    ///
    /// - Throws: ``TunnelError/backendMissing(_:)`` if the kernel has no WireGuard.
    package static func open(_ record: LinkRecord) throws(TunnelError) -> KernelBackend {
        KernelBackend(try KernelLink.open(record))
    }

    /// Looks for a link in all places where it may be, the last one first, and holds the namespace that it is in.
    ///
    /// - Returns: `nil` if there is none that is ours.
    package static func find(_ records: [LinkRecord]) throws(TunnelError) -> KernelBackend? {
        for record in records.reversed() {
            guard var link = try KernelLink.open(at: record) else { continue }
            if try link.isThere() { return KernelBackend(link) }
        }
        return nil
    }

    package var kind: BackendKind { .kernel }

    // A kernel that cannot be asked says nothing about the link.
    package var isAlive: Bool { (try? link.withLock { (link) throws(TunnelError) in try link.isThere() }) ?? true }

    package func create(record: (Resource) throws -> Void) async throws {
        let resource = link.withLock { $0.record }
        var own = try TunnelLink(resource.name)
        try own.requireAbsent()
        try record(.link(resource))
        try link.withLock { (link) throws(TunnelError) in try link.create() }
    }

    package func apply(_ change: DeviceChange) throws(TunnelError) {
        try link.withLock { (link) throws(TunnelError) in
            try link.speak { (wireGuard, link) throws(NetlinkError) in try wireGuard.apply(change, to: link) }
        }
    }

    package func state() throws(TunnelError) -> DeviceState {
        try link.withLock { (link) throws(TunnelError) in
            try link.speak { (wireGuard, link) throws(NetlinkError) in try wireGuard.state(of: link) }
        }
    }

    package func move(
        to namespace: borrowing NetworkNamespace,
        at place: LinkRecord.Place,
        record: (Resource) throws -> Void
    ) throws {
        try link.withLock { try $0.move(to: namespace, at: place, record: record) }
    }

    package func remove(grace: Duration) async throws {
        try link.withLock { (link) throws(TunnelError) in try link.remove() }
    }
}
