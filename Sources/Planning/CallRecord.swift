package import WireGuard

/// What was seen of the handshakes at a port, and what that says.
package struct CallRecord: Sendable {
    /// What keeps a handshake from being made, as far as one end can see.
    package enum Obstacle: Hashable, Sendable {
        /// Calls arrive, and the packet filter does not let them in.
        case filteredCall(from: SocketAddress)
        /// Answers arrive, and the packet filter does not let them in.
        case filteredAnswer(from: SocketAddress)
        /// Calls are let in, and WireGuard does not answer.
        case unanswered(SocketAddress)
    }

    private struct Call {
        // Each since the record began.
        var initiation: Duration?
        var answer: Duration?
        var isInitiationDelivered = false
        var isAnswerDelivered = false
        var isAnswered = false
        // How often we have called since the last answer.
        var unansweredCount = 0
        var deliveredByteCount: UInt64 = 0
    }

    private var calls: [SocketAddress: Call] = [:]

    /// An empty record.
    package init() {}

    /// Whether anything has come from the wire.
    package var hasArrivals: Bool { calls.values.contains { $0.initiation != nil || $0.answer != nil } }

    /// Adds what was seen.
    ///
    /// - Parameters:
    ///   - sighting: In any order; a message is seen once at each stage that it comes to.
    ///   - time: Since the record began.
    package mutating func note(_ sighting: HandshakeSighting, at time: Duration) {
        var call = calls[sighting.remote] ?? Call()
        switch (sighting.stage, sighting.kind) {
        case (.arrived, .initiation): call.initiation = call.initiation ?? time
        case (.arrived, _): call.answer = call.answer ?? time
        case (.delivered, .initiation): call.isInitiationDelivered = true
        case (.delivered, _):
            call.isAnswerDelivered = true
            call.unansweredCount = 0
        case (.sent, .initiation): call.unansweredCount += 1
        case (.sent, _): call.isAnswered = true
        }
        if sighting.stage == .delivered { call.deliveredByteCount += UInt64(sighting.kind.byteCount) }
        calls[sighting.remote] = call
    }

    /// How often this host has called another since that has answered last.
    package func unansweredCount(of remote: SocketAddress) -> Int { calls[remote]?.unansweredCount ?? 0 }

    /// How much another has sent in messages of handshakes, in bytes as WireGuard counts them.
    package func deliveredByteCount(from remote: SocketAddress) -> UInt64 { calls[remote]?.deliveredByteCount ?? 0 }

    /// What has had time enough and did not happen.
    ///
    /// - Parameter now: Since the record began.
    /// - Returns: Of several callers, the first.
    package func obstacle(at now: Duration) -> Obstacle? {
        let due = now - Self.grace
        var found: (obstacle: Obstacle, time: Duration)?
        for (remote, call) in calls {
            guard let time = [call.initiation, call.answer].compactMap(\.self).filter({ $0 <= due }).min(),
                let obstacle = obstacle(of: call, remote, due: due)
            else { continue }
            if found.map({ time < $0.time }) ?? true { found = (obstacle, time) }
        }
        return found?.obstacle
    }

    private func obstacle(of call: Call, _ remote: SocketAddress, due: Duration) -> Obstacle? {
        if let time = call.answer, time <= due, !call.isAnswerDelivered { return .filteredAnswer(from: remote) }
        guard let time = call.initiation, time <= due, !call.isAnswered else { return nil }
        return call.isInitiationDelivered ? .unanswered(remote) : .filteredCall(from: remote)
    }

    // The packet filter takes no time, and WireGuard answers within milliseconds unless it is overwhelmed.
    private static let grace = Duration.seconds(1)
}
