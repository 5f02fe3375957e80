internal import Crypto
package import PeerBundle
package import WireGuard

/// A network that this host is the hub of.
package struct Network: Equatable, Sendable {
    /// What tells it from all other networks, for ever.
    package let id: NetworkID
    /// What people call it; the name of its directory.
    package let name: Name
    /// What the hub is called in its peers' bundles.
    package var hubName: Name
    /// The hub's interface.
    package var interface: InterfaceName
    /// The hub's own addresses; each that has a range gives its peers an address of it.
    package var addresses: [InterfaceAddress]
    /// The hub's UDP port.
    package var listenPort: UInt16
    /// In bytes, 1280 to 9000; `nil` leaves it to each host.
    package var mtu: UInt16?
    /// What the peers send, in seconds, 1 to 65535; `nil` sends none.
    package var keepaliveSeconds: UInt16?
    /// Outranks the serial of a bundle; one more after the counter of serials was lost.
    package var epoch: UInt32
    /// Where peers reach the hub, the preferred one first; none to have it detected for each bundle.
    package var endpoints: [Endpoint]

    /// The name of the network that is meant where none is given.
    package static let defaultName = Name(fixed: "default")
    /// The port of a new network, and of an endpoint that is given without one.
    package static let defaultPort: UInt16 = 51_820

    /// A new network with the defaults.
    ///
    /// - Parameters:
    ///   - name: What people call it.
    ///   - interface: What the link is called.
    ///   - ranges: The hub gets the first host address of each.
    ///   - listenPort: The hub's UDP port.
    ///   - hostName: What this host is called; characters that no ``Name`` has are replaced.
    init?(name: Name, interface: InterfaceName, ranges: [IPPrefix], listenPort: UInt16, hostName: String) {
        let addresses = ranges.compactMap { range in
            IPAddress(family: range.address.family, number: range.address.number + 1)
                .flatMap { InterfaceAddress($0, prefixLength: range.length) }
        }
        self.init(name: name, interface: interface, addresses: addresses, listenPort: listenPort, hostName: hostName)
    }

    /// A new network whose hub has its addresses already, one or more.
    init?(name: Name, interface: InterfaceName, addresses: [InterfaceAddress], listenPort: UInt16, hostName: String) {
        guard let id = NetworkID([UInt8].random(count: NetworkID.byteCount).span) else { return nil }
        self.id = id
        self.name = name
        hubName = Name(nearest: hostName) ?? name
        self.interface = interface
        self.addresses = addresses
        self.listenPort = listenPort
        keepaliveSeconds = 25
        epoch = 1
        endpoints = []
    }
}

extension Network {
    /// The hub's addresses that have room for peers beside them.
    var ranges: [InterfaceAddress] { addresses.filter { $0.prefixLength < $0.address.family.bitCount } }
}

extension Network {
    private static let keys = ["id", "hub", "interface", "addresses", "port", "mtu", "keepalive", "epoch", "endpoints"]

    init(name: Name, record bytes: [UInt8], file: String) throws(RecordError) {
        let record = try TextRecord(bytes, file: file, keys: Self.keys)
        self.name = name
        id = try record.required("id", "32 hexadecimal digits") { NetworkID($0) }
        hubName = try record.required("hub", "a name") { Name($0) }
        interface = try record.required("interface", "an interface name") { InterfaceName($0) }
        addresses = try record.list("addresses", "addresses with prefix length") { InterfaceAddress($0) }
        guard !addresses.isEmpty else { throw RecordError(file: file, line: nil, problem: .missing(key: "addresses")) }
        let port = try record.required("port", "a port from 1 to 65535") { UInt16(decimal: $0, in: 1...65_535) }
        listenPort = port
        mtu = try record.optional("mtu", "1280 to 9000") { UInt16(decimal: $0, in: 1280...9000) }
        keepaliveSeconds = try record.optional("keepalive", "1 to 65535") { UInt16(decimal: $0, in: 1...65_535) }
        epoch = try record.required("epoch", "a number") { UInt32(decimal: $0) }
        endpoints = try record.list("endpoints", "endpoints") { Endpoint($0, defaultPort: port) }
    }

    var record: [UInt8] {
        var writer = TextRecordWriter(comment: "A wgseal network. Edit it as you like, but never change its id.")
        writer.add("id", id)
        writer.add("hub", hubName)
        writer.add("interface", interface)
        writer.add("addresses", list: addresses)
        writer.add("port", listenPort)
        writer.add("mtu", ifPresent: mtu)
        writer.add("keepalive", ifPresent: keepaliveSeconds)
        writer.add("epoch", epoch)
        writer.add("endpoints", list: endpoints)
        return writer.bytes
    }
}

extension FixedWidthInteger {
    init?(decimal text: String, in range: ClosedRange<Self>) {
        guard let number = Self(decimal: text), range.contains(number) else { return nil }
        self = number
    }
}

extension [UInt8] {
    /// Public random bytes.
    static func random(count: Int) -> [UInt8] {
        SecretBytes.random(count: count).withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }
}
