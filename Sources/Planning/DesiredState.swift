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

    /// Takes the parts as they are.
    package init(interface: InterfaceConfiguration, placement: Placement, workload: Workload) {
        self.interface = interface
        self.placement = placement
        self.workload = workload
    }
}
