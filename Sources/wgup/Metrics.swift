import Crypto
import Planning
import WireGuard

/// Tunnels in the text format of Prometheus (version 0.0.4).
enum Metrics {
    private struct Family {
        let name: String
        let type: String
        let help: String
        let samples: [(labels: KeyValuePairs<String, String>, value: String)]
    }

    /// One family after the other, each with all its samples.
    static func text(_ tunnels: [TunnelStatus]) -> String { families(tunnels).map(text).joined() }

    private static func families(_ tunnels: [TunnelStatus]) -> [Family] {
        let peers = tunnels.flatMap { tunnel in tunnel.peers.map { (tunnel: tunnel, peer: $0) } }
        return [
            Family(
                name: "wgseal_tunnel_info",
                type: "gauge",
                help: "A tunnel, and what it is.",
                samples: tunnels.map { tunnel in
                    (
                        [
                            "interface": "\(tunnel.interface)", "network": "\(tunnel.tunnel.network)",
                            "role": tunnel.tunnel.role.rawValue, "backend": tunnel.backend.rawValue,
                            "placement": tunnel.placement.rawValue, "workload": tunnel.workload,
                        ],
                        "1"
                    )
                }
            ),
            Family(
                name: "wgseal_tunnel_up",
                type: "gauge",
                help: "Whether the tunnel is up and looked after.",
                samples: tunnels.map { (["interface": "\($0.interface)"], $0.state == .up ? "1" : "0") }
            ),
            Family(
                name: "wgseal_bundle_expiry_timestamp_seconds",
                type: "gauge",
                help: "When the bundle that a client has applied expires.",
                samples: tunnels.compactMap { tunnel in
                    tunnel.notAfter.map { (["interface": "\(tunnel.interface)"], "\($0.seconds)") }
                }
            ),
            Family(
                name: "wgseal_peer_last_handshake_timestamp_seconds",
                type: "gauge",
                help: "When the last handshake with a peer was; 0 for never.",
                samples: peers.map { (labels($0.tunnel, $0.peer), "\($0.peer.latestHandshake?.seconds ?? 0)") }
            ),
            Family(
                name: "wgseal_peer_received_bytes_total",
                type: "counter",
                help: "What has come from a peer since the device was made.",
                samples: peers.map { (labels($0.tunnel, $0.peer), "\($0.peer.receivedByteCount)") }
            ),
            Family(
                name: "wgseal_peer_sent_bytes_total",
                type: "counter",
                help: "What was sent to a peer since the device was made.",
                samples: peers.map { (labels($0.tunnel, $0.peer), "\($0.peer.sentByteCount)") }
            ),
        ]
    }

    private static func labels(_ tunnel: TunnelStatus, _ peer: TunnelStatus.Peer) -> KeyValuePairs<String, String> {
        ["interface": "\(tunnel.interface)", "peer": "\(peer.name)", "public_key": peer.publicKey.base64]
    }

    private static func text(_ family: Family) -> String {
        guard !family.samples.isEmpty else { return "" }
        var text = "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.type)\n"
        for sample in family.samples {
            let labels = sample.labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
            text += "\(family.name){\(labels)} \(sample.value)\n"
        }
        return text
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
