package import Crypto
package import WireGuard

/// What should be on this host: one interface, and what uses it.
package struct DesiredState: Sendable {
    /// What uses the tunnel.
    package enum Workload: Hashable, Sendable {
        /// Nothing that we start.
        case none
        /// A container of an engine; its network namespace comes into being with it.
        case container(engine: String, name: Name)
        /// A command, in a named network namespace of ours or on the host; `hasCommand` is false where the namespace is
        /// all.
        case process(namespace: Name?, hasCommand: Bool)
    }

    /// The tunnel's interface.
    package var interface: InterfaceConfiguration
    /// Where the interface lives.
    package var placement: Placement
    /// What uses the interface.
    package var workload: Workload

    /// Differs where anything differs of how the workload is started; `nil` without one.
    package var workloadCheck: CheckValue?

    /// Takes the parts as they are.
    package init(
        interface: InterfaceConfiguration,
        placement: Placement,
        workload: Workload,
        workloadCheck: CheckValue? = nil
    ) {
        self.interface = interface
        self.placement = placement
        self.workload = workload
        self.workloadCheck = workloadCheck
    }
}
