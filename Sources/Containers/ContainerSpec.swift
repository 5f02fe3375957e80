package import Planning
package import WireGuard

/// A container to start, said in no engine's words.
package struct ContainerSpec: Hashable, Sendable {
    /// A port of the container that is reachable at an address of the host.
    package struct Publication: Hashable, Sendable {
        /// An address of the host.
        package let address: IPAddress
        /// The port at that address.
        package let hostPort: UInt16
        /// The port inside the container.
        package let containerPort: UInt16

        /// Publishes TCP port `containerPort` at `address`, and at no other.
        package init(address: IPAddress, hostPort: UInt16, containerPort: UInt16) {
            self.address = address
            self.hostPort = hostPort
            self.containerPort = containerPort
        }
    }

    /// What to call it; ownership is told by ``Owner``, never by the name.
    package let name: Name
    /// On whose behalf it exists.
    package let owner: Owner
    /// What it is made of.
    package let image: ImageReference
    /// What follows the image on the command line; empty for the image's own command.
    package let command: [String]
    /// The program, in place of the image's own.
    package let entrypoint: String?
    /// The signal that asks it to end, in place of the image's own; as the engine writes it, such as `KILL`.
    package let stopSignal: String?
    /// Ports at addresses of the host.
    package let publications: [Publication]
    /// Whether the container has no network interface but the tunnel's, and loopback.
    package let isIsolated: Bool
    /// The names that it knows beside those of its image.
    package let hosts: [HostsEntry]
    /// The network namespace of ours that it is put into; `nil` for one that comes into being with it.
    package let namespace: Name?
    /// The local operator's own options for the engine.
    ///
    /// Ours come after them, so of two that exclude each other ours holds.
    package let engineArguments: [String]

    /// Describes a container, with the defaults of its role.
    ///
    /// Without an image it is ``defaultImage(for:)``, without a command the image's own. The curl image has none that
    /// stays, and is made to sleep.
    package init(
        name: Name,
        owner: Owner,
        image: ImageReference? = nil,
        command: [String] = [],
        publications: [Publication] = [],
        isIsolated: Bool = false,
        hosts: [HostsEntry] = [],
        namespace: Name? = nil,
        engineArguments: [String] = []
    ) {
        let image = image ?? Self.defaultImage(for: owner.role)
        let sleeps = command.isEmpty && image.repository == ImageReference.curl.repository
        self.name = name
        self.owner = owner
        self.image = image
        self.command = sleeps ? ["infinity"] : command
        entrypoint = sleeps ? "sleep" : nil
        // The kernel drops TERM for a first process that has no handler, and this one has nothing to finish.
        stopSignal = sleeps ? "KILL" : nil
        self.publications = publications
        self.isIsolated = isIsolated
        self.hosts = hosts
        self.namespace = namespace
        self.engineArguments = engineArguments
    }

    /// `nginx` for a server, `curlimages/curl` for a client, in the registry that Docker takes when none is named.
    package static func defaultImage(for role: Role) -> ImageReference {
        switch role {
        case .server: .nginx
        case .client: .curl
        }
    }
}

/// Which tunnel a container belongs to: what we write on it as labels, and look for before we touch it.
package struct Owner: Hashable, Sendable {
    /// The tunnel's interface.
    package let interface: InterfaceName
    /// Which end of the network the tunnel is.
    package let role: Role

    /// The tunnel of `interface`, which no other `wgup` on this host has at the same time.
    package init(interface: InterfaceName, role: Role) {
        self.interface = interface
        self.role = role
    }
}

/// The labels that make a container ours.
enum Label {
    static let owner = "org.wgseal.owner=wgup"
    static let interfaceKey = "org.wgseal.interface"

    static func interface(_ name: InterfaceName) -> String { "\(interfaceKey)=\(name)" }
    static func role(_ role: Role) -> String { "org.wgseal.role=\(role.rawValue)" }
}

extension ContainerSpec {
    /// All that an engine is told of the container: it differs where anything differs.
    package var words: [String] { EngineArguments.create(self) }
}
