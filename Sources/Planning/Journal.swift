package import Crypto
package import WireGuard

/// What a run of `wgup` has made on this host, and for whom: enough for another run to show it and to remove it.
///
/// A resource is written down before it is made, so a crash at any moment leaves a journal that names all there is.
package struct Journal: Equatable, Sendable {
    /// What the journal says of a peer.
    package struct Peer: Equatable, Sendable {
        /// What identifies the peer to the device.
        package let publicKey: PublicKey
        /// What people call the peer.
        package let name: Name

        /// Takes the parts as they are.
        package init(publicKey: PublicKey, name: Name) {
            self.publicKey = publicKey
            self.name = name
        }
    }

    /// The tunnel's interface; it names the journal's file, too.
    package let interface: InterfaceName
    /// Which end of the tunnel this host is.
    package let role: Role
    /// The network that the tunnel belongs to.
    package let network: Name
    /// Where the interface lives.
    package let placement: Placement
    /// What carries the packets; never ``BackendKind/auto``.
    package let backend: BackendKind
    /// The process that runs `wgup`, by number and start time.
    package let owner: Resource
    /// This host's addresses in the tunnel.
    package let addresses: [InterfaceAddress]
    /// The peers of the interface.
    package let peers: [Peer]
    /// When the bundle expires; `nil` on the server.
    package let notAfter: UnixTime?
    /// In the order in which they were made.
    package private(set) var resources: [Resource] = []

    /// Starts a journal of nothing made.
    package init(
        interface: InterfaceName,
        role: Role,
        network: Name,
        placement: Placement,
        backend: BackendKind,
        owner: Resource,
        addresses: [InterfaceAddress],
        peers: [Peer],
        notAfter: UnixTime?
    ) {
        self.interface = interface
        self.role = role
        self.network = network
        self.placement = placement
        self.backend = backend
        self.owner = owner
        self.addresses = addresses
        self.peers = peers
        self.notAfter = notAfter
    }

    /// Adds a resource that is about to be made; one that is there already is not added twice.
    ///
    /// A link that is about to move stands beside the place that it leaves, so that it is removed in its turn: after what
    /// was started to use it.
    package mutating func add(_ resource: Resource) {
        guard !resources.contains(resource) else { return }
        var position = resources.endIndex
        if case .link = resource, let last = links.last, let index = resources.lastIndex(of: .link(last)) {
            position = index + 1
        }
        resources.insert(resource, at: position)
    }

    /// The places where the link of the kernel may be, the latest last; none for a userspace backend.
    package var links: [LinkRecord] {
        resources.compactMap { if case .link(let link) = $0 { link } else { nil } }
    }

    /// Takes out a resource that is gone.
    package mutating func remove(_ resource: Resource) {
        resources.removeAll { $0 == resource }
    }

    /// Where a process of this purpose is, if one was written down.
    package func process(_ purpose: Resource.Purpose) -> (pid: Int32, startTime: UInt64)? {
        for case .process(purpose, let pid, let startTime) in resources { return (pid, startTime) }
        return nil
    }
}

extension Journal {
    private static let firstLine = "wgseal journal 1"
    private static let lastLine = "end"

    /// The journal as text: a line for each fact.
    package var text: String {
        var lines = [
            Self.firstLine, "interface \(interface)", "role \(role.rawValue)", "network \(network)",
            "placement \(placement.rawValue)", "backend \(backend.rawValue)", "owner \(owner)",
        ]
        lines += addresses.map { "address \($0)" }
        lines += peers.map { "peer \($0.publicKey.base64) \($0.name)" }
        if let notAfter { lines.append("expires \(notAfter.seconds)") }
        lines += resources.map { "made \($0)" } + [Self.lastLine]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads what ``text`` writes.
    ///
    /// - Returns: `nil` for anything else: a journal that is damaged removes nothing.
    package init?(text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.first == Self.firstLine, lines.popLast() == "", lines.popLast() == Self.lastLine else { return nil }

        var facts: [String: String] = [:]
        var addresses: [InterfaceAddress] = []
        var peers: [Peer] = []
        var resources: [Resource] = []
        for line in lines.dropFirst() {
            guard let space = line.firstIndex(of: " ") else { return nil }
            let key = String(line[..<space])
            let value = String(line[line.index(after: space)...])
            switch key {
            case "address":
                guard let address = InterfaceAddress(value) else { return nil }
                addresses.append(address)
            case "peer":
                guard let peer = Peer(text: value) else { return nil }
                peers.append(peer)
            case "made":
                guard let resource = Resource(value) else { return nil }
                resources.append(resource)
            default:
                guard facts.updateValue(value, forKey: key) == nil else { return nil }
            }
        }

        guard let interface = facts["interface"].flatMap(InterfaceName.init),
            let role = facts["role"].flatMap(Role.init), let network = facts["network"].flatMap(Name.init),
            let placement = facts["placement"].flatMap(Placement.init),
            let backend = facts["backend"].flatMap(BackendKind.init), backend != .auto,
            let owner = facts["owner"].flatMap(Resource.init)
        else { return nil }
        var notAfter: UnixTime?
        if let text = facts["expires"] {
            guard let seconds = UInt64(decimal: text) else { return nil }
            notAfter = UnixTime(seconds: seconds)
        }
        guard facts.count == (notAfter == nil ? 6 : 7) else { return nil }

        self.init(
            interface: interface,
            role: role,
            network: network,
            placement: placement,
            backend: backend,
            owner: owner,
            addresses: addresses,
            peers: peers,
            notAfter: notAfter
        )
        for resource in resources { add(resource) }
    }
}

extension Journal.Peer {
    fileprivate init?(text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let key = try? PublicKey(base64: String(words[0])), let name = Name(String(words[1]))
        else { return nil }
        self.init(publicKey: key, name: name)
    }
}
