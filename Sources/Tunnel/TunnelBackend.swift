internal import Netlink
package import Planning
package import SystemIO
package import WireGuard

/// What carries the packets of one interface: it makes the link, and is told its keys and peers.
///
/// Addresses, routes and whether the link is up are ``TunnelLink``'s, for every backend alike. All of it needs
/// `CAP_NET_ADMIN`.
package protocol TunnelBackend: Sendable {
    /// Which one it is; never ``BackendKind/auto``.
    var kind: BackendKind { get }

    /// Whether there is still something that carries packets.
    var isAlive: Bool { get }

    /// Makes the link in the network namespace of this process, where its UDP socket stays even if the link moves.
    ///
    /// The link is down, and has no key and no peers.
    ///
    /// - Parameter record: Called with each thing that is about to be made; what it throws ends the making.
    /// - Throws: ``TunnelError/linkExists(name:kind:)`` and ``TunnelError/deviceExists(_:)`` before anything is made. After
    ///   other errors, what was recorded may have been made.
    func create(record: (Resource) throws -> Void) async throws

    /// Changes the device; peers that the change does not name keep their sessions.
    ///
    /// - Throws: ``TunnelError``; a part of the change may have been made.
    func apply(_ change: DeviceChange) throws(TunnelError)

    /// Asks the device for its state.
    ///
    /// - Throws: ``TunnelError/linkMissing(_:)`` or ``TunnelError/system(_:)`` if it is gone.
    func state() throws(TunnelError) -> DeviceState

    /// Moves the link to another network namespace, where it arrives down and without addresses.
    ///
    /// - Parameters:
    ///   - namespace: Needs `CAP_SYS_ADMIN` too.
    ///   - place: The same namespace, as the journal has it.
    ///   - record: Called with what there may be from now on.
    /// - Throws: ``TunnelError``, with the link where it was; or what `record` throws.
    func move(
        to namespace: borrowing NetworkNamespace,
        at place: LinkRecord.Place,
        record: (Resource) throws -> Void
    ) throws

    /// Removes the device and its link, wherever it is; does nothing if they are gone.
    ///
    /// - Parameter grace: How long it may take to end by itself.
    /// - Throws: What kept it from being removed.
    func remove(grace: Duration) async throws
}

/// The backends that there are.
package enum TunnelBackends {
    /// Settles on a backend; nothing is made, but the kernel may load its module.
    ///
    /// - Parameters:
    ///   - kind: What the operator wants.
    ///   - link: How the link will be known if the kernel carries it.
    ///   - log: Where `wireguard-go` writes.
    /// - Returns: A backend that is there, but has no link yet.
    /// - Throws: ``TunnelError/backendMissing(_:)``.
    package static func choose(
        _ kind: BackendKind,
        link: LinkRecord,
        log: String
    ) throws(TunnelError) -> any TunnelBackend {
        if kind != .userspace {
            do throws(TunnelError) {
                return try KernelBackend.open(link)
            } catch .backendMissing where kind == .auto {
                // Then it is the other one.
            }
        }
        guard UserspaceBackend.isInstalled else { throw .backendMissing(kind) }
        return UserspaceBackend(link.name, log: log)
    }

    /// Whether this host has anything that carries packets; the kernel may load its module.
    ///
    /// - Throws: ``TunnelError/netlink(_:)``.
    package static func areThere() throws(TunnelError) -> Bool {
        if UserspaceBackend.isInstalled { return true }
        do throws(NetlinkError) {
            _ = try WireGuardNetlink.open()
            return true
        } catch .unknownFamily {
            return false
        } catch {
            throw .netlink(error)
        }
    }

    /// The backend of a tunnel that this run did not bring up.
    ///
    /// - Parameter journal: Written by the run that did.
    /// - Returns: `nil` if nothing is left of a link of the kernel; one of `wireguard-go` is there as long as
    ///   ``TunnelBackend/isAlive`` says so.
    /// - Throws: ``TunnelError`` if the kernel cannot be asked.
    package static func recorded(in journal: Journal) throws(TunnelError) -> (any TunnelBackend)? {
        switch journal.backend {
        case .kernel: try KernelBackend.find(journal.links)
        case .userspace, .auto: UserspaceBackend(journal)
        }
    }
}
