package import Crypto
package import PeerBundle
package import WireGuard

/// A peer of a network: who it is, and all that its bundle says beyond the network's own settings.
///
/// So the bundle can be made again. There is no secret in it.
package struct PeerRecord: Equatable, Sendable {
    /// What people call it; the name of its file.
    package let name: Name
    /// Whom its bundle is sealed to.
    package let identity: Identity
    /// One for each of the hub's addresses, in that order.
    package var addresses: [IPAddress]
    /// Makes the preshared key of this pair its own; a new one gives a new key.
    package var salt: Salt
    /// When it became a peer.
    package let created: UnixTime
    /// That of its latest bundle.
    package var serial: UInt64
    /// Where it reaches the hub; none for the network's endpoints.
    package var endpoints: [Endpoint] = []
    /// What it sends through the hub beyond the hub's own addresses.
    package var routes: [IPPrefix] = []
    /// What it is told it can reach.
    package var services: [ServiceRequest] = []
    /// What it is asked to run: `repository@sha256:…`.
    package var container: ContainerRequest?

    /// The preshared key that it shares with the hub.
    package func presharedKey(hub: PublicKey, root: PresharedKeyRoot) -> PresharedKey {
        root.presharedKey(between: hub, and: identity.wireGuardKey, salt: salt)
    }
}

extension PeerRecord {
    private static let keys = [
        "identity", "addresses", "salt", "created", "serial", "endpoints", "routes", "services", "container",
    ]

    init(name: Name, record bytes: [UInt8], file: String) throws(RecordError) {
        let record = try TextRecord(bytes, file: file, keys: Self.keys)
        self.name = name
        identity = try record.required("identity", "an identity") { try? Identity(text: $0, isRecorded: true) }
        addresses = try record.list("addresses", "addresses") { IPAddress($0) }
        guard !addresses.isEmpty else { throw RecordError(file: file, line: nil, problem: .missing(key: "addresses")) }
        salt = try record.required("salt", "32 hexadecimal digits") { Salt($0) }
        created = UnixTime(seconds: try record.required("created", "seconds since 1970") { UInt64(decimal: $0) })
        serial = try record.required("serial", "a number") { UInt64(decimal: $0) }
        endpoints = try record.list("endpoints", "endpoints") { Endpoint($0, defaultPort: Network.defaultPort) }
        routes = try record.list("routes", "address ranges") { IPPrefix($0) }
        services = try record.list("services", "services as name:port") { ServiceRequest($0) }
        container = try record.optional("container", "image@sha256:digest") { ContainerRequest(reference: $0) }
    }

    var record: [UInt8] {
        var writer = TextRecordWriter(comment: "A peer of a wgseal network, called like this file.")
        writer.add("identity", identity.text)
        writer.add("addresses", list: addresses)
        writer.add("salt", salt)
        writer.add("created", created.seconds)
        writer.add("serial", serial)
        writer.add("endpoints", list: endpoints)
        writer.add("routes", list: routes)
        writer.add("services", list: services)
        writer.add("container", ifPresent: container?.reference)
        return writer.bytes
    }
}

/// A service of the hub: `name:port`, or `name:port/udp`.
package struct ServiceRequest: Hashable, Sendable, LosslessStringConvertible {
    /// What people call it.
    package let name: Name
    /// 1 to 65535.
    package let port: UInt16
    /// TCP unless the text says otherwise.
    package let transport: Service.Transport

    /// Reads ``description``, also with `/tcp`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let name = Name(String(parts[0])) else { return nil }
        let numbers = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard let port = UInt16(decimal: numbers[0]), port > 0, numbers.count <= 2 else { return nil }
        switch numbers.dropFirst().first {
        case nil, "tcp": transport = .tcp
        case "udp": transport = .udp
        default: return nil
        }
        self.name = name
        self.port = port
    }

    /// `name:port`, or `name:port/udp`.
    package var description: String { "\(name):\(port)\(transport == .udp ? "/udp" : "")" }
}

extension ContainerRequest {
    /// Reads ``reference``: `repository@sha256:` and 64 hexadecimal digits.
    ///
    /// - Returns: `nil` for anything else; a tag names no image for sure.
    package init?(reference text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasPrefix("sha256:"), let image = ImageName(String(parts[0])),
            let digest = Bytes32(hexadecimal: String(parts[1].dropFirst("sha256:".count))),
            let request = try? ContainerRequest(image: image, digest: digest)
        else { return nil }
        self = request
    }
}
