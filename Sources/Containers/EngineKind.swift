/// What runs the workload.
package enum EngineKind: String, CaseIterable, Sendable {
    /// Docker where its daemon answers, else podman, else ``process``.
    case auto
    case docker
    case podman
    /// A command in the tunnel's network namespace.
    case process
    /// Nothing is run.
    case none
}
