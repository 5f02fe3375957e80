import Crypto
import Foundation
import Planning
import TestSupport
import Testing
import Tunnel
import WireGuard

extension BackendKind {
    /// The backends that are to be tested for real on this host, which makes links and namespaces in its network.
    ///
    /// So there are none unless `WGSEAL_TEST_BACKENDS` names them: `kernel`, `userspace`, or both with a space between
    /// them. That is a consent to give on a host that is thrown away.
    static let underTest: [BackendKind] = {
        let words = ProcessInfo.processInfo.environment["WGSEAL_TEST_BACKENDS"] ?? ""
        return words.split(separator: " ").map { word in
            guard let kind = BackendKind(rawValue: String(word)) else { fatalError("no backend \(word)") }
            return kind
        }
    }()
}

extension TestTunnel {
    /// What both the backend and `wg` say of the device, or a failure where they differ.
    func agreed(in place: Place = .here) async throws -> DeviceDump {
        let dump = try await place.device(name)
        #expect(try backend.state().differences(from: dump.state) == [])
        return dump
    }
}

extension PresharedKey {
    /// The key whose bytes are all the same.
    static func sample(_ byte: UInt8) throws -> PresharedKey {
        try PresharedKey(SecretBytes(copying: [UInt8](repeating: byte, count: 32).span))
    }
}

extension PeerUpdate {
    /// A whole peer whose key follows from a number, and so do its addresses unless they are given.
    static func sample(
        _ number: Int,
        endpoint: String? = nil,
        keepalive: UInt16 = 0,
        presharedKey: UInt8? = nil,
        addresses: [String]? = nil
    ) throws -> PeerUpdate {
        var random = SplitMix64(seed: UInt64(number))
        // Without the top bit, which no key has.
        let bytes = Bytes32((random.bytes(count: 31) + [0x55]).span)
        let addresses =
            addresses ?? ["10.0.\(number / 250).\(number % 250)/32", "fd00::\(String(number, radix: 16))/128"]
        return PeerUpdate(
            publicKey: try PublicKey(try #require(bytes)),
            presharedKey: try presharedKey.map { .set(try .sample($0)) } ?? .remove,
            endpoint: try endpoint.map { try #require(SocketAddress($0)) },
            keepaliveSeconds: keepalive,
            replacesAllowedAddresses: true,
            allowedAddresses: try addresses.map { try #require(IPPrefix($0)) }
        )
    }
}

extension PeerState {
    /// A peer as it is after a whole update of a device that did not have it.
    init(_ peer: PeerUpdate) {
        self.init(
            publicKey: peer.publicKey,
            endpoint: peer.endpoint,
            keepaliveSeconds: peer.keepaliveSeconds == 0 ? nil : peer.keepaliveSeconds,
            allowedAddresses: peer.allowedAddresses
        )
    }
}

extension DeviceState {
    init(publicKey: PublicKey?, listenPort: UInt16, peers: [PeerUpdate]) {
        self.init(publicKey: publicKey, listenPort: listenPort, peers: peers.map(PeerState.init))
    }
}
