import Crypto
import PeerBundle
import Testing
import WireGuard

/// Fixed hosts, and a bundle that one of them makes for the other.
enum Sample {
    static let issuer = key(0x11)
    static let recipient = key(0x22)
    static let stranger = key(0x33)

    private static func key(_ byte: UInt8) -> IdentityKey {
        let encoded = [0x01] + [UInt8](repeating: byte, count: 32) + [UInt8](repeating: byte + 1, count: 32)
        do {
            return try IdentityKey(encoded: encoded.span)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static let created = UnixTime(seconds: 1_767_225_600)
    static let notAfter = created.adding(seconds: 90 * 86_400)

    static func networkID(_ byte: UInt8 = 0xaa) throws -> NetworkID {
        let id = NetworkID([UInt8](repeating: byte, count: 16).span)
        return try #require(id)
    }

    static func presharedKey() throws -> PresharedKey {
        try PresharedKey(SecretBytes(copying: [UInt8](repeating: 0x77, count: 32).span))
    }

    /// The issuer as its recipient's one peer.
    static func server(
        key: PublicKey = issuer.identity.wireGuardKey,
        name: String = "server",
        endpoints: [String] = ["192.0.2.1:51820", "host.example:51820"],
        allowed: [String] = ["10.0.0.0/24"],
        keepalive: UInt16? = 25
    ) throws -> PeerConfiguration {
        PeerConfiguration(
            publicKey: key,
            name: try #require(Name(name)),
            presharedKey: try presharedKey(),
            endpoints: try endpoints.map { try #require(Endpoint($0, defaultPort: 1)) },
            allowedAddresses: try allowed.map { try #require(IPPrefix($0)) },
            keepaliveSeconds: keepalive
        )
    }

    static func bundle(
        epoch: UInt32 = 0,
        serial: UInt64 = 1,
        created: UnixTime = created,
        notAfter: UnixTime? = nil,
        addresses: [String] = ["10.0.0.2/24"],
        mtu: UInt16? = nil,
        listenPort: UInt16? = nil,
        peers: [PeerConfiguration]? = nil,
        services: [Service] = [],
        container: ContainerRequest? = nil
    ) throws -> Bundle {
        try Bundle(
            networkID: try networkID(),
            networkName: try #require(Name("default")),
            epoch: epoch,
            serial: serial,
            created: created,
            notAfter: notAfter ?? created.adding(seconds: 90 * 86_400),
            addresses: try addresses.map { try #require(InterfaceAddress($0)) },
            mtu: mtu,
            listenPort: listenPort,
            peers: try peers ?? [server()],
            services: services,
            container: container
        )
    }

    static func service(_ name: String, _ address: String, port: UInt16 = 80) throws -> Service {
        let name = try #require(Name(name))
        let address = try #require(IPAddress(address))
        return try #require(Service(name: name, address: address, port: port, transport: .tcp))
    }

    static func container(_ image: String, arguments: [String] = []) throws -> ContainerRequest {
        try ContainerRequest(image: #require(ImageName(image)), digest: digest(), arguments: arguments)
    }

    static func digest() throws -> Bytes32 {
        let digest = Bytes32([UInt8](repeating: 0xdd, count: 32).span)
        return try #require(digest)
    }

    /// The sample sealed by the issuer to the recipient: 440 bytes.
    static func sealed() throws -> [UInt8] { try bundle().seal(from: issuer, to: recipient.identity) }
}
