package import Crypto
package import PeerBundle
package import WireGuard

/// A peer of a network: who it is, and all that its bundle says beyond the network's own settings.
///
/// So the bundle can be made again. There is no secret in it.
package struct PeerRecord: Equatable, Sendable {
    /// What people call it; the name of its file.
    package var name: Name
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
    /// When its latest bundle expires; `nil` if that is not known.
    package var notAfter: UnixTime?
    /// Where it reaches the hub; none for the network's endpoints.
    package var endpoints: [Endpoint] = []
    /// What it sends through the hub beyond the hub's own addresses.
    package var routes: [IPPrefix] = []
    /// What it is told it can reach.
    package var services: [ServiceRequest] = []
    /// What it is asked to run: `repository@sha256:…`.
    package var container: ContainerRequest?
    /// Whether it and the others of the mesh are peers of each other.
    package var isInMesh = false
    /// Where the others of the mesh reach it; none if it only calls them.
    package var ownEndpoints: [Endpoint] = []
    /// What people have written down about it.
    package var note: Note?

    /// The preshared key that it shares with the hub.
    package func presharedKey(hub: PublicKey, root: PresharedKeyRoot) -> PresharedKey {
        root.presharedKey(between: hub, and: identity.wireGuardKey, salt: salt)
    }
}

extension PeerRecord {
    fileprivate static let keys = [
        "identity", "addresses", "salt", "created", "serial", "not-after", "endpoints", "routes", "services",
        "container",
        "mesh", "own-endpoints", "note",
    ]

    init(name: Name, record bytes: [UInt8], file: String) throws(RecordError) {
        try self.init(name: name, TextRecord(bytes, file: file, keys: Self.keys))
    }

    fileprivate init(name: Name, _ record: TextRecord) throws(RecordError) {
        self.name = name
        identity = try record.required("identity", "an identity") { try? Identity(text: $0, isRecorded: true) }
        addresses = try record.list("addresses", "addresses") { IPAddress($0) }
        guard !addresses.isEmpty else {
            throw RecordError(file: record.file, line: nil, problem: .missing(key: "addresses"))
        }
        salt = try record.required("salt", "32 hexadecimal digits") { Salt($0) }
        created = UnixTime(seconds: try record.required("created", "seconds since 1970") { UInt64(decimal: $0) })
        serial = try record.required("serial", "a number") { UInt64(decimal: $0) }
        notAfter = try record.optional("not-after", "seconds since 1970") { UInt64(decimal: $0) }
            .map { UnixTime(seconds: $0) }
        endpoints = try record.list("endpoints", "endpoints") { Endpoint($0, defaultPort: Network.defaultPort) }
        routes = try record.list("routes", "address ranges") { IPPrefix($0) }
        services = try record.list("services", "services as name:port") { ServiceRequest($0) }
        container = try record.optional("container", "image@sha256:digest") { ContainerRequest(reference: $0) }
        isInMesh = try record.optional("mesh", "yes or no", Bool.init(yesOrNo:)) ?? false
        ownEndpoints = try record.list("own-endpoints", "endpoints") { Endpoint($0, defaultPort: Network.defaultPort) }
        note = try record.optional("note", "one line of text") { Note($0) }
    }

    var record: [UInt8] {
        var writer = TextRecordWriter(comment: "A peer of a wgseal network, called like this file.")
        add(to: &writer)
        return writer.bytes
    }

    fileprivate func add(to writer: inout TextRecordWriter) {
        writer.add("identity", identity.text)
        writer.add("addresses", list: addresses)
        writer.add("salt", salt)
        writer.add("created", created.seconds)
        writer.add("serial", serial)
        writer.add("not-after", ifPresent: notAfter?.seconds)
        writer.add("endpoints", list: endpoints)
        writer.add("routes", list: routes)
        writer.add("services", list: services)
        writer.add("container", ifPresent: container?.reference)
        if isInMesh { writer.add("mesh", "yes") }
        writer.add("own-endpoints", list: ownEndpoints)
        writer.add("note", ifPresent: note)
    }
}

/// A peer that is none any more, kept so that its identity does not come back by mistake, nor its address too soon.
package struct RevokedPeer: Equatable, Sendable {
    /// What was recorded of it.
    package let peer: PeerRecord
    /// When it was revoked.
    package let revoked: UnixTime

    /// How long its addresses are nobody's, in seconds: 30 days, so that no rule, log or cache takes their next owner for it.
    package static let quarantineSeconds: UInt64 = 30 * 86_400

    /// When its addresses may be given to another peer; not before its last bundle has expired, and with it, most probably,
    /// those of others that name it.
    package var addressesFree: UnixTime {
        let end = revoked.adding(seconds: Self.quarantineSeconds)
        return max(end, peer.notAfter ?? end)
    }

    /// The name of its file, without the suffix: names come again, so a part of the fingerprint is in it.
    var fileName: String {
        let characters = peer.identity.fingerprint.description.lowercased().filter { $0 != "-" }
        return "\(peer.name)-\(characters.prefix(10))"
    }

    /// Takes a peer that is one no longer.
    init(_ peer: PeerRecord, revoked: UnixTime) {
        self.peer = peer
        self.revoked = revoked
    }

    init(record bytes: [UInt8], file: String) throws(RecordError) {
        let record = try TextRecord(bytes, file: file, keys: PeerRecord.keys + ["name", "revoked"])
        peer = try PeerRecord(name: record.required("name", "a name") { Name($0) }, record)
        revoked = UnixTime(seconds: try record.required("revoked", "seconds since 1970") { UInt64(decimal: $0) })
    }

    var record: [UInt8] {
        var writer = TextRecordWriter(
            comment: "A peer of a wgseal network that was revoked. Without this file, it can become one again."
        )
        writer.add("name", peer.name)
        writer.add("revoked", revoked.seconds)
        peer.add(to: &writer)
        return writer.bytes
    }
}

/// One line of text that people write for people.
package struct Note: Hashable, Sendable, LosslessStringConvertible {
    package let description: String

    /// The longest, in bytes of UTF-8.
    package static let maximumByteCount = 200

    /// Takes up to 200 bytes that a terminal shows as one line, and that neither begin nor end with a blank.
    ///
    /// - Returns: `nil` for any other text.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.maximumByteCount, text.first != " ", text.last != " ",
            text.unicodeScalars.allSatisfy({ !$0.isControl })
        else { return nil }
        description = text
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
