internal import Crypto

/// What `systemd-networkd` reads of an interface: a `.netdev` and a `.network`, neither of which holds a secret.
package struct NetworkdFiles: Sendable {
    /// For `systemd.netdev(5)`.
    package let netdev: String
    /// For `systemd.network(5)`.
    package let network: String

    /// Refers to files for the secrets: ``keyFile(of:)``, and ``presharedKeyFile(ofPeer:of:)`` for each peer with such a key.
    ///
    /// A default route would need rules of policy routing, for which there is no place here.
    ///
    /// - Parameters:
    ///   - configuration: What the files are to say.
    ///   - link: What the interface is called.
    ///   - directory: The absolute path of the directory that will hold the files, in printable ASCII.
    ///   - comment: Lines of text to begin with.
    package init(_ configuration: QuickConfiguration, link: InterfaceName, directory: String, comment: String) {
        let comment = comment.split(separator: "\n").map { "# \($0)\n" }.joined()
        var netdev = Section("NetDev")
        netdev.add("Name", [link.description])
        netdev.add("Kind", ["wireguard"])
        netdev.add("MTUBytes", [configuration.mtu].compactMap { $0?.description })
        var device = Section("WireGuard")
        device.add("PrivateKeyFile", ["\(directory)/\(Self.keyFile(of: link))"])
        device.add("ListenPort", [configuration.listenPort].compactMap { $0?.description })
        let peers = configuration.peers.enumerated().map { index, peer in
            var section = Section("WireGuardPeer")
            section.add("# Name", [peer.label].compactMap(\.self))
            section.add("PublicKey", [peer.publicKey.base64])
            if peer.presharedKey != nil {
                section.add("PresharedKeyFile", ["\(directory)/\(Self.presharedKeyFile(ofPeer: index, of: link))"])
            }
            section.add("AllowedIPs", peer.allowedAddresses.map(\.description))
            section.add("Endpoint", [peer.endpoint].compactMap { $0?.description })
            section.add("PersistentKeepalive", [peer.keepaliveSeconds].compactMap { $0?.description })
            return section
        }
        self.netdev = comment + ([netdev, device] + peers).map(\.text).joined(separator: "\n")

        var match = Section("Match")
        match.add("Name", [link.description])
        var network = Section("Network")
        for address in configuration.addresses { network.add("Address", [address.description]) }
        let allowed = configuration.peers.flatMap(\.allowedAddresses)
        let routes = IPPrefix.routes(to: allowed, besides: configuration.addresses).map { prefix in
            var section = Section("Route")
            section.add("Destination", [prefix.description])
            return section
        }
        self.network = comment + ([match, network] + routes).map(\.text).joined(separator: "\n")
    }

    /// The name of the file for the private key.
    package static func keyFile(of link: InterfaceName) -> String { "\(link).key" }

    /// The name of the file for the preshared key of a peer, which is known by its place in the list.
    package static func presharedKeyFile(ofPeer index: Int, of link: InterfaceName) -> String {
        "\(link)-\(index).psk"
    }
}

private struct Section {
    private(set) var text: String

    init(_ name: String) { text = "[\(name)]\n" }

    mutating func add(_ key: String, _ values: [String]) {
        if !values.isEmpty { text += "\(key)=\(values.joined(separator: ","))\n" }
    }
}
