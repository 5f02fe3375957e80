package import Crypto
package import WireGuard

/// Which tunnel an interface carries: what tells the next run of the same tunnel from another one of that name.
package struct TunnelIdentity: Hashable, Sendable {
    /// Which end of the network this host is.
    package let role: Role
    /// The network.
    package let network: Name
    /// Whose bundle is applied; `nil` on the server.
    package let issuer: Fingerprint?

    /// This host as the hub of a network.
    package static func server(of network: Name) -> TunnelIdentity {
        TunnelIdentity(role: .server, network: network, issuer: nil)
    }

    /// This host as a recipient of an issuer's bundles.
    package static func client(of network: Name, issuer: Fingerprint) -> TunnelIdentity {
        TunnelIdentity(role: .client, network: network, issuer: issuer)
    }

    init(role: Role, network: Name, issuer: Fingerprint?) {
        self.role = role
        self.network = network
        self.issuer = issuer
    }
}

extension TunnelIdentity: CustomStringConvertible {
    /// The end of a sentence: "the server of network default".
    package var description: String {
        let issuer = issuer.map { ", as bundles of \($0) have it" } ?? ""
        return "\(role == .server ? "the server" : "a client") of network \(network)\(issuer)"
    }
}
