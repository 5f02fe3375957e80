/// Which end of a network this host is.
package enum Role: String, CaseIterable, Sendable {
    /// The hub: it listens, and its peers are those of the registry.
    case server
    /// A recipient of a bundle: it calls the hub.
    case client
}

/// What runs the workload.
package enum EngineKind: String, CaseIterable, Sendable {
    /// Docker where its daemon answers, else Podman where it is installed, else ``process``.
    case auto
    case docker
    case podman
    /// A command in a network namespace.
    case process
    /// Nothing is run.
    case none
}

/// What the start of a workload waits for.
package enum WaitKind: String, CaseIterable, Sendable {
    case nothing
    /// The first handshake with a peer.
    case handshake
}

/// What carries the packets.
package enum BackendKind: String, CaseIterable, Sendable {
    /// ``kernel`` where it has WireGuard, else ``userspace``.
    case auto
    /// The WireGuard of Linux.
    case kernel
    /// `wireguard-go`, a process for each interface.
    case userspace
}

/// Where the tunnel's interface lives.
package enum Placement: String, CaseIterable, Sendable {
    /// In the workload's network namespace.
    case container
    /// In the namespace that `wgup` runs in.
    case host
}
