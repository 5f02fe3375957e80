import SystemIO

/// Where what a tunnel should be is written down, and how to read it again.
struct TunnelSource: Sendable {
    /// The directories with the files that say it.
    let directories: [String]
    /// Whether a file of them is one of those.
    let isPart: @Sendable (String) -> Bool
    /// Reads them.
    let read: @Sendable () async throws -> TunnelRequest
}
