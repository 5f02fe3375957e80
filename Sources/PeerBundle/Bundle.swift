internal import Crypto
package import WireGuard

/// The full state of one network as one recipient should see it.
///
/// Every value of this type obeys the limits of the format, and its lists are in the format's order, so that one state has
/// one encoding. What the recipient allows is decided elsewhere, by ``ContentPolicy``.
package struct Bundle: Sendable {
    /// Which of the issuer's networks this is.
    package let networkID: NetworkID
    /// What the issuer calls the network.
    package let networkName: Name
    /// Outranks the serial; grows when an issuer has to start over.
    package let epoch: UInt32
    /// Grows with every bundle of the network in its epoch.
    package let serial: UInt64
    /// When the issuer made the bundle.
    package let created: UnixTime
    /// The last second in which the bundle may be applied.
    package let notAfter: UnixTime
    /// The recipient's own addresses in the network, ascending, 1 to 16.
    package let addresses: [InterfaceAddress]
    /// In bytes, 1280 to 9000; `nil` leaves it to the recipient.
    package let mtu: UInt16?
    /// Where the recipient's interface listens, 1024 to 65535, as lower ports are for services of its host; `nil` for any
    /// free port, as nobody calls it.
    package let listenPort: UInt16?
    /// Ascending by public key, at most 256.
    package let peers: [PeerConfiguration]
    /// What can be reached in the network, at most 64, in the order of the format.
    package let services: [Service]
    /// What the recipient is asked to run.
    package let container: ContainerRequest?

    /// The longest time from ``created`` to ``notAfter``, in seconds: 400 days.
    package static let maximumLifetimeSeconds: UInt64 = 400 * 86_400

    /// Sorts the lists and checks the limits.
    ///
    /// - Throws: ``BundleError/field(_:_:)``.
    package init(
        networkID: NetworkID,
        networkName: Name,
        epoch: UInt32,
        serial: UInt64,
        created: UnixTime,
        notAfter: UnixTime,
        addresses: [InterfaceAddress],
        mtu: UInt16? = nil,
        listenPort: UInt16? = nil,
        peers: [PeerConfiguration],
        services: [Service] = [],
        container: ContainerRequest? = nil
    ) throws(BundleError) {
        self.networkID = networkID
        self.networkName = networkName
        self.epoch = epoch
        self.serial = serial
        self.created = created
        self.notAfter = notAfter
        self.addresses = addresses.sorted()
        self.mtu = mtu
        self.listenPort = listenPort
        self.peers = try peers.map { (peer) throws(BundleError) in try peer.inFormatOrder() }
            .sorted { $0.publicKey < $1.publicKey }
        self.services = services.sorted { $0.encoded.lexicographicallyPrecedes($1.encoded) }
        self.container = container
        try checkLimits()
    }

    private func checkLimits() throws(BundleError) {
        guard created < notAfter, notAfter.seconds(since: created) <= Self.maximumLifetimeSeconds else {
            throw .field("not-after", .value(mustBe: "within 400 days after created"))
        }
        guard !addresses.isEmpty else { throw .field("address", .missing) }
        try checkList(addresses, "address", limit: 16)
        if let mtu, !(1280...9000).contains(mtu) { throw .field("mtu", .value(mustBe: "1280 to 9000")) }
        if let listenPort, listenPort < 1024 { throw .field("listen-port", .value(mustBe: "1024 to 65535")) }
        try checkList(peers.map(\.publicKey), "peer", limit: 256)
        try checkList(services, "service", limit: 64)
    }
}

extension PeerConfiguration {
    fileprivate func inFormatOrder() throws(BundleError) -> PeerConfiguration {
        try checkList(endpoints, "peer endpoint", limit: 16)
        try checkList(allowedAddresses, "peer allowed-address", limit: 32)
        guard keepaliveSeconds != 0 else { throw .field("peer keepalive", .value(mustBe: "1 to 65535")) }
        var peer = self
        peer.allowedAddresses.sort()
        return peer
    }
}

private func checkList(_ elements: [some Hashable], _ field: String, limit: Int) throws(BundleError) {
    guard elements.count <= limit else { throw .field(field, .count(limit: limit)) }
    guard Set(elements).count == elements.count else { throw .field(field, .repeated) }
}

/// Something that can be reached in the network.
package struct Service: Hashable, Sendable {
    /// How the service is carried, by its IP protocol number.
    package enum Transport: UInt8, Hashable, Sendable {
        case tcp = 6
        case udp = 17
    }

    /// What people call the service.
    package let name: Name
    /// An address in the network.
    package let address: IPAddress
    /// 1 to 65535.
    package let port: UInt16
    /// TCP or UDP.
    package let transport: Transport

    /// - Returns: `nil` for port 0.
    package init?(name: Name, address: IPAddress, port: UInt16, transport: Transport) {
        guard port != 0 else { return nil }
        self.name = name
        self.address = address
        self.port = port
        self.transport = transport
    }
}
