import Crypto
import PeerBundle
import SystemIO
import Testing
import WireGuard

@testable import Keystore

@Suite("Enrolment")
struct EnrolmentTests {
    private let network: Network
    private let hub: IdentityKey
    private let root = PresharedKeyRoot()

    init() throws {
        let name = try #require(Name("default"))
        let range = try #require(IPPrefix("10.0.0.0/24"))
        network = try #require(
            Network(
                name: name,
                interface: InterfaceName(network: name),
                ranges: [range],
                listenPort: 51_820,
                hostName: "hub"
            )
        )
        hub = try .fixed(seed: 1, wireGuard: 1)
    }

    private func peer(_ request: EnrolmentRequest, among peers: [PeerRecord] = []) throws -> PeerRecord {
        var index = PeerIndex()
        for peer in peers { index.put(peer, FileVersion(inode: 1, modified: 1)) }
        var enrolment = Enrolment(network, hub: hub.identity, index: index, now: now)
        let entry = try enrolment.known(request)
        return try enrolment.peer(
            for: request,
            known: peers.first { $0.identity == entry?.identity },
            serial: 1,
            notAfter: now,
            now: now
        ) { name in peers.contains { $0.name == name } }
    }

    @Test("a new peer is called by the start of its fingerprint, by more of it where that is taken")
    func names() throws {
        let identity = try IdentityKey.fixed(seed: 2, wireGuard: 2).identity
        let fingerprint = identity.fingerprint.description.lowercased().replacing("-", with: "")
        #expect(try peer(EnrolmentRequest(identity: identity)).name.description == "peer-\(fingerprint.prefix(5))")

        var other = EnrolmentRequest(identity: try IdentityKey.fixed(seed: 3, wireGuard: 3).identity)
        other.name = Name("peer-\(fingerprint.prefix(5))")
        let namesake = try peer(other)
        #expect(
            try peer(EnrolmentRequest(identity: identity), among: [namesake]).name.description
                == "peer-\(fingerprint.prefix(6))"
        )
    }

    @Test("a known peer keeps name, address, salt and what was set for it")
    func known() throws {
        var request = EnrolmentRequest(identity: try IdentityKey.fixed(seed: 2, wireGuard: 2).identity)
        request.addresses = [IPAddress(10, 0, 0, 77)]
        request.routes = [try #require(IPPrefix("192.168.0.0/16"))]
        let first = try peer(request)
        let again = try peer(EnrolmentRequest(identity: request.identity), among: [first])
        #expect(again == first)
    }

    @Test("an identity with the WireGuard key of another peer, or of the hub, is refused")
    func stolenKey() throws {
        let victim = try peer(EnrolmentRequest(identity: try IdentityKey.fixed(seed: 2, wireGuard: 2).identity))
        let thief = EnrolmentRequest(identity: try IdentityKey.fixed(seed: 3, wireGuard: 2).identity)
        #expect(throws: KeystoreError.wireGuardKeyTaken(victim.name)) { try peer(thief, among: [victim]) }
        let impostor = EnrolmentRequest(identity: try IdentityKey.fixed(seed: 3, wireGuard: 1).identity)
        #expect(throws: KeystoreError.wireGuardKeyTaken(network.hubName)) { try peer(impostor) }
    }

    @Test("a full range has no address left")
    func full() throws {
        let peers = try (2...254 as ClosedRange<UInt8>).map { number in
            var request = EnrolmentRequest(identity: IdentityKey().identity)
            request.name = Name("p\(number)")
            var peer = try peer(request)
            peer.addresses = [IPAddress(10, 0, 0, number)]
            return peer
        }
        let range = try #require(IPPrefix("10.0.0.0/24"))
        #expect(throws: KeystoreError.noFreeAddress(range)) {
            try peer(EnrolmentRequest(identity: IdentityKey().identity), among: peers)
        }
    }

    @Test("the hub's interface and the peer's bundle fit together")
    func fit() throws {
        let client = try IdentityKey.fixed(seed: 2, wireGuard: 2)
        let record = try peer(EnrolmentRequest(identity: client.identity))
        let bundle = try network.bundle(
            for: record,
            hub: hub.identity,
            root: root,
            endpoints: [try #require(Endpoint("192.0.2.1", defaultPort: 51_820))],
            created: now,
            notAfter: now.adding(seconds: 60)
        )
        var index = PeerIndex()
        index.put(record, FileVersion(inode: 1, modified: 1))
        let entry = try #require(index.entry(of: record.identity.wireGuardKey))
        let ours = entry.configuration(hub: hub.identity.wireGuardKey, root: root)
        let theirs = try #require(bundle.peers.first)
        #expect(ours.publicKey == client.identity.wireGuardKey)
        #expect(theirs.publicKey == hub.identity.wireGuardKey)
        #expect(ours.allowedAddresses == bundle.addresses.map { IPPrefix(single: $0.address) })
        #expect(theirs.allowedAddresses == network.addresses.map { IPPrefix(single: $0.address) })
        #expect(theirs.keepaliveSeconds == 25)
        let keys = [ours, theirs].map { $0.presharedKey?.withBytes { bytes in bytes.indices.map { bytes[$0] } } }
        #expect(keys[0] != nil)
        #expect(keys[0] == keys[1])
    }
}
