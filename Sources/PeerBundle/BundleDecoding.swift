internal import Crypto
internal import WireGuard

extension Bundle {
    /// Reads a payload that its issuer signed.
    ///
    /// - Throws: ``BundleError/field(_:_:)``, for all that ``encode(into:)`` would not have written.
    init(decoding payload: Span<UInt8>) throws(BundleError) {
        var networkID: NetworkID?
        var networkName: Name?
        var epoch: UInt32?
        var serial: UInt64?
        var created: UInt64?
        var notAfter: UInt64?
        var addresses: [InterfaceAddress] = []
        var mtu: UInt16?
        var listenPort: UInt16?
        var peers: [PeerConfiguration] = []
        var services: [Service] = []
        var container: ContainerRequest?
        try forEachField(in: payload) { (tag: BundleTag, value) throws(BundleError) in
            switch tag {
            case .networkID: networkID = try required(NetworkID(value), or: tag, .length)
            case .networkName: networkName = try decodeName(value, tag)
            case .epoch: epoch = try decodeInteger(value, tag)
            case .serial: serial = try decodeInteger(value, tag)
            case .created: created = try decodeInteger(value, tag)
            case .notAfter: notAfter = try decodeInteger(value, tag)
            case .address:
                let (address, length) = try decodePrefix(value, tag)
                addresses.append(
                    try required(
                        InterfaceAddress(address, prefixLength: length),
                        or: tag,
                        .value(mustBe: "an address and a prefix length")
                    )
                )
            case .mtu: mtu = try decodeInteger(value, tag)
            case .listenPort: listenPort = try decodeInteger(value, tag)
            case .peer: peers.append(try PeerConfiguration(decoding: value))
            case .service: services.append(try Service(decoding: value))
            case .container: container = try ContainerRequest(decoding: value)
            }
        }
        try self.init(
            networkID: required(networkID, or: BundleTag.networkID, .missing),
            networkName: required(networkName, or: BundleTag.networkName, .missing),
            epoch: required(epoch, or: BundleTag.epoch, .missing),
            serial: required(serial, or: BundleTag.serial, .missing),
            created: UnixTime(seconds: required(created, or: BundleTag.created, .missing)),
            notAfter: UnixTime(seconds: required(notAfter, or: BundleTag.notAfter, .missing)),
            addresses: addresses,
            mtu: mtu,
            listenPort: listenPort,
            peers: peers,
            services: services,
            container: container
        )
    }
}

extension PeerConfiguration {
    fileprivate init(decoding bytes: Span<UInt8>) throws(BundleError) {
        var publicKey: PublicKey?
        var name: Name?
        var presharedKey: PresharedKey?
        var endpoints: [Endpoint] = []
        var allowedAddresses: [IPPrefix] = []
        var keepalive: UInt16?
        try forEachField(in: bytes) { (tag: PeerTag, value) throws(BundleError) in
            switch tag {
            case .publicKey:
                let bytes = try required(Bytes32(value), or: tag, .length)
                publicKey = try required(try? PublicKey(bytes), or: tag, .value(mustBe: "a usable public key"))
            case .name: name = try decodeName(value, tag)
            case .presharedKey:
                guard value.count == 32 else { throw .field(tag.name, .length) }
                presharedKey = try required(
                    try? PresharedKey(SecretBytes(copying: value)),
                    or: tag,
                    .value(mustBe: "other than zero")
                )
            case .endpoint:
                guard value.count > 0, Int(value[0]) == endpoints.count else { throw .field(tag.name, .order) }
                endpoints.append(try decodeEndpoint(value.extracting(1...), tag))
            case .allowedAddress:
                let (address, length) = try decodePrefix(value, tag)
                allowedAddresses.append(
                    try required(
                        IPPrefix(address, length: length),
                        or: tag,
                        .value(mustBe: "an address and a prefix length, zero after the prefix")
                    )
                )
            case .keepalive: keepalive = try decodeInteger(value, tag)
            }
        }
        self.init(
            publicKey: try required(publicKey, or: PeerTag.publicKey, .missing),
            name: try required(name, or: PeerTag.name, .missing),
            presharedKey: presharedKey,
            endpoints: endpoints,
            allowedAddresses: allowedAddresses,
            keepaliveSeconds: keepalive
        )
    }
}

extension Service {
    fileprivate init(decoding bytes: Span<UInt8>) throws(BundleError) {
        var name: Name?
        var address: IPAddress?
        var port: UInt16?
        var transport: Transport?
        try forEachField(in: bytes) { (tag: ServiceTag, value) throws(BundleError) in
            switch tag {
            case .name: name = try decodeName(value, tag)
            case .address: address = try decodeAddress(value, tag)
            case .port: port = try decodeInteger(value, tag)
            case .transport:
                let number: UInt8 = try decodeInteger(value, tag)
                transport = try required(Transport(rawValue: number), or: tag, .value(mustBe: "6 (TCP) or 17 (UDP)"))
            }
        }
        let service = Service(
            name: try required(name, or: ServiceTag.name, .missing),
            address: try required(address, or: ServiceTag.address, .missing),
            port: try required(port, or: ServiceTag.port, .missing),
            transport: try required(transport, or: ServiceTag.transport, .missing)
        )
        self = try required(service, or: ServiceTag.port, .value(mustBe: "1 to 65535"))
    }
}

extension ContainerRequest {
    fileprivate init(decoding bytes: Span<UInt8>) throws(BundleError) {
        var image: ImageName?
        var digest: Bytes32?
        var arguments: [String] = []
        try forEachField(in: bytes) { (tag: ContainerTag, value) throws(BundleError) in
            switch tag {
            case .image:
                image = try required(ImageName(try decodeText(value, tag)), or: tag, .value(mustBe: "an image name"))
            case .digest: digest = try required(Bytes32(value), or: tag, .length)
            case .argument:
                guard value.count > 0, Int(value[0]) == arguments.count else { throw .field(tag.name, .order) }
                arguments.append(try decodeText(value.extracting(1...), tag))
            }
        }
        try self.init(
            image: required(image, or: ContainerTag.image, .missing),
            digest: required(digest, or: ContainerTag.digest, .missing),
            arguments: arguments
        )
    }
}

private func required<Value>(_ value: Value?, or tag: some FieldTag, _ fault: FieldFault) throws(BundleError) -> Value {
    guard let value else { throw .field(tag.name, fault) }
    return value
}

private func decodeInteger<Value: FixedWidthInteger & UnsignedInteger>(
    _ bytes: Span<UInt8>,
    _ tag: some FieldTag
) throws(BundleError) -> Value {
    try required(Value(bigEndian: bytes), or: tag, .length)
}

// ASCII alone, so that text has one spelling; which characters exactly, its type decides.
private func decodeText(_ bytes: Span<UInt8>, _ tag: some FieldTag) throws(BundleError) -> String {
    let characters = bytes.indices.map { bytes[$0] }
    guard characters.allSatisfy({ $0 < 0x80 }) else { throw .field(tag.name, .value(mustBe: "ASCII")) }
    return String(decoding: characters, as: UTF8.self)
}

private func decodeName(_ bytes: Span<UInt8>, _ tag: some FieldTag) throws(BundleError) -> Name {
    try required(
        Name(try decodeText(bytes, tag)),
        or: tag,
        .value(mustBe: "a lower-case letter and up to 30 letters, digits and hyphens")
    )
}

private func decodeAddress(_ bytes: Span<UInt8>, _ tag: some FieldTag) throws(BundleError) -> IPAddress {
    guard bytes.count > 0, let address = IPAddress(bytes: bytes.extracting(1...)) else {
        throw .field(tag.name, .length)
    }
    guard bytes[0] == address.family.rawValue else { throw .field(tag.name, .value(mustBe: "an IPv4 or IPv6 address")) }
    return address
}

private func decodePrefix(
    _ bytes: Span<UInt8>,
    _ tag: some FieldTag
) throws(BundleError) -> (address: IPAddress, length: Int) {
    guard bytes.count > 0 else { throw .field(tag.name, .length) }
    let last = bytes.count - 1
    return (try decodeAddress(bytes.extracting(..<last), tag), Int(bytes[last]))
}

private func decodeEndpoint(_ bytes: Span<UInt8>, _ tag: some FieldTag) throws(BundleError) -> Endpoint {
    guard bytes.count > 3 else { throw .field(tag.name, .length) }
    let portOffset = bytes.count - 2
    let host: Endpoint.Host
    if bytes[0] == Endpoint.Host.nameKind {
        let text = try decodeText(bytes.extracting(1..<portOffset), tag)
        // Letters are lower case: one name, one spelling.
        guard let name = HostName(text), name.description == text else {
            throw .field(tag.name, .value(mustBe: "an address or a DNS name in lower case"))
        }
        host = .name(name)
    } else {
        host = .address(try decodeAddress(bytes.extracting(..<portOffset), tag))
    }
    let port: UInt16 = try decodeInteger(bytes.extracting(portOffset...), tag)
    return try required(Endpoint(host: host, port: port), or: tag, .value(mustBe: "at a port from 1 to 65535"))
}
