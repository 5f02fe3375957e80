import Planning
import WireGuard

/// The tunnel that a command line, a home and a bundle ask for, before anything is done for it.
struct TunnelRequest: Sendable {
    let tunnel: TunnelIdentity
    let interface: InterfaceConfiguration
    let placement: Placement
    let workload: Workload
    /// When the bundle expires; `nil` on the server.
    let notAfter: UnixTime?

    /// What should be on this host.
    var desired: DesiredState {
        DesiredState(
            interface: interface,
            placement: placement,
            workload: workload.desired,
            workloadCheck: workload.check
        )
    }
}
