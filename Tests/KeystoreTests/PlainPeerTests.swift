import Crypto
import PeerBundle
import SystemIO
import TestSupport
import Testing
import WireGuard

@testable import Keystore

@Suite("Plain peers")
struct PlainPeerTests {
    private static let network = Name("default")
    private let interface: InterfaceName
    private let name: Name

    init() throws {
        interface = try #require(InterfaceName("wg0"))
        name = try #require(Self.network)
    }

    private struct Hub: ~Copyable {
        let store: NetworkStore
        let key: IdentityKey
    }

    private func read(_ text: String) throws -> QuickConfiguration {
        let bytes = Array(text.utf8)
        return try QuickConfiguration(text: bytes.span, file: "wg0.conf")
    }

    /// Makes a network of a file, and an identity of its key.
    private func take(
        _ configuration: QuickConfiguration,
        into home: borrowing Home
    ) throws -> Hub {
        let values = try configuration.requireHub(file: "wg0.conf")
        let store = try home.importNetwork(
            name,
            interface: interface,
            from: configuration,
            listenPort: values.listenPort,
            hostName: "hub"
        )
        return Hub(store: store, key: IdentityKey(wireGuardKey: values.privateKey))
    }

    /// A hub at 10.8.0.1/24 with peers that have these blocks.
    private func file(_ peers: [(key: PublicKey, blocks: String)], address: String = "10.8.0.1/24") throws
        -> QuickConfiguration
    {
        var configuration = try read("[Interface]\nAddress = \(address)\nListenPort = 51820\n")
        configuration.privateKey = PrivateKey()
        for peer in peers {
            configuration.peers += try read("[Peer]\nPublicKey = \(peer.key.base64)\nAllowedIPs = \(peer.blocks)\n")
                .peers
        }
        return configuration
    }

    private func seal(
        _ identity: Identity,
        in hub: borrowing Hub,
        _ change: (inout EnrolmentRequest) -> Void = { _ in }
    ) throws -> PeerRecord {
        var request = EnrolmentRequest(identity: identity)
        request.endpoints = [try #require(Endpoint("192.0.2.1", defaultPort: 51_820))]
        change(&request)
        let sealing = NetworkStore.Sealing(key: hub.key, defaultEndpoint: nil, now: now, lifetimeSeconds: 60)
        return try hub.store.seal(request, sealing).peer
    }

    @Test(
        "the network of a hub's file has its interface, and all its peers with their preshared keys",
        arguments: HubFiles.names
    )
    func keeps(file: String) throws {
        try Home.temporary { home, _ in
            let bytes = try HubFiles.bytes(file)
            let configuration = try QuickConfiguration(text: bytes.span, file: file)
            let hub = try take(configuration, into: home)
            let result = try hub.store.hubInterface(key: hub.key)
            #expect(result.name == interface)
            #expect(result.privateKey.publicKey == configuration.privateKey?.publicKey)
            #expect(result.addresses == configuration.addresses)
            #expect(result.listenPort == configuration.listenPort)
            #expect(result.mtu == configuration.mtu.map(Int.init) ?? 1420)
            #expect(result.peers.map(\.publicKey) == configuration.peers.map(\.publicKey))
            #expect(result.peers.map(\.allowedAddresses) == configuration.peers.map(\.allowedAddresses))
            #expect(result.peers.map(\.keepaliveSeconds) == configuration.peers.map(\.keepaliveSeconds))
            #expect(result.peers.map(\.endpoints) == configuration.peers.map { [$0.endpoint].compactMap(\.self) })
            #expect(
                result.peers.map { bytesOf($0.presharedKey) } == configuration.peers.map { bytesOf($0.presharedKey) }
            )
            #expect(Set(result.peers.map(\.name)).count == result.peers.count)
            // A name stays what it is when the network is opened again.
            #expect(try home.network(name).plainPeers().map(\.name) == result.peers.map(\.name))
        }
    }

    private func bytesOf(_ key: PresharedKey?) -> [UInt8]? {
        key?.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    @Test("a peer that the file calls nothing, or what another is called, is called by the start of its key")
    func names() throws {
        let keys = [PrivateKey().publicKey, PrivateKey().publicKey, PrivateKey().publicKey]
        var peers = keys.map(QuickPeer.init)
        (peers[0].label, peers[1].label) = ("Alice's phone", "Alice's phone")
        #expect(
            try PlainPeer.named(peers).map(\.name.description)
                == ["alice-s-phone"] + keys.dropFirst().map { "peer-\($0.rawValue.hexadecimal.prefix(5))" }
        )
    }

    @Test("a new peer gets no name and no address that a plain peer has")
    func taken() throws {
        try Home.temporary { home, _ in
            let keys = [PrivateKey().publicKey, PrivateKey().publicKey]
            var configuration = try file([(keys[0], "10.8.0.2, 192.168.7.0/24"), (keys[1], "10.8.0.4/30")])
            configuration.peers[0].label = "alice"
            let hub = try take(configuration, into: home)
            #expect(try seal(IdentityKey().identity, in: hub).addresses == [IPAddress(10, 8, 0, 3)])
            #expect(try seal(IdentityKey().identity, in: hub).addresses == [IPAddress(10, 8, 0, 8)])
            for number: UInt8 in [1, 2, 6] {
                let address = IPAddress(10, 8, 0, number)
                #expect(throws: KeystoreError.addressTaken(address)) {
                    try seal(IdentityKey().identity, in: hub) { $0.addresses = [address] }
                }
            }
            let alice = try #require(Name("alice"))
            #expect(throws: KeystoreError.peerNameTaken(alice)) {
                try seal(IdentityKey().identity, in: hub) { $0.name = alice }
            }
            #expect(try hub.store.hubInterface(key: hub.key).peers.suffix(2).map(\.publicKey) == keys)
        }
    }

    @Test("a plain peer that gets an identity keeps its name and address, and is there once")
    func becomesPeer() throws {
        try Home.temporary { home, _ in
            let (peer, other) = (IdentityKey(), PrivateKey().publicKey)
            var configuration = try file([(peer.identity.wireGuardKey, "10.8.0.9"), (other, "10.8.0.2")])
            configuration.peers[0].label = "alice"
            let hub = try take(configuration, into: home)
            let record = try seal(peer.identity, in: hub)
            #expect(record.name.description == "alice")
            #expect(record.addresses == [IPAddress(10, 8, 0, 9)])
            #expect(try hub.store.plainPeers().map(\.publicKey) == [other])
            let keys = [peer.identity.wireGuardKey, other]
            #expect(try hub.store.hubInterface(key: hub.key).peers.map(\.publicKey) == keys)
            // The last one takes the file with it.
            try hub.store.replacePlainPeers([])
            #expect(try hub.store.plainPeers().map(\.publicKey) == [])
        }
    }

    @Test("a plain peer that a process left which died while it sealed to it is not looked at")
    func leftOver() throws {
        try Home.temporary { home, _ in
            let peer = IdentityKey()
            let hub = try take(file([(peer.identity.wireGuardKey, "10.8.0.9")]), into: home)
            let left = try hub.store.plainPeers()
            let record = try seal(peer.identity, in: hub)
            try hub.store.replacePlainPeers(left)
            #expect(try hub.store.hubInterface(key: hub.key).peers.count == 1)
            #expect(try seal(peer.identity, in: hub).addresses == record.addresses)
            #expect(try hub.store.plainPeers().isEmpty)
        }
    }

    @Test("a plain peer that the hub reaches a network through gets no bundle, which would cut that off")
    func keepsRange() throws {
        try Home.temporary { home, _ in
            let peer = IdentityKey()
            let hub = try take(file([(peer.identity.wireGuardKey, "10.8.0.9, 192.168.7.0/24")]), into: home)
            let name = try #require(try hub.store.plainPeers().first?.name)
            let block = try #require(IPPrefix("192.168.7.0/24"))
            #expect(throws: KeystoreError.plainPeerKeeps(name, block)) {
                try seal(peer.identity, in: hub)
            }
            #expect(try hub.store.peers().isEmpty && hub.store.lastSerial() == 0)
        }
    }

    @Test("a hub's address without a range gives its peers none")
    func withoutRange() throws {
        try Home.temporary { home, _ in
            let hub = try take(file([], address: "10.9.0.1, 10.8.0.1/24, 10.8.0.2/24"), into: home)
            let addresses = try seal(IdentityKey().identity, in: hub).addresses
            #expect(addresses == [IPAddress(10, 8, 0, 3), IPAddress(10, 8, 0, 4)])
        }
        try Home.temporary { home, _ in
            let hub = try take(file([], address: "10.9.0.1"), into: home)
            let range = try #require(IPPrefix("10.9.0.1"))
            #expect(throws: KeystoreError.noFreeAddress(range)) {
                try seal(IdentityKey().identity, in: hub)
            }
        }
    }

    @Test("a network that is there is not made again, and none gets the interface or the port of another")
    func conflicts() throws {
        try Home.temporary { home, _ in
            let configuration = try file([])
            _ = try take(configuration, into: home)
            #expect(throws: KeystoreError.networkExists(name)) { _ = try take(configuration, into: home) }
            let second = try #require(Name("second"))
            for (link, port) in [("wg0", 1), ("wg1", 51_820)] as [(String, UInt16)] {
                let link = try #require(InterfaceName(link))
                #expect(throws: KeystoreError.networkClash(link, port: port, other: name)) {
                    try home.requireRoom(for: second, interface: link, listenPort: port)
                }
            }
            try home.requireRoom(for: second, interface: #require(InterfaceName("wg1")), listenPort: 1)
        }
    }

    @Test("an address that a plain peer was given by hand, and another peer has, stops the network")
    func sharedBlock() throws {
        try Home.temporary { home, path in
            let hub = try take(file([(PrivateKey().publicKey, "10.8.0.3")]), into: home)
            _ = try seal(IdentityKey().identity, in: hub)
            let text = "[Peer]\nPublicKey = \(PrivateKey().publicKey.base64)\nAllowedIPs = 10.8.0.2\n"
            let edited = Array(text.utf8)
            try hub.store.directory.replace("plain.conf", edited.span, mode: 0o600)
            let block = try #require(IPPrefix("10.8.0.2"))
            let file = "\(path)/networks/default/plain.conf"
            #expect(throws: KeystoreError.plainPeers(QuickError(file: file, line: nil, problem: .sharedBlock(block)))) {
                _ = try hub.store.hubInterface(key: hub.key)
            }
        }
    }

    @Test("a file of plain peers that is damaged, or that others may read, stops the network")
    func damaged() throws {
        try Home.temporary { home, path in
            let hub = try take(file([(PrivateKey().publicKey, "10.8.0.2")]), into: home)
            let file = "\(path)/networks/default/plain.conf"
            let peer = Array("[Peer]\n".utf8)
            try hub.store.directory.replace("plain.conf", peer.span, mode: 0o600)
            #expect(
                throws: KeystoreError.plainPeers(QuickError(file: file, line: 1, problem: .missing(key: "PublicKey")))
            ) { _ = try hub.store.hubInterface(key: hub.key) }
            try hub.store.directory.replace("plain.conf", peer.span, mode: 0o644)
            #expect(throws: KeystoreError.system(.insecure(path: file, reason: .mode(0o644)))) {
                _ = try hub.store.hubInterface(key: hub.key)
            }
        }
    }
}
