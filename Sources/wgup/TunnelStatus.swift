import CommandSupport
import Crypto
import PeerBundle
import Planning
import Processes
import Tunnel
import WireGuard

/// One tunnel as `wgup status` shows it: what its journal says, and what its device reports.
struct TunnelStatus {
    private let journal: Journal
    private let notes: PeerNotes
    private let isSupervised: Bool
    private let device: DeviceState?
    private let states: [PublicKey: PeerState]

    init(_ journal: Journal, notes: PeerNotes) {
        self.journal = journal
        self.notes = notes
        isSupervised = journal.ownerProcess?.isAlive ?? false
        // A device that does not answer is shown as down; that is what status is for.
        device = try? TunnelBackends.recorded(in: journal)?.state()
        states = Dictionary((device?.peers ?? []).map { ($0.publicKey, $0) }) { first, _ in first }
    }

    private var state: String {
        switch (isSupervised, device != nil) {
        case (true, true): "up"
        case (true, false): "coming up"
        case (false, _): "left behind by a wgup that is gone; run 'wgup down'"
        }
    }

    /// What the operator should do about the bundle; `nil` while there is time.
    func warning(now: UnixTime) -> String? {
        guard let notAfter = journal.notAfter, let warning = Expiry(notAfter, now: now).warning(notAfter) else {
            return nil
        }
        return "the bundle of \(journal.interface) \(warning)"
    }

    /// The tunnel in lines for people.
    func text(now: UnixTime) -> String {
        let addresses = journal.addresses.map(\.description).joined(separator: ", ")
        let tunnel = journal.tunnel
        var text = "\(journal.interface): \(tunnel.role.rawValue) of network \(tunnel.network), \(state)\n"
        text += "  address  \(addresses)\n"
        if let port = device?.listenPort, port != 0 { text += "  port     \(port)\n" }
        text += "  placed   \(placement), carried by \(carrier)\n"
        if let notAfter = journal.notAfter {
            let words =
                switch Expiry(notAfter, now: now) {
                case .valid: "valid until"
                case .soon: "about to expire: valid until"
                case .expired: "expired at"
                }
            text += "  bundle   \(words) \(notAfter)\n"
        }
        var table = Table("PEER", "ENDPOINT", "HANDSHAKE", "RECEIVED", "SENT")
        for peer in notes.peers {
            let state = state(of: peer)
            table.add(
                peer.name.description,
                state?.endpoint?.description ?? "-",
                state?.latestHandshake.map { "\(now.seconds(since: $0)) s ago" } ?? "never",
                "\(state?.receivedByteCount ?? 0)",
                "\(state?.sentByteCount ?? 0)"
            )
        }
        return text + table.text
    }

    /// The same for programs; times are seconds since 1970.
    func json(now: UnixTime) -> JSON {
        .object([
            "interface": .string(journal.interface.description),
            "role": .string(journal.tunnel.role.rawValue),
            "network": .string(journal.tunnel.network.description),
            "supervised": .bool(isSupervised),
            "up": .bool(device != nil),
            "backend": .string(journal.backend.rawValue),
            "placement": .string(journal.placement.rawValue),
            "addresses": .strings(journal.addresses),
            "listen_port": device.map { .number(UInt64($0.listenPort)) } ?? .null,
            "bundle_not_after": journal.notAfter.map { .number($0.seconds) } ?? .null,
            "bundle_expiry": journal.notAfter.map { .string(Expiry($0, now: now).rawValue) } ?? .null,
            "peers": .array(notes.peers.map(json(of:))),
        ])
    }

    private func json(of peer: PeerNotes.Peer) -> JSON {
        let state = state(of: peer)
        return .object([
            "name": .string(peer.name.description),
            "public_key": .string(peer.publicKey.base64),
            "endpoint": .optional(state?.endpoint),
            "latest_handshake": state?.latestHandshake.map { .number($0.seconds) } ?? .null,
            "received_bytes": .number(state?.receivedByteCount ?? 0),
            "sent_bytes": .number(state?.sentByteCount ?? 0),
        ])
    }

    private func state(of peer: PeerNotes.Peer) -> PeerState? { states[peer.publicKey] }

    private var carrier: String { journal.backend == .kernel ? "the kernel" : "wireguard-go" }

    private var placement: String {
        for entry in journal.entries {
            switch entry.resource {
            case .container(let engine, let name):
                return journal.placement == .host
                    ? "host, with \(engine) container \(name)" : "\(engine) container \(name)"
            case .namespace(let name):
                return "network namespace \(name)"
            default: continue
            }
        }
        return "host"
    }
}
