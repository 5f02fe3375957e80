import CommandSupport
import Crypto
import PeerBundle
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

extension TunnelStatus {
    /// Looks at a tunnel of this host.
    init(_ journal: Journal, notes: PeerNotes) {
        // A device that does not answer is shown as down; that is what status is for.
        let device = try? TunnelBackends.recorded(in: journal)?.state()
        self.init(journal, notes: notes, device: device, isSupervised: journal.ownerProcess?.isAlive ?? false)
    }

    /// What the operator should do about the bundle; `nil` while there is time.
    func warning(now: UnixTime) -> String? {
        guard let notAfter, let warning = Expiry(notAfter, now: now).warning(notAfter) else { return nil }
        return "the bundle of \(interface) \(warning)"
    }

    /// The tunnel in lines for people.
    func table(now: UnixTime) -> String {
        let words =
            switch state {
            case .up: "up"
            case .down: "not up; its wgup is at work on it"
            case .orphaned: "left behind by a wgup that is gone; run 'wgup down'"
            }
        var text = "\(interface): \(tunnel.role.rawValue) of network \(tunnel.network), \(words)\n"
        text += "  address  \(addresses.map(\.description).joined(separator: ", "))\n"
        if let listenPort, listenPort != 0 { text += "  port     \(listenPort)\n" }
        text += "  placed   \(place), carried by \(backend == .kernel ? "the kernel" : "wireguard-go")\n"
        if let notAfter {
            let words =
                switch Expiry(notAfter, now: now) {
                case .valid: "valid until"
                case .soon: "about to expire: valid until"
                case .expired: "expired at"
                }
            text += "  bundle   \(words) \(notAfter)\n"
        }
        if let issuer = tunnel.issuer { text += "  issuer   \(issuer)\n" }
        var table = Table("PEER", "FINGERPRINT", "ENDPOINT", "HANDSHAKE", "RECEIVED", "SENT")
        for peer in peers {
            table.add(
                peer.name.description,
                peer.fingerprint?.description ?? "-",
                peer.endpoint?.description ?? "-",
                peer.latestHandshake.map { "\(now.seconds(since: $0)) s ago" } ?? "never",
                "\(peer.receivedByteCount)",
                "\(peer.sentByteCount)"
            )
        }
        return text + table.text
    }

    private var place: String {
        switch (placement, workload.isEmpty) {
        case (_, true): "host"
        case (.host, false): "host, with \(workload)"
        case (.container, false): workload
        }
    }

    /// The same for programs; times are seconds since 1970.
    func json(now: UnixTime) -> JSON {
        .object([
            "interface": .string(interface.description),
            "role": .string(tunnel.role.rawValue),
            "network": .string(tunnel.network.description),
            "issuer": .optional(tunnel.issuer),
            "state": .string(state.rawValue),
            "healthy": .bool(problems(now: now).isEmpty),
            "problems": .strings(problems(now: now)),
            "backend": .string(backend.rawValue),
            "placement": .string(placement.rawValue),
            "workload": workload.isEmpty ? .null : .string(workload),
            "addresses": .strings(addresses),
            "listen_port": listenPort.map { .number(UInt64($0)) } ?? .null,
            "bundle_not_after": notAfter.map { .number($0.seconds) } ?? .null,
            "bundle_expiry": notAfter.map { .string(Expiry($0, now: now).rawValue) } ?? .null,
            "peers": .array(peers.map { $0.json(now: now) }),
        ])
    }
}

extension TunnelStatus.Peer {
    fileprivate func json(now: UnixTime) -> JSON {
        .object([
            "name": .string(name.description),
            "public_key": .string(publicKey.base64),
            "fingerprint": .optional(fingerprint),
            "endpoint": .optional(endpoint),
            "latest_handshake": latestHandshake.map { .number($0.seconds) } ?? .null,
            "handshake_age": latestHandshake.map { .number(now.seconds(since: $0)) } ?? .null,
            "received_bytes": .number(receivedByteCount),
            "sent_bytes": .number(sentByteCount),
        ])
    }
}
