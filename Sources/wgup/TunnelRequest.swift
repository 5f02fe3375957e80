import Crypto
import Netlink
import Planning
import WireGuard

/// How the start of a workload waits until the tunnel carries packets.
struct HandshakeWait: Sendable {
    let limit: Duration
    /// Whether the workload is started after that time all the same.
    let startsAnyway: Bool
}

/// The tunnel that a command line, a home and a bundle ask for, before anything is done for it.
struct TunnelRequest: Sendable {
    let tunnel: TunnelIdentity
    let interface: InterfaceConfiguration
    let placement: Placement
    let workload: any Workload
    /// How the workload's start waits for a peer; `nil` if it does not.
    let wait: HandshakeWait?
    /// When the bundle expires; `nil` on the server.
    let notAfter: UnixTime?
    /// Where the peers may be called, with names looked up once more; whoever calls it waits as long as that takes.
    let currentEndpoints: @Sendable () -> [PublicKey: [SocketAddress]]

    /// Refuses what would be in the way of this host's network, or would never get a packet past it.
    ///
    /// - Throws: ``WgupFailure/overlap(_:_:)``, or what reading the routes meets.
    func requireRoom() throws {
        guard placement == .host else { return }
        var netlink = try RouteNetlink.open()
        let taken = try netlink.routedPrefixes(besides: interface.name)
        let blocks = Set(interface.addresses.map(\.prefix) + interface.peers.flatMap(\.allowedAddresses))
        for prefix in taken {
            // A wider route gives way to the tunnel's, as the default route does.
            let block = blocks.first { $0.length <= prefix.length && $0.contains(prefix.address) }
            if let block { throw WgupFailure.overlap(block, prefix) }
        }
    }

    /// The same tunnel with another interface; what uses it stays as it was chosen.
    func with(
        _ interface: InterfaceConfiguration,
        notAfter: UnixTime?,
        currentEndpoints: @escaping @Sendable () -> [PublicKey: [SocketAddress]]
    ) throws -> TunnelRequest {
        let request = TunnelRequest(
            tunnel: tunnel,
            interface: interface,
            placement: placement,
            workload: workload,
            wait: wait,
            notAfter: notAfter,
            currentEndpoints: currentEndpoints
        )
        try request.requireRoom()
        return request
    }

    /// What should be on this host.
    var desired: DesiredState {
        DesiredState(
            interface: interface,
            placement: placement,
            workload: workload.desired,
            waitsForHandshake: wait != nil,
            workloadCheck: workload.check
        )
    }
}
