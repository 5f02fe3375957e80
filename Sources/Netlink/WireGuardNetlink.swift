internal import CMnl
package import WireGuard

/// WireGuard devices of the kernel in one network namespace, over generic netlink (linux/wireguard.h).
///
/// The namespace is the one that the calling thread is in when it calls ``open()``. Everything here needs CAP_NET_ADMIN.
package struct WireGuardNetlink: ~Copyable, Sendable {
    var session: NetlinkSession
    private let family: UInt16

    init(session: consuming NetlinkSession) throws(NetlinkError) {
        var session = session
        family = try session.familyNumber(named: WG_GENL_NAME)
        self.session = session
    }

    /// Opens a socket in the calling thread's network namespace.
    ///
    /// - Throws: ``NetlinkError/unknownFamily(_:)`` if the kernel has no WireGuard.
    package static func open() throws(NetlinkError) -> WireGuardNetlink {
        try WireGuardNetlink(session: NetlinkSession(transport: try NetlinkSocket.open(bus: NETLINK_GENERIC)))
    }

    /// Changes a device, in as many messages as it takes.
    ///
    /// - Throws: ``NetlinkError/kernel(request:errno:message:)``; the messages before the refused one have been applied.
    package mutating func apply(_ change: DeviceChange, to link: Link) throws(NetlinkError) {
        var requests = DeviceRequests(change, link: link, family: family)
        while var request = try requests.next() { try session.perform(&request) }
    }

    /// Asks for the state of a device; the secrets in the kernel's reply are passed over and wiped.
    package mutating func state(of link: Link) throws(NetlinkError) -> DeviceState {
        var request = try MessageBuilder(
            family: family,
            command: UInt8(WG_CMD_GET_DEVICE.rawValue),
            version: UInt8(WG_GENL_VERSION),
            flags: NLM_F_DUMP,
            purpose: "read device \(link.name)"
        )
        try request.put(WGDEVICE_A_IFINDEX, link.index)
        let parts = try session.collect(&request, from: family) { (payload) throws(NetlinkError) in
            try DeviceState(decoding: payload)
        }
        return DeviceState(joining: parts)
    }
}
