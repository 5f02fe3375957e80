internal import Netlink
package import SystemIO
package import WireGuard

/// Hears what becomes of the tunnel's link, its addresses and its routes, whoever changes them.
///
/// It keeps the network namespace of the link alive for as long as it lives.
package final class LinkWatch: Sendable {
    private let monitor: LinkMonitor

    private init(_ monitor: consuming LinkMonitor) { self.monitor = monitor }

    /// Begins to listen in the namespace of the calling thread.
    ///
    /// - Parameter name: The link's.
    /// - Returns: `nil` if it is not there.
    /// - Throws: ``TunnelError/netlink(_:)``.
    package static func open(_ name: InterfaceName) throws(TunnelError) -> LinkWatch? {
        do throws(NetlinkError) {
            var netlink = try RouteNetlink.open()
            guard let index = try netlink.link(named: name)?.index else { return nil }
            return LinkWatch(try LinkMonitor.open(index: index))
        } catch {
            throw .netlink(error)
        }
    }

    /// Begins to listen in another namespace, which needs `CAP_SYS_ADMIN`.
    ///
    /// - Throws: ``TunnelError/system(_:)`` if the namespace can't be entered, ``TunnelError/netlink(_:)``.
    package static func open(
        _ name: InterfaceName,
        in namespace: borrowing NetworkNamespace
    ) throws(TunnelError) -> LinkWatch? {
        let opened: Result<LinkWatch?, TunnelError>
        do throws(SystemError) {
            opened = try namespace.run { () throws(TunnelError) in try open(name) }
        } catch {
            throw .system(error)
        }
        return try opened.get()
    }

    /// The descriptor, readable when something was heard; for `poll(2)`.
    package var rawDescriptor: Int32 { monitor.rawDescriptor }

    /// Takes all that was heard so far.
    ///
    /// - Returns: Whether any of it may be about the link.
    package func concernsLink() -> Bool { monitor.concernsLink() }
}
