package import WireGuard

/// A name that a workload knows an address by, as in hosts(5).
package struct HostsEntry: Hashable, Sendable {
    /// What it resolves to.
    package let address: IPAddress
    /// A service and the network that tells of it.
    package let name: String

    /// The name of a service: `web.default.wgseal`.
    package init(_ service: Name, in network: Name, address: IPAddress) {
        self.address = address
        name = "\(service).\(network).wgseal"
    }
}

/// The file that has such names for all that run in a network namespace (hosts(5), ip-netns(8)).
package enum HostsFile {
    /// Where `ip netns exec` looks for the files of a namespace.
    package static let directory = "/etc/netns"

    /// The files of one namespace.
    package static func directory(of namespace: Name) -> String { "\(directory)/\(namespace)" }

    /// The hosts file of one namespace.
    package static func path(of namespace: Name) -> String { "\(directory(of: namespace))/hosts" }

    /// The host's own file, and what the tunnel adds to it.
    package static func text(_ entries: [HostsEntry], after own: String) -> String {
        let start = own.isEmpty || own.hasSuffix("\n") ? own : own + "\n"
        return start + entries.map { "\($0.address)\t\($0.name)\n" }.joined()
    }
}
