import Crypto
import Planning
import TestSupport
import Testing
import WireGuard

/// Hosts as they are and as they should be, made of few values, so that much is alike and much is not.
struct RandomStates {
    private var generator: SplitMix64
    private let link: InterfaceName
    private let names: [Name]
    private static let privateKeys = [PrivateKey(), PrivateKey()]
    private static let peerKeys = (0..<6).map { _ in PrivateKey().publicKey }
    private static let presharedKeys = ["one", "two"].compactMap { text -> PresharedKey? in
        let bytes = (Array(text.utf8) + [UInt8](repeating: 7, count: 32)).prefix(32)
        return try? PresharedKey(SecretBytes(copying: Array(bytes).span))
    }
    private static let checks = ["one", "two"].map { text in
        CheckValue(of: Array(text.utf8).span, personalization: "0123456789abcdef")
    }
    private static let addresses = [
        "10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24", "10.0.1.1/24", "10.0.0.9/32", "fd00::1/64", "fd00::2/64",
    ].compactMap { InterfaceAddress($0) }
    private static let blocks = [
        "10.0.0.5/32", "10.0.0.0/8", "10.0.1.7/32", "192.0.2.0/24", "198.51.100.0/24", "fd00::5/128", "fd01::/64",
        "10.0.1.0/24", "fd00::/64",
        "0.0.0.0/0",
    ].compactMap { IPPrefix($0) }
    private static let endpoints = ["192.0.2.1:51820", "192.0.2.2:51820", "[2001:db8::1]:51820"].compactMap {
        SocketAddress($0)
    }

    init(seed: UInt64) throws {
        generator = SplitMix64(seed: seed)
        link = try #require(InterfaceName("wg-tunnel"))
        names = try ["one", "two"].map { try #require(Name($0)) }
    }

    mutating func desired() -> DesiredState {
        var blocks = Self.blocks.shuffled(using: &generator)
        let peers = some(of: Self.peerKeys).map { key in
            let allowed = (0..<Int.random(in: 0...2, using: &generator)).compactMap { _ in blocks.popLast() }
            return PeerConfiguration(
                publicKey: key,
                name: names[0],
                presharedKey: one(of: [nil] + Self.presharedKeys),
                endpoints: some(of: Self.endpoints).compactMap { Endpoint(host: .address($0.address), port: $0.port) },
                allowedAddresses: allowed,
                keepaliveSeconds: chance() ? 25 : nil
            )
        }
        let interface = InterfaceConfiguration(
            name: link,
            privateKey: one(of: Self.privateKeys),
            addresses: some(of: Self.addresses),
            listenPort: one(of: [nil, 51820, 51821]),
            mtu: one(of: [1280, 1420]),
            peers: peers
        )
        let (placement, workload) = (one(of: Placement.allCases), workload())
        // On the host, neither a command nor a container has a namespace of ours.
        if placement == .host, case .container(let engine, let name, _) = workload {
            return DesiredState(
                interface: interface,
                placement: .host,
                workload: .container(engine: engine, name: name),
                waitsForHandshake: chance(),
                workloadCheck: check(of: workload)
            )
        }
        if placement == .host, case .process(_, let hasCommand) = workload {
            return DesiredState(
                interface: interface,
                placement: .host,
                workload: hasCommand ? .process(namespace: nil, hasCommand: true) : .none,
                workloadCheck: hasCommand ? one(of: Self.checks) : nil
            )
        }
        return DesiredState(
            interface: interface,
            placement: placement,
            workload: workload,
            waitsForHandshake: chance(),
            workloadCheck: check(of: workload)
        )
    }

    mutating func observed() -> ObservedState {
        let workload = workload()
        let check = check(of: workload)
        guard one(of: [true, true, true, false]) else {
            return ObservedState(workload: workload, workloadCheck: check)
        }
        let hasNamespace =
            switch workload {
            case .none, .process(nil, _): false
            default: true
            }
        let isUp = one(of: [true, true, true, false])
        let addresses = some(of: Self.addresses)
        let own = Set(isUp ? some(of: Self.blocks) : [])
        // Now and then somebody has removed what the kernel had made, or added something.
        var other = Set(isUp ? addresses.map(\.prefix) + some(of: Self.blocks).prefix(1) : [])
        if chance(), let first = other.first { other.remove(first) }
        let device = device()
        return ObservedState(
            link: ObservedState.Link(
                placement: hasNamespace ? one(of: Placement.allCases) : .host,
                isUp: isUp,
                mtu: one(of: [1000, 1280, 1420]),
                addresses: addresses,
                ownRoutes: own,
                otherRoutes: other.subtracting(own),
                device: device,
                notes: notes(of: device)
            ),
            workload: workload,
            workloadCheck: check
        )
    }

    /// Of a few peers nothing was noted, and of a few others something that is not true any more.
    private mutating func notes(of device: DeviceState) -> PeerNotes {
        PeerNotes(
            device.peers.filter { _ in one(of: [true, true, true, false]) }.map { peer in
                PeerNotes.Peer(
                    publicKey: peer.publicKey,
                    name: names[0],
                    presharedKey: one(of: [nil] + Self.presharedKeys)?.checkValue,
                    endpoints: Set(some(of: Self.endpoints))
                )
            }
        )
    }

    private mutating func check(of workload: DesiredState.Workload) -> CheckValue? {
        switch workload {
        case .none, .attached, .process(_, hasCommand: false): nil
        default: one(of: Self.checks)
        }
    }

    private mutating func device() -> DeviceState {
        var blocks = Self.blocks.shuffled(using: &generator)
        let peers = some(of: Self.peerKeys).map { key in
            let allowed = (0..<Int.random(in: 0...2, using: &generator)).compactMap { _ in blocks.popLast() }
            return PeerState(
                publicKey: key,
                endpoint: chance() ? one(of: Self.endpoints) : nil,
                latestHandshake: chance() ? UnixTime(seconds: 1) : nil,
                keepaliveSeconds: chance() ? 25 : nil,
                allowedAddresses: allowed
            )
        }
        let key = one(of: Self.privateKeys).publicKey
        return DeviceState(publicKey: key, listenPort: one(of: [51820, 51821]), peers: peers)
    }

    private mutating func workload() -> DesiredState.Workload {
        let name = one(of: names)
        return switch Int.random(in: 0...6, using: &generator) {
        case 0: .none
        case 1: .container(engine: "docker", name: name)
        case 3: .container(engine: "podman", name: name, namespace: name)
        case 2: .process(namespace: nil, hasCommand: true)
        default: .process(namespace: name, hasCommand: chance())
        }
    }

    mutating func chance() -> Bool { generator.next() & 1 == 0 }

    private mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &generator)]
    }

    private mutating func some<Element>(of elements: [Element]) -> [Element] {
        Array(elements.shuffled(using: &generator).prefix(Int.random(in: 0...4, using: &generator)))
    }
}
