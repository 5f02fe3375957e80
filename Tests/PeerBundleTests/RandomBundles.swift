import Crypto
import PeerBundle
import TestSupport
import Testing
import WireGuard

/// Bundles that a seed determines: every field, in every form, present and absent.
struct RandomBundles {
    var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func next() throws -> Bundle {
        let created = number(in: 0...UInt64(UInt32.max))
        let id = NetworkID(generator.bytes(count: 16).span)
        return try Bundle(
            networkID: #require(id),
            networkName: name(),
            epoch: number(in: 0...UInt32.max),
            serial: generator.next(),
            created: UnixTime(seconds: created),
            notAfter: UnixTime(seconds: created + number(in: 1...400 * 86_400)),
            addresses: list(1...3) { generator in
                let prefix = try generator.prefix()
                return try #require(InterfaceAddress(prefix.lastAddress, prefixLength: prefix.length))
            },
            mtu: chance() ? number(in: 1280...9000) : nil,
            listenPort: chance() ? number(in: 1024...65_535) : nil,
            peers: (0..<number(in: 0...5)).map { _ in try peer() },
            services: list(0...3) { try $0.service() },
            container: chance()
                ? Sample.container("registry.example:5000/team/app", arguments: ["--flag", "", "a b"]) : nil
        )
    }

    private mutating func chance() -> Bool { generator.next() & 1 == 0 }

    private mutating func number<Number: FixedWidthInteger>(in range: ClosedRange<Number>) -> Number {
        Number.random(in: range, using: &generator)
    }

    /// Different elements, as a bundle demands.
    private mutating func list<Element: Hashable>(
        _ counts: ClosedRange<Int>,
        _ element: (inout RandomBundles) throws -> Element
    ) rethrows -> [Element] {
        var elements: [Element] = []
        for _ in 0..<number(in: counts) {
            let element = try element(&self)
            if !elements.contains(element) { elements.append(element) }
        }
        return elements
    }

    private mutating func name() throws -> Name {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789-")
        return try #require(Name("n" + String((0..<number(in: 0...30)).map { _ in alphabet[number(in: 0...36)] })))
    }

    private mutating func address() throws -> IPAddress {
        let address = IPAddress(bytes: generator.bytes(count: chance() ? 4 : 16).span)
        return try #require(address)
    }

    private mutating func prefix() throws -> IPPrefix {
        let address = try address()
        return IPPrefix(containing: address, length: number(in: 0...address.family.bitCount))
    }

    private mutating func endpoint() throws -> Endpoint {
        let host: Endpoint.Host =
            chance() ? .address(try address()) : .name(try #require(HostName("h\(generator.next()).example")))
        return try #require(Endpoint(host: host, port: number(in: 1...UInt16.max)))
    }

    private mutating func peer() throws -> PeerConfiguration {
        // Below the prime, as the highest byte is less than its own.
        let key = Bytes32((generator.bytes(count: 31) + [number(in: 0...0x7e)]).span)
        let secret = generator.bytes(count: 32)
        return PeerConfiguration(
            publicKey: try PublicKey(#require(key)),
            name: try name(),
            presharedKey: chance() ? try PresharedKey(SecretBytes(copying: secret.span)) : nil,
            endpoints: try list(0...3) { try $0.endpoint() },
            allowedAddresses: try list(0...4) { try $0.prefix() },
            keepaliveSeconds: chance() ? number(in: 1...UInt16.max) : nil
        )
    }

    private mutating func service() throws -> Service {
        let name = try name()
        let address = try address()
        let transport: Service.Transport = chance() ? .tcp : .udp
        return try #require(
            Service(name: name, address: address, port: number(in: 1...UInt16.max), transport: transport)
        )
    }
}
