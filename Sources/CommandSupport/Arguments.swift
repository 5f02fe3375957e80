internal import ArgumentParser
package import Keystore
package import PeerBundle
package import WireGuard

// What stands on the command line in the words of the libraries: each type reads its own text.

extension Name: ExpressibleByArgument {
    /// Reads `[a-z][a-z0-9-]{0,30}`.
    package init?(argument: String) { self.init(argument) }
}

extension InterfaceName: ExpressibleByArgument {
    /// Reads `[a-z][a-z0-9_-]{0,14}`.
    package init?(argument: String) { self.init(argument) }
}

extension IPAddress: ExpressibleByArgument {
    /// Reads an IPv4 or IPv6 address.
    package init?(argument: String) { self.init(argument) }
}

extension IPPrefix: ExpressibleByArgument {
    /// Reads `address/length`.
    package init?(argument: String) { self.init(argument) }
}

extension ImagePattern: ExpressibleByArgument {
    /// Reads an image name, or one with a final `/*`.
    package init?(argument: String) { self.init(argument) }
}

extension Note: ExpressibleByArgument {
    /// Reads one line of text.
    package init?(argument: String) { self.init(argument) }
}

extension ServiceRequest: ExpressibleByArgument {
    /// Reads `name:port`, or `name:port/udp`.
    package init?(argument: String) { self.init(argument) }
}

extension ContainerRequest: ExpressibleByArgument {
    /// Reads `repository@sha256:digest`.
    package init?(argument: String) { self.init(reference: argument) }
}
