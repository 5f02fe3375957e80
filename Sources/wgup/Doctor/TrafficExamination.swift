import CommandSupport
import Crypto
import Planning
import Probes
import SystemIO
import Tunnel
import WireGuard

/// Looks for what is wrong with the packets of a tunnel that is up: asks its peers for echoes, and where one is missing,
/// watches what WireGuard says to whom.
struct TrafficExamination: ~Copyable {
    /// What was found.
    enum Outcome: Sendable {
        case well(String)
        case wrong(Diagnosis)
    }

    /// A peer with an address that only it has.
    private struct Peer: Sendable {
        let name: Name
        let address: IPAddress
        let state: PeerState

        func isAnswered(_ answers: [IPAddress: Duration]) -> Bool { answers[address] != nil }

        /// Whether it was called again after it had not answered.
        func isCalledInVain(_ record: CallRecord) -> Bool {
            state.endpoint.map { record.unansweredCount(of: $0) > 1 } ?? false
        }
    }

    private let role: Role
    private let port: UInt16
    private let mtu: Int
    private let backend: any TunnelBackend
    private let diagnostics: Diagnostics
    private var echoes: EchoProbe
    /// All that have an address that can be asked.
    private let peers: [Peer]
    /// Those that should answer: of a client its hub, and whoever else was heard of lately.
    private let expected: [Peer]
    /// That of a hub; a client calls from whichever is free.
    private var knownPort: UInt16? { role == .server ? port : nil }

    /// Prepares to look.
    ///
    /// - Parameters:
    ///   - journal: The tunnel's.
    ///   - notes: Of its peers.
    ///   - link: As it is now.
    ///   - backend: What carries its packets; the UDP port is in the network namespace of this process.
    ///   - namespace: Where the link is.
    ///   - diagnostics: Says what takes time.
    /// - Throws: What `socket(2)` reports.
    init(
        journal: Journal,
        notes: PeerNotes,
        link: ObservedState.Link,
        backend: any TunnelBackend,
        namespace: borrowing NetworkNamespace,
        diagnostics: Diagnostics
    ) throws {
        let now = WallClock.now()
        let known = notes.byKey
        let peers = link.device.peers.compactMap { state -> Peer? in
            guard let name = known[state.publicKey]?.name,
                let block = state.allowedAddresses.first(where: { $0.length == $0.address.family.bitCount })
            else { return nil }
            return Peer(name: name, address: block.address, state: state)
        }
        let hub = notes.peers.first { $0.fingerprint != nil && $0.fingerprint == journal.tunnel.issuer }?.publicKey
        role = journal.tunnel.role
        port = link.device.listenPort
        mtu = link.mtu
        self.backend = backend
        self.diagnostics = diagnostics
        self.peers = peers
        expected = peers.filter { $0.state.publicKey == hub || $0.state.isFresh(now: now) }
        echoes = try namespace.run { () throws(SystemError) in try EchoProbe() }.get()
    }

    /// Looks; takes a moment if all is well, and up to half a minute if not.
    mutating func outcome() throws -> Outcome {
        let before = try device()
        var answers = try echoes(from: expected.map(\.address), byteCount: EchoProbe.minimumByteCount)
        let silent = expected.filter { answers[$0.address] == nil }
        let strangers = role == .server && (peers.isEmpty || peers.count > expected.count)
        if !silent.isEmpty || strangers {
            if let diagnosis = try watch(silent, since: before, &answers) { return .wrong(diagnosis) }
        }
        let reached = expected.filter { answers[$0.address] != nil }
        if let diagnosis = try sizes(reached) { return .wrong(diagnosis) }
        return .well(words(reached, answers))
    }

    private func words(_ reached: [Peer], _ answers: [IPAddress: Duration]) -> String {
        guard let first = reached.first, let time = answers[first.address] else {
            guard !peers.isEmpty else { return "nothing is wrong; it has no peers to ask" }
            guard let peer = expected.first else { return "nothing is wrong; none of its peers has called lately" }
            return "nothing is wrong here, but \(peer.name) has ceased to answer: run 'wgup doctor' there"
        }
        let who = peers.count == 1 ? "\(first.name) answers" : "\(reached.count) of \(peers.count) peers answer"
        let slowest = reached.compactMap { answers[$0.address] }.max() ?? time
        return "nothing is wrong; \(who) within \(slowest.inMilliseconds + 1) ms, to packets of up to \(mtu) bytes"
    }

    private func device() throws(TunnelError) -> [PublicKey: PeerState] {
        Dictionary(try backend.state().peers.map { ($0.publicKey, $0) }) { first, _ in first }
    }

    /// Asks in groups, so that a link with many peers is not flooded; who does not answer is asked twice.
    private mutating func echoes(
        from addresses: [IPAddress],
        byteCount: Int
    ) throws(SystemError) -> [IPAddress: Duration] {
        var answers: [IPAddress: Duration] = [:]
        for start in stride(from: 0, to: addresses.count, by: 128) {
            for _ in 1...2 {
                let group = addresses[start..<min(start + 128, addresses.count)].filter { answers[$0] == nil }
                let more = try echoes.answers(
                    from: group,
                    packetByteCount: byteCount,
                    within: .milliseconds(700)
                )
                answers.merge(more) { first, _ in first }
            }
        }
        return answers
    }
}

extension TrafficExamination {
    /// Watches the port until it is clear why peers are silent, or there is nothing more to wait for.
    private mutating func watch(
        _ silent: [Peer],
        since before: [PublicKey: PeerState],
        _ answers: inout [IPAddress: Duration]
    ) throws -> Diagnosis? {
        for peer in silent { if let diagnosis = try obstacle(to: peer) { return diagnosis } }
        let patience = silent.isEmpty ? Self.patienceWithStrangers : Self.patience
        diagnostics.say("watching UDP port \(port) for up to \(patience.components.seconds) s")
        let watch = try HandshakeWatch(port: port)
        let clock = ContinuousClock()
        let start = clock.now
        var record = CallRecord()
        var silent = silent
        var confirmations = silent.map { Confirmations(since: before[$0.state.publicKey] ?? $0.state) }
        while clock.now - start < patience {
            for sighting in try watch.sightings(within: .milliseconds(100)) {
                record.note(sighting, at: clock.now - start)
            }
            if let obstacle = record.obstacle(at: clock.now - start) { return try diagnosis(for: obstacle) }
            guard !silent.isEmpty else { continue }
            // It also makes WireGuard call them.
            let more = try echoes.answers(
                from: silent.map(\.address),
                packetByteCount: EchoProbe.minimumByteCount,
                within: .milliseconds(400)
            )
            answers.merge(more) { first, _ in first }
            let states = try device()
            for (index, peer) in silent.enumerated() where answers[peer.address] == nil {
                guard let state = states[peer.state.publicKey] else { continue }
                confirmations[index].note(state, record)
                if confirmations[index].areEnough {
                    return .allowedAddressMismatch(peer.name, peer.address, seenBy: role)
                }
            }
            if role == .client, silent.allSatisfy({ $0.isAnswered(answers) || $0.isCalledInVain(record) }) { break }
        }
        silent.removeAll { $0.isAnswered(answers) }
        if role == .client { return silent.first.map { .noAnswer($0.name, at: $0.state.endpoint, nil) } }
        let isNew = !peers.isEmpty && peers.allSatisfy { $0.state.latestHandshake == nil }
        return isNew && !record.hasArrivals ? .noCall(port: port) : nil
    }

    // Who hears packets and has nothing to say confirms them every ten seconds, and who does not is called again after
    // fifteen (WireGuard's `Keepalive-Timeout` and `Rekey-Timeout`).
    private static let patience = Duration.seconds(22)
    // Who calls in vain calls again every five seconds.
    private static let patienceWithStrangers = Duration.milliseconds(6500)

    /// What a single datagram to a peer meets.
    private func obstacle(to peer: Peer) throws -> Diagnosis? {
        guard let endpoint = peer.state.endpoint else { return nil }
        // The peers of a hub may be away; nobody waits for what their hosts say.
        switch try PortProbe.send(from: port, to: endpoint, within: role == .client ? .milliseconds(300) : .zero) {
        case .filtered: return .udpBlocked(.outgoing(to: endpoint, port: knownPort))
        case .refused where role == .client: return .noAnswer(peer.name, at: endpoint, .refused)
        case .unreachable where role == .client: return .noAnswer(peer.name, at: endpoint, .unreachable)
        case .silence, .refused, .unreachable: return nil
        }
    }

    private func diagnosis(for obstacle: CallRecord.Obstacle) throws -> Diagnosis {
        switch obstacle {
        case .filteredCall(let peer), .filteredAnswer(let peer):
            return .udpBlocked(.incoming(from: peer, port: knownPort))
        case .unanswered(let caller):
            // An answer that the packet filter does not let out is not seen either.
            let outcome = try PortProbe.send(from: port, to: caller, within: .zero)
            return outcome == .filtered
                ? .udpBlocked(.outgoing(to: caller, port: knownPort)) : .wrongPeerKey(caller: caller)
        }
    }

    /// Whether packets as large as the link takes get through.
    private mutating func sizes(_ reached: [Peer]) throws -> Diagnosis? {
        let answers = try echoes(from: reached.map(\.address), byteCount: mtu)
        guard let peer = reached.first(where: { answers[$0.address] == nil }) else { return nil }
        guard try has(peer, packetsOf: Self.smallestMTU) else { return .mtuBlackHole(peer.name, mtu: mtu, fits: nil) }
        var (fits, lost) = (Self.smallestMTU, mtu)
        while lost - fits > 1 {
            let middle = (fits + lost) / 2
            if try has(peer, packetsOf: middle) { fits = middle } else { lost = middle }
        }
        return .mtuBlackHole(peer.name, mtu: mtu, fits: fits)
    }

    /// Whether a peer answers packets of this size.
    private mutating func has(_ peer: Peer, packetsOf byteCount: Int) throws(SystemError) -> Bool {
        try !echoes(from: [peer.address], byteCount: byteCount).isEmpty
    }

    // The least that IPv6 asks of a link, and what `mtu` of a network may be.
    private static let smallestMTU = 1280
}

extension PeerState {
    /// Whether it was heard of within the life of a session.
    fileprivate func isFresh(now: UnixTime) -> Bool {
        latestHandshake.map { now.seconds(since: $0) <= TunnelStatus.longestSilence } ?? false
    }
}

/// What shows that a peer hears this host, though nothing comes out of the tunnel: WireGuard's confirmations of packets to
/// which there is no reply, or a new session.
///
/// A peer that sends anything of its own sends no confirmations, and what it sends says nothing about what it hears.
private struct Confirmations {
    private var latest: PeerState
    private var handshakeByteCount: UInt64 = 0
    private var count = 0
    private var isTalkative = false
    private let firstHandshake: UnixTime?

    init(since state: PeerState) {
        latest = state
        firstHandshake = state.latestHandshake
    }

    /// Adds what the device reports after some packets more.
    mutating func note(_ state: PeerState, _ record: CallRecord) {
        let received = state.receivedByteCount &- latest.receivedByteCount
        let handshakes = state.endpoint.map { record.deliveredByteCount(from: $0) } ?? 0
        switch received &- (handshakes &- handshakeByteCount) {
        case 0: break
        case Self.keepaliveByteCount: count += 1
        default: isTalkative = true
        }
        handshakeByteCount = handshakes
        latest = state
    }

    /// Whether there were two, which nobody's persistent keepalives come to in that time unless they are set to less than
    /// their usual 25 seconds.
    var areEnough: Bool { count >= 2 && !isTalkative }

    // A transport message without content (the WireGuard paper, 5.4.6).
    private static let keepaliveByteCount: UInt64 = 32
}
