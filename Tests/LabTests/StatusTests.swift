import Foundation
import TestSupport
import Testing

/// What `wgup status` says, for people and for programs.
@Suite("Status", .serialized, .timeLimit(.minutes(2)), .labForEachTest("A", "B"))
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
        #expect(tunnel["state"] as? String == "up")
        #expect(tunnel["healthy"] as? Bool == true)
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
        #expect(left.first?["state"] as? String == "orphaned")
        #expect(left.first?["listen_port"] as? Int == 51820)

        try await lab.killDevice(on: "A")
        let (deadText, dead) = try await lab.status("A")
        #expect(deadText.hasPrefix("wg-tunnel: server of network default, left behind by a wgup that is gone"))
        #expect(dead.first?["listen_port"] is NSNull)
        try await lab.text("A", "wgup", "down")
        #expect(try await lab.status("A").text == "nothing is up\n")
        #expect(try await lab.status("A").json.isEmpty)
    }

    @Test("as JSON has the keys that the manual explains, and no others")
    func keys() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.whileUp(["--engine", "process"]) {
            let manual = try SourceTree.file("man/wgup.8").text
            let section = try #require(manual.components(separatedBy: ".Ss Status as JSON\n").dropFirst().first)
            let list = try #require(section.components(separatedBy: ".El\n").first)
            let explained = list.matches(of: #/\.It Li (\w+)\n/#).map { String($0.1) }
            #expect(Set(explained).count == explained.count)
            var found: Set<String> = []
            for host in ["A", "B"] {
                for tunnel in try await lab.status(host).json {
                    found.formUnion(tunnel.keys)
                    for peer in try #require(tunnel["peers"] as? [[String: Any]]) { found.formUnion(peer.keys) }
                }
            }
            #expect(found == Set(explained))
        }
    }

    @Test("as metrics passes Prometheus's own check, also for two tunnels")
    func metrics() async throws {
        let lab = try lab()
        try await lab.prepare()
        let identity = try await lab.text("B", "wgkey", "show")
        try await lab.text("A", ["wgbundle", "seal", "--network", "other", "--to", identity, "-o", "other.bin"])
        try await lab.whileUp(["--engine", "process"]) {
            let other = try lab.start(
                "A",
                ["wgup", "server", "--network", "other", "--engine", "process", "--container-name", "other"]
            )
            try await other.waitForOutput("is up")
            for host in ["A", "B"] {
                let text = try await lab.text(host, "wgup", "status", "--prometheus")
                let check = try await Tool("promtool").run(["check", "metrics"], input: Array((text + "\n").utf8))
                #expect(check.status == 0 && check.error.isEmpty && check.text.isEmpty, "\(check.text)\(check.error)")
                #expect(text.matches(of: #/(?m)^wgseal_tunnel_up\{.*\} 1$/#).count == (host == "A" ? 2 : 1))
                #expect(text.matches(of: #/(?m)^wgseal_peer_received_bytes_total\{/#).count == (host == "A" ? 2 : 1))
            }
            try await other.interrupt()
        }
    }

    @Test("can be checked")
    func check() async throws {
        let lab = try lab()
        func check(_ host: String) async throws -> (status: Int32, words: String) {
            let result = try await lab.run(host, "wgup", "status", "--check")
            #expect(result.text == "")
            return (result.status, result.error)
        }
        try await lab.prepare()
        #expect(try await check("A") == (1, "nothing is up\n"))
        let named = try await lab.run("A", "wgup", "status", "--check", "wg9")
        #expect((named.status, named.error) == (1, "wg9 is not up\n"))
        let client = try await lab.startClient("B", ["--engine", "process"])
        try await client.waitForOutput("waiting for the handshake")
        #expect(try await check("B") == (1, "wg-tunnel has never had a handshake with host-a\n"))
        let server = try await lab.serve(["--engine", "process"])
        try await client.waitForOutput("press ctrl-c")
        #expect(try await check("A") == (0, ""))
        #expect(try await check("B") == (0, ""))
        try await server.killAndWait()
        #expect(try await check("A") == (1, "wg-tunnel was left behind by a wgup that is gone\n"))
        try await lab.text("A", "wgup", "down")
        try await client.interrupt()
        let excluded = try await lab.run("A", "wgup", "status", "--check", "--json")
        #expect(excluded.status == 64)
    }

    @Test("is told to the members of a group, and to nobody else")
    func group() async throws {
        let lab = try lab()
        try await lab.prepare()
        let member = ["setpriv", "--reuid", "4711", "--regid", "4711", "--groups", "4712", "--"]
        let stranger = ["setpriv", "--reuid", "4711", "--regid", "4711", "--clear-groups", "--"]
        // Without the group, everything is root's alone.
        try await lab.whileUp(["--engine", "process"]) {
            let refused = try await lab.run("A", member + ["wgup", "status"])
            #expect(refused.status == 77)
            #expect(refused.error.contains("hint: sudo groupadd --system wgseal"), "\(refused.error)")
            #expect(try await lab.text("A", "stat", "-c", "%a %G", "/run/wgseal") == "700 root")
        }
        try await lab.text("A", "groupadd", "--gid", "4712", "wgseal")
        try await lab.whileUp(["--engine", "process"]) {
            for format in [[], ["--json"], ["--prometheus"]] {
                let asked = try await lab.run("A", member + ["wgup", "status"] + format)
                #expect(asked.status == 0, "\(asked.error)")
                #expect(asked.text.contains("wg-tunnel"))
                #expect(try await lab.text("A", ["wgup", "status"] + format).contains("wg-tunnel"))
            }
            #expect(try await lab.run("A", member + ["wgup", "status", "--check"]).status == 0)
            let refused = try await lab.run("A", stranger + ["wgup", "status"])
            #expect(refused.status == 77)
            #expect(refused.error.contains("hint: sudo usermod"), "\(refused.error)")
            // A shell asks for who types, and shows what is said.
            let question = ["wgup", "---completion", "down", "--", "positional@0", "2", "0", "wgup", "down", "wg"]
            #expect(try await lab.run("A", member + question).text == "wg-tunnel\n")
            let unknown = try await lab.run("A", stranger + question)
            #expect((unknown.status, unknown.text, unknown.error) == (0, "\n", ""))
            let modes = try await lab.text("A", "sh", "-c", "stat -c '%a %U %G' /run/wgseal /run/wgseal/*.status")
            #expect(modes == "750 root wgseal\n660 root wgseal")
            // Who connects and never reads holds nobody up for long.
            let script = """
                import socket, time
                held = [socket.socket(socket.AF_UNIX) for _ in range(100)]
                for each in held[:10]: each.connect("/run/wgseal/wg-tunnel.status")
                print("held", flush=True)
                time.sleep(20)
                """
            let holder = try lab.start("A", member + ["python3", "-c", script])
            try await holder.waitForOutput("held")
            #expect(try await lab.run("A", member + ["wgup", "status", "--check"]).status == 0)
            holder.signal(SIGTERM)
            _ = try await holder.waitForEnd()
        }
        // Who cannot be asked is no less of a problem than what does not work.
        let server = try await lab.serve(["--engine", "process"])
        try await server.killAndWait()
        let words = "the wgup of wg-tunnel does not answer; 'sudo wgup status wg-tunnel' says how it is\n"
        let checked = try await lab.run("A", member + ["wgup", "status", "--check"])
        #expect((checked.status, checked.error) == (1, words))
        let told = try await lab.run("A", member + ["wgup", "status", "--json"])
        #expect((told.status, told.error, told.text) == (0, "note: " + words, "[]\n"))
        try await lab.text("A", "wgup", "down")
        #expect(try await lab.run("A", "test", "-e", "/run/wgseal").status == 1)
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
