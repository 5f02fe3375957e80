import CommandSupport
import Netlink
import SystemIO
import WireGuard

/// What the routes of this host say about where it is.
struct HostRoutes {
    /// Where they lead, without the default route.
    let destinations: [IPPrefix]
    /// The address that this host uses towards its default route.
    let defaultSource: IPAddress?

    /// Reads the main routing table.
    ///
    /// - Throws: ``CommandFailure``; a range chosen without a look at the routes could take a part of this host's network.
    static func read() throws(CommandFailure) -> HostRoutes {
        try asking { (netlink) throws(NetlinkError) in
            HostRoutes(
                destinations: try netlink.routedPrefixes(),
                defaultSource: try netlink.defaultSource()?.address
            )
        }
    }

    /// What this host reaches without a tunnel: networks, and other tunnels' default routes.
    ///
    /// - Parameter own: The tunnel's interface, which may be up.
    /// - Returns: Their prefixes.
    /// - Throws: ``CommandFailure``; what a tunnel would take from the host is not known then.
    static func prefixes(besides own: InterfaceName) throws(CommandFailure) -> [IPPrefix] {
        try asking { (netlink) throws(NetlinkError) in try netlink.prefixes(beside: own) }
    }

    private static func asking<Answer>(
        _ body: (inout RouteNetlink) throws(NetlinkError) -> Answer
    ) throws(CommandFailure) -> Answer {
        do throws(NetlinkError) {
            var netlink = try RouteNetlink.open()
            return try body(&netlink)
        } catch {
            throw CommandFailure(.inputOutput, "the routes of this host cannot be read: \(error)")
        }
    }

    /// What this host is called in its UTS namespace.
    static var hostName: String {
        let bytes = try? InputFile.read("/proc/sys/kernel/hostname", maximumByteCount: 256)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}
