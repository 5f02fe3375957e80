import CommandSupport
import Crypto
import Tunnel
import WireGuard

/// Looks at the device while a tunnel is up, and says what changes.
struct PeerWatch: Sendable {
    private let device: any TunnelBackend
    private let peers: [PeerConfiguration]
    private let byKey: [PublicKey: PeerConfiguration]
    private let diagnostics: Diagnostics

    init(_ device: any TunnelBackend, _ interface: InterfaceConfiguration, diagnostics: Diagnostics) {
        self.device = device
        peers = interface.peers
        byKey = Dictionary(peers.map { ($0.publicKey, $0) }) { first, _ in first }
        self.diagnostics = diagnostics
    }

    /// The names of all peers, for people.
    var peerNames: String { peers.map(\.name.description).joined(separator: ", ") }

    /// Names each peer when its first handshake is there, until the task is cancelled.
    ///
    /// - Parameter wasUp: Whether those that have been heard of already were named by somebody else.
    /// - Throws: `CancellationError`.
    func nameEachPeerOnce(wasUp: Bool) async throws {
        var seen = Set(wasUp ? peerStates.filter { $0.latestHandshake != nil }.map(\.publicKey) : [])
        let clock = ContinuousClock()
        while true {
            let start = clock.now
            for state in peerStates where state.latestHandshake != nil {
                if seen.insert(state.publicKey).inserted { announce(state) }
            }
            // To look at ten thousand peers takes a while; it should not take more than a hundredth of a core.
            try await Task.sleep(for: max(Duration.seconds(1), (clock.now - start) * 100))
        }
    }

    /// When any peer was last heard of; `nil` for never.
    var latestHandshake: UnixTime? { peerStates.compactMap(\.latestHandshake).max() }

    // To look is never a reason to take a tunnel down: a device that is busy answers the next time, and who waits for the
    // device to end says so if it has.
    private var peerStates: [PeerState] { (try? device.state())?.peers ?? [] }

    private func announce(_ state: PeerState) {
        guard let peer = byKey[state.publicKey] else { return }
        let addresses = peer.allowedAddresses.map(\.address.description).joined(separator: ", ")
        let origin = state.endpoint.map { " from \($0)" } ?? ""
        diagnostics.say("peer \(peer.name) (\(addresses)) connected\(origin)")
    }

    /// Waits for the first handshake, and calls the peer's endpoints in turn until then.
    ///
    /// - Returns: How long it took.
    func waitForHandshake(since start: ContinuousClock.Instant) async throws -> Duration {
        let clock = ContinuousClock()
        var attempt = 0
        var nextAttempt = start + Self.patience
        var isWarned = false
        while true {
            let isAnswered = peerStates.contains { $0.latestHandshake != nil }
            try Task.checkCancellation()
            if isAnswered { return clock.now - start }
            if clock.now >= nextAttempt {
                attempt += 1
                nextAttempt += Self.patience
                callNextEndpoint(attempt)
            }
            if !isWarned, clock.now - start > .seconds(15) {
                isWarned = true
                diagnostics.note("no answer yet; is 'wgup server' running there, and does its UDP port let packets in?")
            }
            try await Task.sleep(for: .milliseconds(isWarned ? 500 : 20))
        }
    }

    /// Does nothing until its task ends.
    func waitForEver() async throws {
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    // WireGuard repeats an unanswered handshake every 5 seconds; an endpoint gets two of them.
    private static let patience = Duration.seconds(10)

    private func callNextEndpoint(_ attempt: Int) {
        for peer in peers {
            let endpoints = peer.endpoints.compactMap(\.socketAddress)
            guard endpoints.count > 1 else { continue }
            // A device that is busy is called the next time, as in `peerStates`.
            let update = PeerUpdate(
                publicKey: peer.publicKey,
                isUpdateOnly: true,
                endpoint: endpoints[attempt % endpoints.count]
            )
            try? device.apply(DeviceChange(peers: [update]))
        }
    }
}

extension Duration {
    /// Whole milliseconds, for people.
    var inMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
