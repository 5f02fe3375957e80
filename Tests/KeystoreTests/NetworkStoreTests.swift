import Crypto
import PeerBundle
import SystemIO
import TestSupport
import Testing
import WireGuard

@testable import Keystore

@Suite("Network store")
struct NetworkStoreTests {
    private let name = Network.defaultName

    private func create(
        _ home: borrowing Home,
        _ name: Name,
        besides routes: [String] = []
    ) throws -> Network {
        try home.createNetwork(name, besides: routes.compactMap { IPPrefix($0) }, hostName: "Hub-1.example\n").network
    }

    @Test("a new network has the documented defaults")
    func defaults() throws {
        try Home.temporary { home, path in
            #expect(throws: KeystoreError.noNetwork(name, home: path)) { _ = try home.network(name) }
            let network = try create(home, name)
            #expect(network.interface.description == "wg-tunnel")
            #expect(network.addresses.map(\.description) == ["10.0.0.1/24"])
            #expect(network.listenPort == 51_820)
            #expect(network.keepaliveSeconds == 25)
            #expect(network.hubName.description == "hub-1")
            #expect(try home.network(name).network == network)
            #expect(try home.network(name).lastSerial() == 0)
            #expect(try home.networkNames() == [name])
        }
    }

    @Test("creating it again opens it")
    func again() throws {
        try Home.temporary { home, _ in
            let network = try create(home, name)
            #expect(try create(home, name, besides: ["10.0.0.0/24"]) == network)
        }
    }

    @Test("a second network overlaps neither the routes nor the first, and has a port of its own")
    func second() throws {
        try Home.temporary { home, _ in
            _ = try create(home, name)
            let secondName = try #require(Name("second"))
            let second = try create(home, secondName, besides: ["10.0.1.0/24"])
            #expect(second.addresses.map(\.description) == ["10.0.2.1/24"])
            #expect(second.listenPort == 51_821)
            #expect(second.interface.description == "wg-second")
            let tunnel = try create(home, try #require(Name("tunnel")))
            #expect(tunnel.interface.description == "wg-tunnel-2")
        }
    }

    @Test("what a process left that died while it made the network is completed, and keeps its root")
    func completes() throws {
        try Home.temporary { home, _ in
            _ = try create(home, name)
            let root = try home.network(name).presharedKeyRoot().withBytes { bytes in bytes.indices.map { bytes[$0] } }
            try home.networkDirectory(name, creating: false).remove("network.conf")
            _ = try create(home, name)
            let again = try home.network(name).presharedKeyRoot().withBytes { bytes in bytes.indices.map { bytes[$0] } }
            #expect(root == again)
        }
    }

    @Test(
        "a network that lost a file is not used, and not made anew",
        arguments: ["serial", "preshared.key", "network.conf"]
    )
    func lostFile(file: String) throws {
        try Home.temporary { home, path in
            let key = IdentityKey()
            try home.createIdentity(.plain(key), now: now)
            _ = try create(home, name)
            try seal(home, key)
            try home.networkDirectory(name, creating: false).remove(file)
            #expect(throws: KeystoreError.incompleteNetwork(path: "\(path)/networks/default/\(file)")) {
                try seal(home, key)
            }
        }
    }

    private func seal(_ home: borrowing Home, _ key: IdentityKey) throws {
        var request = EnrolmentRequest(identity: IdentityKey().identity)
        request.endpoints = [try #require(Endpoint("192.0.2.1", defaultPort: 51_820))]
        let store = try home.createNetwork(name, besides: [], hostName: "hub")
        _ = try store.seal(
            request,
            NetworkStore.Sealing(key: key, defaultEndpoint: nil, now: now, lifetimeSeconds: 86_400)
        )
    }

    @Test("records are read back as they were written")
    func roundTrips() throws {
        let range = try #require(IPPrefix("fd00::/64"))
        var network = try #require(
            Network(
                name: name,
                interface: InterfaceName(network: name),
                ranges: [range],
                listenPort: 7,
                hostName: ""
            )
        )
        network.mtu = 1400
        network.keepaliveSeconds = nil
        network.endpoints = ["a.example:7", "[2001:db8::1]:8"].compactMap { Endpoint($0, defaultPort: 7) }
        #expect(try Network(name: name, record: network.record, file: "f") == network)

        var peer = PeerRecord(
            name: name,
            identity: IdentityKey().identity,
            addresses: [IPAddress(10, 0, 0, 2)],
            salt: Salt(),
            created: now,
            serial: 9
        )
        peer.endpoints = network.endpoints
        peer.routes = ["10.1.0.0/16", "::/0"].compactMap { IPPrefix($0) }
        peer.services = ["web:80", "dns:53/udp"].compactMap { ServiceRequest($0) }
        peer.notAfter = now
        peer.isInMesh = true
        peer.ownEndpoints = network.endpoints
        peer.note = Note("Anna's, 2nd floor")
        #expect(peer.note != nil)
        peer.container = ContainerRequest(reference: "nginx@sha256:" + String(repeating: "0f", count: 32))
        #expect(peer.container != nil)
        #expect(try PeerRecord(name: name, record: peer.record, file: "f") == peer)
        let revoked = RevokedPeer(peer, revoked: now)
        #expect(try RevokedPeer(record: revoked.record, file: "f") == revoked)

        let issuer = TrustedIssuer(
            name: name,
            identity: IdentityKey().identity,
            limits: IssuerLimits(
                shortestPrefixLengthV4: 0,
                shortestPrefixLengthV6: 128,
                allowsDefaultRoute: true,
                allowedImages: ["nginx", "ghcr.io/acme/*"].compactMap { ImagePattern($0) }
            ),
            added: now
        )
        #expect(try TrustedIssuer(name: name, record: issuer.record, file: "f") == issuer)
    }
}
