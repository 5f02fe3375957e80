import Planning
import WireGuard

/// The tunnel that a command line, a home and a bundle ask for, before anything is done for it.
struct TunnelRequest: Sendable {
    let network: Name
    let interface: InterfaceConfiguration
    let placement: Placement
    let workload: Workload

    /// What should be on this host.
    var desired: DesiredState {
        DesiredState(interface: interface, placement: placement, workload: workload.desired)
    }
}
