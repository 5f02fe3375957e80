import Foundation
import TestSupport
import Testing

/// A second `wgup` of the same tunnel, which takes over from the first and changes only what differs.
@Suite("Re-run", .serialized, .timeLimit(.minutes(3)), .labForEachTest("A", "B"))
struct RerunTests {
    private let serve = ["wgup", "server", "--engine", "process"]

    /// Runs the server again until it is up, and requires that the one before has ended in good order.
    private func rerun(_ former: BackgroundCommand, _ arguments: [String] = []) async throws -> BackgroundCommand {
        let next = try lab().start("A", serve + arguments)
        try await next.waitForOutput("press ctrl-c")
        #expect(try await former.waitForEnd() == 0)
        #expect(former.output.hasSuffix("another wgup has taken over wg-tunnel\n"), "\(former.output)")
        return next
    }

    /// Seals a bundle to a host that does not exist.
    private func seal(_ name: String) async throws {
        let lab = try lab()
        let identity = try await lab.text("A", "wgkey", "gen", "--home", "/root/\(name)")
        try await lab.text("A", "wgbundle", "seal", "--to", identity, "--name", name, "-o", "/root/\(name).bin")
    }

    /// What `wg` says of a host's peers: allowed addresses and keepalive by key.
    private func peers(on host: String) async throws -> [Substring: [Substring]] {
        let lines = try await lab().wg(host, "show", "wg-tunnel", "dump").split(separator: "\n").dropFirst()
        return Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let fields = line.split(separator: "\t")
                return (fields[0], [fields[3], fields[7]])
            }
        )
    }

    private func ip(_ words: String) async throws -> String {
        let words = ["ip", "netns", "exec", "wgseal-server", "ip"] + words.split(separator: " ").map(String.init)
        return try await lab().text("A", words)
    }

    @Test("loses no packet of an established session, whatever else changes, and whoever was killed")
    func session() async throws {
        let lab = try lab()
        try await lab.prepare()
        var server = try lab.start("A", serve)
        try await server.waitForOutput("is up")
        let client = try await lab.join("B", ["--engine", "process"])
        let ping = try lab.start(
            "B",
            ["ip", "netns", "exec", "wgseal-client", "ping", "-i", "0.01", "-w", "60", "10.0.0.1"]
        )
        let session = try #require(try await peers(on: "A").first)

        for name in ["one", "two", "three"] { try await seal(name) }
        for name in ["one", "two", "three"] { try await server.waitForOutput("+ add peer \(name) ") }
        server = try await rerun(server)
        #expect(try await peers(on: "A").count == 4)

        // What is changed where nobody looks is put right by the next run.
        try await server.killAndWait()
        try await lab.text("A", "rm", "/root/.config/wgseal/networks/default/peers/two.peer")
        try await lab.tamper(cutsOff: false)
        server = try lab.start("A", serve)
        try await server.waitForOutput("press ctrl-c")
        #expect(server.output.contains("- remove peer two "), "\(server.output)")
        #expect(try await peers(on: "A").count == 3)
        #expect(try await ip("-o link show wg-tunnel").contains(" mtu 1420 "))
        #expect(try await !ip("-o address show wg-tunnel").contains("10.9.9.9"))
        #expect(try await ip("route").split(separator: "\n").map { $0.split(separator: " ")[0] } == ["10.0.0.0/24"])
        #expect(try await peers(on: "A").count == 3)
        #expect(try await peers(on: "A")[session.key] == session.value)

        let other = try #require(try await peers(on: "A").keys.first { $0 != session.key })
        try await lab.wg("A", "set", "wg-tunnel", "peer", String(other), "allowed-ips", "10.0.0.99/32")
        try await server.killAndWait()
        let resumed = try lab.start("A", serve)
        try await resumed.waitForOutput("press ctrl-c")
        #expect(resumed.output.hasPrefix("note: going on with what an earlier wgup left of wg-tunnel\n"))
        #expect(resumed.output.contains("~ change peer "), "\(resumed.output)")
        #expect(try await peers(on: "A")[other] != ["10.0.0.99/32", "off"])

        try await client.killAndWait()
        let again = try await lab.join("B", ["--engine", "process"])
        #expect(again.output.contains("wg-tunnel was up, and is as it should be\n"), "\(again.output)")
        #expect(again.output.contains("wg-tunnel is up; the last handshake was at "))

        // It prints its summary when it is interrupted.
        ping.signal(SIGINT)
        _ = try await ping.waitForEnd()
        // The last ones may be on their way at that moment; before them no number is missing.
        let received = ping.output.matches(of: #/ icmp_seq=(\d+) /#).compactMap { Int($0.1) }
        #expect(Set(received) == Set(1...(received.max() ?? 1)), "\(ping.output)")
        #expect(received.count > 50, "\(ping.output)")
        let summary = try #require(ping.output.firstMatch(of: #/\d+ packets transmitted, \d+ received/#))
        print("ping every 10 ms during re-runs: \(summary.0)")
        try await again.interrupt()
        try await resumed.interrupt()
    }

    @Test("with nothing to change sends nothing that changes")
    func noChange() async throws {
        let (lab, effects) = (try lab(), try await Effects.compile())
        try await lab.prepare()
        let server = try lab.start("A", effects.logging(serve, on: "A", of: lab))
        try await server.waitForOutput("is up")
        let changes = { (line: String) in line.hasPrefix("netlink ") || line.hasPrefix("device") }
        // The log sees what it has to see.
        #expect(effects.done(on: "A", of: lab).count(where: changes) >= 5)
        effects.forget(on: "A", of: lab)
        let next = try lab.start("A", effects.logging(serve, on: "A", of: lab))
        try await next.waitForOutput("is up")
        #expect(try await server.waitForEnd() == 0)
        #expect(next.output.hasPrefix("wg-tunnel was up, and is as it should be\n"))
        #expect(effects.done(on: "A", of: lab).filter(changes) == [])
        try await next.interrupt()
    }

    @Test("changes only what the options change: the command, and what is in the way")
    func workload() async throws {
        let lab = try lab()
        try await lab.prepare()
        let before = try await lab.snapshot("A")
        var server = try lab.start("A", serve)
        try await server.waitForOutput("is up")
        let inside = ["ip", "netns", "exec", "wgseal-server"]
        #expect(try await lab.text("A", inside + ["curl", "-s", "http://10.0.0.1"]).contains("Welcome to nginx!"))
        let key = try await lab.wg("A", "show", "wg-tunnel", "public-key")

        server = try await rerun(server, ["--", "sleep", "1000"])
        #expect(server.output.hasPrefix("- stop the workload's command\n+ start the workload's command\n"))
        #expect(try await lab.run("A", inside + ["curl", "-s", "http://10.0.0.1"]).status == 7)
        #expect(try await lab.run("A", "pgrep", "-x", "nginx").status == 1)

        server = try await rerun(server, ["--placement", "host"])
        #expect(try await lab.text("A", "ip", "-o", "address", "show", "wg-tunnel").contains("10.0.0.1/24"))
        #expect(try await lab.text("A", "curl", "-s", "http://10.0.0.1:8080").contains("Welcome to nginx!"))
        #expect(try await lab.text("A", "wg", "show", "wg-tunnel", "public-key") == key)
        try await server.interrupt()
        #expect(changes(from: before, to: try await lab.snapshot("A")) == [])
    }

    @Test("two at once end with one, and the tunnel as it should be")
    func together() async throws {
        let lab = try lab()
        try await lab.prepare()
        let before = try await lab.snapshot("A")
        let first = try lab.start("A", serve)
        try await first.waitForOutput("is up")
        var others: [BackgroundCommand] = []
        for _ in 0..<4 { others.append(try lab.start("A", serve)) }
        let deadline = ContinuousClock.now + .seconds(30)
        while ([first] + others).count(where: \.isRunning) > 1, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        let left = ([first] + others).filter(\.isRunning)
        #expect(left.count == 1)
        try await left.first?.waitForOutput("press ctrl-c")
        #expect(try await lab.run("A", ["wgup", "plan"] + serve.dropFirst()).status == 0)
        try await left.first?.interrupt()
        #expect(changes(from: before, to: try await lab.snapshot("A")) == [])
    }

    @Test("of another tunnel on the same interface is refused while the first runs")
    func otherTunnel() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.text("B", "wgbundle", "seal", "--to", try await lab.text("A", "wgkey", "show"), "-o", "back.bin")
        try await lab.carry("back.bin", from: "B", to: "A")
        let fingerprint = try await lab.text("B", "wgkey", "show", "--fingerprint")
        let server = try lab.start("A", serve)
        try await server.waitForOutput("is up")
        let client = ["client", "back.bin", "--from", fingerprint, "--engine", "none"]
        for words in [client, ["plan"] + client] {
            let refused = try await lab.run("A", ["wgup"] + words)
            #expect(refused.status == 75)
            let error = refused.error.split(separator: "\n").suffix(2)
            #expect(
                error == [
                    "wgup: error: wg-tunnel is up already, as the server of network default",
                    "hint: wgup down wg-tunnel",
                ]
            )
        }
        #expect(server.isRunning)
        try await server.interrupt()
    }

    @Test("a stray request to hand over is outlived")
    func strayRequest() async throws {
        let lab = try lab()
        try await lab.prepare()
        let server = try lab.start("A", serve)
        try await server.waitForOutput("is up")
        try await lab.text("A", "pgrep", "-x", "wgup")
        try await lab.text("A", "sh", "-c", "kill -USR1 $(pgrep -x wgup)")
        try await server.waitForOutput("the other wgup did not take over wg-tunnel; going on")
        #expect(try await lab.run("A", ["wgup", "plan"] + serve.dropFirst()).status == 0)
        try await server.interrupt()
    }
}
