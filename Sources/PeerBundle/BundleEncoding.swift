internal import Crypto
internal import WireGuard

extension Bundle {
    /// Appends the payload.
    func encode(into writer: inout SecretWriter) {
        writer.field(BundleTag.networkID, networkID.bytes)
        writer.field(BundleTag.networkName, Array(networkName.description.utf8))
        writer.field(BundleTag.epoch, epoch.bigEndianBytes)
        writer.field(BundleTag.serial, serial.bigEndianBytes)
        writer.field(BundleTag.created, created.seconds.bigEndianBytes)
        writer.field(BundleTag.notAfter, notAfter.seconds.bigEndianBytes)
        for address in addresses {
            writer.field(BundleTag.address, address.address.encoded + [UInt8(address.prefixLength)])
        }
        if let mtu { writer.field(BundleTag.mtu, mtu.bigEndianBytes) }
        if let listenPort { writer.field(BundleTag.listenPort, listenPort.bigEndianBytes) }
        for peer in peers { writer.field(BundleTag.peer) { peer.encode(into: &$0) } }
        for service in services { writer.field(BundleTag.service, service.encoded) }
        if let container { writer.field(BundleTag.container) { container.encode(into: &$0) } }
    }
}

extension PeerConfiguration {
    fileprivate func encode(into writer: inout SecretWriter) {
        writer.field(PeerTag.publicKey, publicKey.rawValue.bytes)
        writer.field(PeerTag.name, Array(name.description.utf8))
        if let presharedKey {
            writer.field(PeerTag.presharedKey) { $0.append(presharedKey) }
        }
        for (preference, endpoint) in zip(UInt8.min..., endpoints) {
            writer.field(PeerTag.endpoint, [preference] + endpoint.host.encoded + endpoint.port.bigEndianBytes)
        }
        for prefix in allowedAddresses {
            writer.field(PeerTag.allowedAddress, prefix.address.encoded + [UInt8(prefix.length)])
        }
        if let keepaliveSeconds { writer.field(PeerTag.keepalive, keepaliveSeconds.bigEndianBytes) }
    }
}

extension Service {
    /// The value of a service's field, which its order in the list depends on.
    var encoded: [UInt8] {
        func field(_ tag: ServiceTag, _ value: [UInt8]) -> [UInt8] {
            [tag.rawValue] + UInt16(value.count).bigEndianBytes + value
        }
        return field(.name, Array(name.description.utf8)) + field(.address, address.encoded)
            + field(.port, port.bigEndianBytes) + field(.transport, [transport.rawValue])
    }
}

extension ContainerRequest {
    fileprivate func encode(into writer: inout SecretWriter) {
        writer.field(ContainerTag.image, Array(image.description.utf8))
        writer.field(ContainerTag.digest, digest.bytes)
        for (position, argument) in zip(UInt8.min..., arguments) {
            writer.field(ContainerTag.argument, [position] + Array(argument.utf8))
        }
    }
}

extension IPAddress {
    fileprivate var encoded: [UInt8] { [family.rawValue] + bytes }
}

extension Endpoint.Host {
    /// Stands where an address has its family.
    static let nameKind: UInt8 = 0

    fileprivate var encoded: [UInt8] {
        switch self {
        case .address(let address): address.encoded
        case .name(let name): [Self.nameKind] + Array(name.description.utf8)
        }
    }
}
