/// Which end of a network this host is.
package enum Role: String, CaseIterable, Sendable {
    /// The hub: it listens, and its peers are those of the registry.
    case server
    /// A recipient of a bundle: it calls the hub.
    case client
}

/// Where the tunnel's interface lives.
package enum Placement: String, CaseIterable, Sendable {
    /// In the workload's network namespace.
    case container
    /// In the namespace that `wgup` runs in.
    case host
}
