import Foundation
import TestSupport
import Testing

/// What `wgup status` says, for people and for programs.
@Suite("Status", .serialized, .timeLimit(.minutes(1)), .lab("A", "B"))
struct StatusTests {
    @Test("tells what is up, what was left behind, and that nothing is")
    func states() async throws {
        let lab = try lab()
        try await lab.acquaint()
        #expect(try await lab.status("A").text == "nothing is up\n")
        #expect(try await lab.status("A").json.isEmpty)

        let server = try await lab.serve(["--engine", "process"])
        let client = try await lab.join("B", ["--engine", "process"])
        let (text, json) = try await lab.status("A")
        #expect(text.hasPrefix("wg-tunnel: server of network default, up\n"))
        #expect(text.contains("  address  10.0.0.1/24\n"))
        #expect(text.contains("  port     51820\n"))
        #expect(text.contains("network namespace wgseal-server"))
        #expect(text.contains(" s ago"))
        let tunnel = try #require(json.first)
        #expect(tunnel["interface"] as? String == "wg-tunnel")
        #expect(tunnel["role"] as? String == "server")
        #expect(tunnel["supervised"] as? Bool == true)
        #expect(tunnel["up"] as? Bool == true)
        let (clientText, clientJSON) = try await lab.status("B")
        #expect(clientText.hasPrefix("wg-tunnel: client of network default, up\n"))
        #expect(clientText.contains("  bundle   valid until "))
        let peers = try #require(clientJSON.first?["peers"] as? [[String: Any]])
        #expect(peers.map { $0["name"] as? String } == ["host-a"])
        #expect(peers.first?["latest_handshake"] is Int)

        try await client.interrupt()
        try await server.killAndWait()
        let (leftText, left) = try await lab.status("A")
        #expect(
            leftText.hasPrefix(
                "wg-tunnel: server of network default, left behind by a wgup that is gone; run 'wgup down'\n"
            )
        )
        #expect(left.first?["supervised"] as? Bool == false)
        #expect(left.first?["up"] as? Bool == true)

        try await lab.killDevice(on: "A")
        let (deadText, dead) = try await lab.status("A")
        #expect(deadText.hasPrefix("wg-tunnel: server of network default, left behind by a wgup that is gone"))
        #expect(dead.first?["up"] as? Bool == false)
        #expect(dead.first?["listen_port"] is NSNull)
        try await lab.text("A", "wgup", "down")
        #expect(try await lab.status("A").text == "nothing is up\n")
        #expect(try await lab.status("A").json.isEmpty)
    }
}

extension Lab {
    /// What `wgup status` prints, on both streams, and with `--json`.
    fileprivate func status(_ host: String) async throws -> (text: String, json: [[String: Any]]) {
        let text = try await run(host, "wgup", "status")
        #expect(text.status == 0, "\(text.error)")
        let json = try await run(host, "wgup", "status", "--json")
        #expect(json.status == 0, "\(json.error)")
        let value = try JSONSerialization.jsonObject(with: Data(json.output))
        return (text.error + text.text, try #require(value as? [[String: Any]]))
    }
}
