package import Crypto
package import WireGuard

/// What there is to say of one tunnel, without its secrets.
package struct TunnelStatus: Equatable, Sendable {
    /// How a tunnel is.
    package enum State: String, CaseIterable, Sendable {
        /// A `wgup` looks after it, and its device answers.
        case up
        /// A `wgup` looks after it, and makes it or waits for its workload.
        case down
        /// Nobody looks after it.
        case orphaned
    }

    /// One peer of it.
    package struct Peer: Equatable, Sendable {
        /// What people call it.
        package let name: Name
        /// What identifies it to the device.
        package let publicKey: PublicKey
        /// Of its identity, where that is known.
        package let fingerprint: Fingerprint?
        /// Where it was heard of last, or is called.
        package let endpoint: SocketAddress?
        /// `nil` before the first.
        package let latestHandshake: UnixTime?
        /// Bytes, since the device was made.
        package let receivedByteCount: UInt64
        /// Bytes, since the device was made.
        package let sentByteCount: UInt64

        init(_ note: PeerNotes.Peer, _ state: PeerState?) {
            name = note.name
            publicKey = note.publicKey
            fingerprint = note.fingerprint
            endpoint = state?.endpoint
            latestHandshake = state?.latestHandshake
            receivedByteCount = state?.receivedByteCount ?? 0
            sentByteCount = state?.sentByteCount ?? 0
        }
    }

    /// The tunnel's interface.
    package let interface: InterfaceName
    /// Which tunnel it carries.
    package let tunnel: TunnelIdentity
    /// How it is.
    package let state: State
    /// What carries the packets.
    package let backend: BackendKind
    /// Where the interface lives.
    package let placement: Placement
    /// What uses it, in the words of a journal: `docker container web`, `network namespace web`, or empty.
    package let workload: String
    /// This host's addresses in the tunnel.
    package let addresses: [InterfaceAddress]
    /// The UDP port; `nil` without a device.
    package let listenPort: UInt16?
    /// When the bundle expires; `nil` on the server.
    package let notAfter: UnixTime?
    /// In the order in which they were configured.
    package let peers: [Peer]

    /// Puts together what there is to say.
    ///
    /// - Parameters:
    ///   - journal: The tunnel's.
    ///   - notes: Of its peers.
    ///   - device: What its device reports; `nil` if that is not there.
    ///   - isSupervised: Whether the `wgup` that owns it runs.
    package init(_ journal: Journal, notes: PeerNotes, device: DeviceState?, isSupervised: Bool) {
        interface = journal.interface
        tunnel = journal.tunnel
        state = isSupervised ? device == nil ? .down : .up : .orphaned
        backend = journal.backend
        placement = journal.placement
        workload = Self.workload(of: journal)
        addresses = journal.addresses
        listenPort = device?.listenPort
        notAfter = journal.notAfter
        let states = Dictionary((device?.peers ?? []).map { ($0.publicKey, $0) }) { first, _ in first }
        peers = notes.peers.map { Peer($0, states[$0.publicKey]) }
    }

    private static func workload(of journal: Journal) -> String {
        if let attachment = journal.attachment { return "\(attachment.engine) container \(attachment.container)" }
        var words = ""
        for entry in journal.entries {
            switch entry.resource {
            case .container(let engine, let name): return "\(engine) container \(name)"
            case .namespace(let name): words = "network namespace \(name)"
            case .process(.workload, let pid, _) where words.isEmpty: words = "process \(pid)"
            default: continue
            }
        }
        return words
    }
}

extension TunnelStatus {
    /// The longest time without a handshake after which a peer that is used is not well: WireGuard drops a session after
    /// 180 seconds (`REJECT_AFTER_TIME`).
    package static let longestSilence: UInt64 = 180

    /// What is not as it should be, a sentence each; empty for a tunnel that is healthy.
    ///
    /// A server's peers may be away; a client without its hub is not healthy.
    package func problems(now: UnixTime) -> [String] {
        var problems: [String] = []
        switch state {
        case .up: break
        case .down: problems.append("\(interface) is not up")
        case .orphaned: problems.append("\(interface) was left behind by a wgup that is gone")
        }
        if let notAfter, now >= notAfter { problems.append("the bundle of \(interface) has expired") }
        guard tunnel.role == .client, state != .down else { return problems }
        for peer in peers {
            switch peer.latestHandshake {
            case nil: problems.append("\(interface) has never had a handshake with \(peer.name)")
            case let time? where now.seconds(since: time) > Self.longestSilence:
                problems.append(
                    "\(interface) had its last handshake with \(peer.name) \(now.seconds(since: time)) s ago"
                )
            default: continue
            }
        }
        return problems
    }
}
