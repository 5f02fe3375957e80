internal import CMnl

/// Links, addresses and routes of one network namespace, over rtnetlink(7).
///
/// The namespace is the one that the calling thread is in when it calls ``open()``; the value may then be used on any
/// thread. Reading needs no privilege; changing needs CAP_NET_ADMIN in the user namespace that owns the namespace.
/// Every change is one message, which the kernel carries out or refuses with
/// ``NetlinkError/kernel(request:errno:message:)``; ``NetlinkError/refusal`` says what the refusal means.
package struct RouteNetlink: ~Copyable, Sendable {
    var session: NetlinkSession

    init(session: consuming NetlinkSession) { self.session = session }

    /// Opens a socket in the calling thread's network namespace.
    ///
    /// - Throws: ``NetlinkError/system(call:errno:)``.
    package static func open() throws(NetlinkError) -> RouteNetlink {
        RouteNetlink(session: NetlinkSession(transport: try NetlinkSocket.open(bus: NETLINK_ROUTE)))
    }
}
