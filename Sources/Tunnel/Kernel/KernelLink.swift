internal import Netlink
internal import Planning
internal import Processes
internal import SystemIO
internal import WireGuard

/// One of our links, seen through sockets of the namespace that it is in; they keep the namespace alive.
struct KernelLink: ~Copyable, Sendable {
    let record: LinkRecord
    private var route: RouteNetlink
    private var wireGuard: WireGuardNetlink

    /// Opens the sockets in the namespace of the calling thread.
    static func open(_ record: LinkRecord) throws(TunnelError) -> KernelLink {
        do throws(NetlinkError) {
            return KernelLink(record: record, route: try .open(), wireGuard: try .open())
        } catch .unknownFamily {
            throw .backendMissing(.kernel)
        } catch {
            throw .netlink(error)
        }
    }

    /// Opens the sockets in another namespace.
    static func open(
        _ record: LinkRecord,
        in namespace: borrowing NetworkNamespace
    ) throws(TunnelError) -> KernelLink {
        let opened: Result<KernelLink, TunnelError>
        do throws(SystemError) {
            opened = try namespace.run { () throws(TunnelError) in try KernelLink.open(record) }
        } catch {
            throw .system(error)
        }
        switch consume opened {
        case .success(let link): return link
        case .failure(let error): throw error
        }
    }

    /// Opens the sockets where the record says.
    ///
    /// - Returns: `nil` if that namespace is gone, and its links with it.
    static func open(at record: LinkRecord) throws(TunnelError) -> KernelLink? {
        if record.place == .own { return try open(record) }
        let namespace: NetworkNamespace?
        do throws(SystemError) { namespace = try self.namespace(at: record.place) } catch { throw .system(error) }
        switch consume namespace {
        case .some(let namespace): return try open(record, in: namespace)
        case nil: return nil
        }
    }

    private static func namespace(at place: LinkRecord.Place) throws(SystemError) -> NetworkNamespace? {
        do throws(SystemError) {
            switch place {
            case .own: return try .current()
            case .namespace(let name): return try .open(named: name)
            case .process(let pid, let startTime):
                let namespace = try NetworkNamespace.ofProcess(pid)
                // The number is compared only after the handle holds the namespace.
                guard ProcessIdentity(pid: pid, startTime: startTime).isAlive else { return nil }
                return namespace
            }
        } catch .missing {
            return nil
        }
    }
}

extension KernelLink {
    /// Whether the link is where the sockets are.
    mutating func isThere() throws(TunnelError) -> Bool { try find() != nil }

    /// Makes the link, and leaves the mark on it.
    ///
    /// - Throws: ``TunnelError/linkExists(name:kind:)`` if the name was taken meanwhile.
    mutating func create() throws(TunnelError) {
        do throws(NetlinkError) {
            try route.createLink(record.name, kind: .wireGuard, index: record.index)
        } catch {
            switch error.refusal {
            case .exists: throw .linkExists(name: record.name.description, kind: nil)
            case .unsupported: throw .backendMissing(.kernel)
            default: throw .netlink(error)
            }
        }
        let mark = record.mark
        try request { (route, _, link) throws(NetlinkError) in try route.changeLink(link, alias: mark) }
    }

    /// Speaks to the link's device.
    mutating func speak<Success>(
        _ body: (inout WireGuardNetlink, Link) throws(NetlinkError) -> Success
    ) throws(TunnelError) -> Success {
        try request { (_, wireGuard, link) throws(NetlinkError) in try body(&wireGuard, link) }
    }

    /// Moves the link, and looks at it where it went.
    mutating func move(
        to namespace: borrowing NetworkNamespace,
        at place: LinkRecord.Place,
        record journal: (Resource) throws -> Void
    ) throws {
        let moved = record.moved(to: place)
        // Opened before the link goes there: where we cannot look, it must not be.
        let target = try KernelLink.open(moved, in: namespace)
        try journal(.link(moved))
        let descriptor = namespace.descriptor.rawValue
        try request { (route, _, link) throws(NetlinkError) in try route.changeLink(link, namespace: descriptor) }
        self = target
    }

    /// Removes the link.
    mutating func remove() throws(TunnelError) {
        do throws(TunnelError) {
            // The kernel deletes a link at once if it has no peers, and else after some 12 ms for each of them.
            try speak { (wireGuard, link) throws(NetlinkError) in
                try wireGuard.apply(DeviceChange(replacesPeers: true), to: link)
            }
            try request { (route, _, link) throws(NetlinkError) in try route.deleteLink(link) }
        } catch .linkMissing {
            // Somebody was faster.
        }
    }

    private mutating func request<Success>(
        _ body: (inout RouteNetlink, inout WireGuardNetlink, Link) throws(NetlinkError) -> Success
    ) throws(TunnelError) -> Success {
        guard let link = try find() else { throw .linkMissing(record.name.description) }
        do throws(NetlinkError) {
            return try body(&route, &wireGuard, link)
        } catch {
            guard error.refusal == .missing else { throw .netlink(error) }
            throw .linkMissing(record.name.description)
        }
    }

    // By its number as well, since a link that somebody renamed is still ours.
    private mutating func find() throws(TunnelError) -> Link? {
        do throws(NetlinkError) {
            if let link = try route.link(named: record.name), isOurs(link) { return link }
            if let link = try route.link(at: record.index), isOurs(link) { return link }
            return nil
        } catch {
            throw .netlink(error)
        }
    }

    private borrowing func isOurs(_ link: Link) -> Bool {
        guard link.kind == "wireguard" else { return false }
        // Between its making and its marking the number must do.
        return link.alias == record.mark || link.alias == nil && link.index == record.index
    }
}
