import CommandSupport
import Crypto
import SystemIO
import Tunnel
import WireGuard

/// Looks at the device while a tunnel is up, says what changes, and calls peers that are silent.
struct PeerWatch: Sendable {
    private let device: any TunnelBackend
    private let request: TunnelRequest
    private let reached: ReachedPeers
    private let diagnostics: Diagnostics

    /// Looks at a tunnel that is up.
    init(_ report: Applier.Report, diagnostics: Diagnostics) {
        self.init(report.backend, report.request, report.reached, diagnostics: diagnostics)
    }

    /// Looks at a tunnel that comes up.
    init(_ device: any TunnelBackend, _ request: TunnelRequest, _ reached: ReachedPeers, diagnostics: Diagnostics) {
        self.device = device
        self.request = request
        self.reached = reached
        self.diagnostics = diagnostics
    }

    private var peers: [PeerConfiguration] { request.interface.peers }

    /// The names of all peers, for people.
    var peerNames: String { peers.map(\.name.description).joined(separator: ", ") }

    /// Names each peer when its first handshake is there, until the task is cancelled.
    ///
    /// - Parameter wasUp: Whether those that have been heard of already were named by somebody else.
    /// - Throws: `CancellationError`.
    func nameEachPeerOnce(wasUp: Bool) async throws {
        let byKey = Dictionary(peers.map { ($0.publicKey, $0) }) { first, _ in first }
        var seen = Set(wasUp ? peerStates.filter { $0.latestHandshake != nil }.map(\.publicKey) : [])
        let clock = ContinuousClock()
        var interval = Duration.milliseconds(50)
        while true {
            let start = clock.now
            for state in peerStates where state.latestHandshake != nil {
                if seen.insert(state.publicKey).inserted, let peer = byKey[state.publicKey] { announce(peer, state) }
            }
            // To look at ten thousand peers takes a while; it should not take more than a hundredth of a core.
            try await Task.sleep(for: max(interval, (clock.now - start) * 100))
            // Peers call a hub that was away at once.
            interval = min(interval * 2, .seconds(1))
        }
    }

    /// When any peer was last heard of; `nil` for never.
    var latestHandshake: UnixTime? { peerStates.compactMap(\.latestHandshake).max() }

    // To look is never a reason to take a tunnel down: a device that is busy answers the next time, and who waits for the
    // device to end says so if it has.
    private var peerStates: [PeerState] {
        let states = (try? device.state())?.peers ?? []
        reached.note(states)
        return states
    }

    private func announce(_ peer: PeerConfiguration, _ state: PeerState) {
        let addresses = peer.allowedAddresses.map(\.address.description).joined(separator: ", ")
        let origin = state.endpoint.map { " from \($0)" } ?? ""
        diagnostics.say("peer \(peer.name) (\(addresses)) connected\(origin)")
    }

    /// Waits for the first handshake, and calls the peer's endpoints in turn until then.
    ///
    /// - Parameters:
    ///   - start: When handshakes began.
    ///   - limit: `nil` waits for ever.
    /// - Returns: How long it took; `nil` after the limit.
    /// - Throws: `CancellationError`.
    func waitForHandshake(since start: ContinuousClock.Instant, within limit: Duration? = nil) async throws -> Duration?
    {
        let clock = ContinuousClock()
        var attempt = 0
        var nextAttempt = start + Self.patience
        var isWarned = false
        var nextProgress = start + .seconds(1)
        while true {
            let isAnswered = peerStates.contains { $0.latestHandshake != nil }
            try Task.checkCancellation()
            if isAnswered { return clock.now - start }
            if let limit, clock.now - start >= limit { return nil }
            if clock.now >= nextAttempt {
                attempt += 1
                nextAttempt += Self.patience
                await call(peers.map(\.publicKey), attempt)
            }
            if !isWarned, clock.now - start > .seconds(15) {
                isWarned = true
                diagnostics.note("no answer yet; is 'wgup server' running there, and does its UDP port let packets in?")
            }
            if clock.now >= nextProgress {
                nextProgress += .seconds(1)
                diagnostics.progress("calling \(peerNames) for \((clock.now - start).components.seconds) s")
            }
            try await Task.sleep(for: .milliseconds(isWarned ? 500 : 20))
        }
    }

    // WireGuard repeats an unanswered handshake every 5 seconds; an endpoint gets two of them.
    private static let patience = Duration.seconds(10)
}

extension PeerWatch {
    /// Calls peers that do not answer any more at all their endpoints in turn, whose names are looked up again, until the
    /// task is cancelled.
    ///
    /// A peer that answers is left where it is, even if it has moved to an address that nobody has written down.
    ///
    /// - Throws: `CancellationError`.
    func keepReachable() async throws {
        var silences: [PublicKey: Silence] = [:]
        while true {
            try await Task.sleep(for: Self.patience)
            for state in peerStates {
                var silence = silences[state.publicKey] ?? Silence(since: state)
                if silence.isOver(state) {
                    if silence.attempt > 0 { say(state, "answers again") }
                    silence = Silence(since: state)
                } else if silence.isTooLong(state) {
                    if silence.attempt == 0 { say(state, "does not answer any more; looking for it") }
                    await call([state.publicKey], silence.attempt)
                    silence.attempt += 1
                }
                silences[state.publicKey] = silence
            }
        }
    }

    private func say(_ state: PeerState, _ words: String) {
        guard let peer = peers.first(where: { $0.publicKey == state.publicKey }) else { return }
        ServiceManager.notify(.status("\(peer.name) \(words)"))
        diagnostics.note("\(peer.name) \(words)")
    }

    private func call(_ keys: [PublicKey], _ attempt: Int) async {
        // Names may take as long as the resolver does.
        let endpoints = await BlockingCall.run { [request] in request.currentEndpoints() }
        let updates = keys.compactMap { key -> PeerUpdate? in
            guard let addresses = endpoints[key], !addresses.isEmpty else { return nil }
            return PeerUpdate(publicKey: key, isUpdateOnly: true, endpoint: addresses[attempt % addresses.count])
        }
        // A device that is busy is told the next time, as in `peerStates`.
        if !updates.isEmpty { try? device.apply(DeviceChange(peers: updates)) }
    }
}

/// How long a peer has not answered.
private struct Silence {
    /// How often it was called elsewhere since then.
    var attempt = 0
    private let received: UInt64
    private let sent: UInt64
    private var lookCount = 0

    // Two of the handshakes that WireGuard sends every 5 seconds while nobody answers, 148 bytes each. Keepalive packets,
    // which nobody has to answer, do not come to that in the two minutes after which they begin a handshake.
    private static let fewBytes: UInt64 = 290

    init(since state: PeerState) { (received, sent) = (state.receivedByteCount, state.sentByteCount) }

    /// Whether anything has come since; a device that was made again counts from zero.
    func isOver(_ state: PeerState) -> Bool { state.receivedByteCount != received || state.sentByteCount < sent }

    /// Whether the peer should have answered by now, at another look some seconds after the last one.
    mutating func isTooLong(_ state: PeerState) -> Bool {
        lookCount += 1
        // What is sent just before a look cannot have been answered.
        return lookCount >= 2 && state.sentByteCount - sent > Self.fewBytes
    }
}

extension Duration {
    /// Whole milliseconds, for people.
    var inMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
