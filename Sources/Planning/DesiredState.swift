package import Crypto
package import WireGuard

/// What should be on this host: one interface, and what uses it.
package struct DesiredState: Sendable {
    /// What uses the tunnel.
    package enum Workload: Hashable, Sendable {
        /// Nothing that we start.
        case none
        /// A container of an engine, in a named network namespace of ours, or in one that comes into being with it.
        case container(engine: String, name: Name, namespace: Name? = nil)
        /// A container that the operator runs, which is never stopped or started.
        case attached(engine: String, container: String)
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

    /// Whether the workload is started only once a peer has answered.
    package var waitsForHandshake: Bool

    /// Differs where anything differs of how the workload is started; `nil` without one.
    package var workloadCheck: CheckValue?

    /// Takes the parts as they are.
    package init(
        interface: InterfaceConfiguration,
        placement: Placement,
        workload: Workload,
        waitsForHandshake: Bool = false,
        workloadCheck: CheckValue? = nil
    ) {
        self.interface = interface
        self.placement = placement
        self.workload = workload
        self.waitsForHandshake = waitsForHandshake
        self.workloadCheck = workloadCheck
    }
}
