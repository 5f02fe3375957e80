import Crypto
import Planning
import Testing
import Tunnel
import WireGuard

/// As many peers as a network of this toolkit may come to have; see ``BackendContractTests``.
@Suite("Many peers", .serialized, .enabled(if: !BackendKind.underTest.isEmpty))
struct ManyPeersTests {
    @Test("a device has a thousand peers, and all their addresses", arguments: BackendKind.underTest)
    func thousand(kind: BackendKind) async throws { try await expectRoom(for: 1000, kind) }

    @Test("a device has ten thousand peers, and all their addresses", arguments: BackendKind.underTest)
    func tenThousand(kind: BackendKind) async throws { try await expectRoom(for: 10_000, kind) }
}

/// Requires that a device has so many peers and no others, also after one in ten has gone and one in ten has changed.
func expectRoom(for count: Int, _ kind: BackendKind) async throws {
    try await TestTunnel.with(kind) { tunnel in
        let key = PrivateKey()
        var peers = try (1...count).map { try PeerUpdate.sample($0) }
        func expectPeers() async throws {
            let expected = DeviceState(publicKey: key.publicKey, listenPort: 50_001, peers: peers)
            #expect(try await tunnel.agreed().state.differences(from: expected) == [])
        }
        try tunnel.backend.apply(
            DeviceChange(privateKey: key, listenPort: 50_001, replacesPeers: true, peers: peers)
        )
        try await expectPeers()

        let gone = Set(stride(from: 0, to: count, by: 10).map { peers[$0].publicKey })
        let changed = stride(from: 5, to: count, by: 10).map { index in
            peers[index].keepaliveSeconds = 25
            return PeerUpdate(publicKey: peers[index].publicKey, isUpdateOnly: true, keepaliveSeconds: 25)
        }
        try tunnel.backend.apply(DeviceChange(removedPeers: Array(gone), peers: changed))
        peers.removeAll { gone.contains($0.publicKey) }
        try await expectPeers()
    }
}
