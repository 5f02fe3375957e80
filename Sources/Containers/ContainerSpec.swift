package import WireGuard

/// A container to start.
package struct ContainerSpec: Hashable, Sendable {
    /// A port of the container, published on one address of the host.
    package struct Publication: Hashable, Sendable {
        package let address: IPAddress
        package let hostPort: UInt16
        package let containerPort: UInt16

        /// Publishes TCP; `containerPort` is the one the program in the container listens on.
        package init(address: IPAddress, hostPort: UInt16, containerPort: UInt16) {
            self.address = address
            self.hostPort = hostPort
            self.containerPort = containerPort
        }
    }

    /// Its name, of which an engine has one.
    package var name: Name
    /// The image's reference, as the engine takes it.
    package var image: String
    /// The tunnel it belongs to; by this label, and not by its name, it is known as ours.
    package var interface: InterfaceName
    /// What it is for, `server` or `client`.
    package var role: String
    /// What to run in place of the image's entry point.
    package var entrypoint: String?
    /// What follows the entry point; empty for the image's own.
    package var command: [String]
    /// The ports that other hosts reach; none by default.
    package var publications: [Publication]
    /// The signal that asks it to end, where the image's own is not good enough.
    package var stopSignal: String?
    /// Options of the engine that the local operator gave, passed on as they are.
    package var engineArguments: [String]

    /// Describes a container that runs an image as it is.
    package init(name: Name, image: String, interface: InterfaceName, role: String) {
        self.name = name
        self.image = image
        self.interface = interface
        self.role = role
        command = []
        publications = []
        engineArguments = []
    }

    /// The server's default: nginx with its welcome page.
    package static func server(name: Name, interface: InterfaceName) -> ContainerSpec {
        ContainerSpec(name: name, image: "nginx", interface: interface, role: "server")
    }

    /// The client's default: curl at hand, doing nothing until it is stopped.
    package static func client(name: Name, interface: InterfaceName) -> ContainerSpec {
        var spec = ContainerSpec(name: name, image: "curlimages/curl", interface: interface, role: "client")
        spec.entrypoint = "sleep"
        spec.command = ["infinity"]
        // As process 1 it would ignore TERM, and every stop would last as long as the engine is willing to wait.
        spec.stopSignal = "KILL"
        return spec
    }
}

/// The labels that make a container ours.
package enum ContainerLabel {
    /// Its value is the interface's name.
    package static let interface = "org.wgseal.interface"
    /// Its value is `server` or `client`.
    package static let role = "org.wgseal.role"
}
