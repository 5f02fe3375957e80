package import Crypto
package import WireGuard

/// What is on this host of one interface and of what uses it, as far as it is ours.
package struct ObservedState: Equatable, Sendable {
    /// The tunnel's link.
    package struct Link: Equatable, Sendable {
        /// Whether it is in the workload's network namespace or in that of `wgup`.
        package var placement: Placement
        /// Whether it was set up.
        package var isUp: Bool
        /// In bytes.
        package var mtu: Int
        /// In the kernel's order: of the IPv4 addresses of one prefix the first is the primary one.
        package var addresses: [InterfaceAddress]
        /// What is routed into it by us.
        package var ownRoutes: Set<IPPrefix>
        /// What is routed into it by anybody else, the kernel with the prefixes of the addresses among them.
        package var otherRoutes: Set<IPPrefix>
        /// What its device reports.
        package var device: DeviceState
        /// What was noted of the device's peers when they were configured.
        package var notes: PeerNotes

        /// Takes the parts as they are.
        package init(
            placement: Placement,
            isUp: Bool,
            mtu: Int,
            addresses: [InterfaceAddress],
            ownRoutes: Set<IPPrefix>,
            otherRoutes: Set<IPPrefix>,
            device: DeviceState,
            notes: PeerNotes
        ) {
            self.placement = placement
            self.isUp = isUp
            self.mtu = mtu
            self.addresses = addresses
            self.ownRoutes = ownRoutes
            self.otherRoutes = otherRoutes
            self.device = device
            self.notes = notes
        }
    }

    /// `nil` where there is none.
    package var link: Link?
    /// What was started to use the link and is still there.
    package var workload: DesiredState.Workload

    /// Tells whether that is the one that is wanted; `nil` where nobody wrote it down.
    package var workloadCheck: CheckValue?

    /// A host without the tunnel, unless told otherwise.
    package init(
        link: Link? = nil,
        workload: DesiredState.Workload = .none,
        workloadCheck: CheckValue? = nil
    ) {
        self.link = link
        self.workload = workload
        self.workloadCheck = workloadCheck
    }
}
