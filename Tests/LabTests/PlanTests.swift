import Foundation
import TestSupport
import Testing

/// What `wgup plan` says before, while and after, with `ip` and `wg` to tamper.
@Suite("Plan", .serialized, .timeLimit(.minutes(2)), .labForEachTest("A", "B"))
struct PlanTests {
    private func plan(_ host: String, _ words: String...) async throws -> (
        status: Int32, lines: [String], error: String
    ) {
        let result = try await lab().run(host, ["wgup", "plan"] + words + ["--engine", "process"])
        return (result.status, result.text.split(separator: "\n").map(String.init), result.error)
    }

    /// Runs a command in the network namespace of a tunnel.
    private func tamper(_ host: String, _ role: String, _ words: String...) async throws {
        try await lab().text(host, ["ip", "netns", "exec", "wgseal-\(role)"] + words)
    }

    @Test("shows all of a server before it is up, nothing while it is, and what somebody has changed")
    func server() async throws {
        let lab = try lab()
        try await lab.prepare()
        let before = try await lab.snapshot("A")
        let first = try await plan("A", "server")
        #expect(first.status == 2)
        #expect(first.error == "")
        #expect(
            first.lines == [
                "+ create network namespace wgseal-server", "+ create link wg-tunnel",
                "+ configure keys and peers of wg-tunnel",
                "+ move wg-tunnel into the workload's network namespace", "+ add address 10.0.0.1/24 to wg-tunnel",
                "+ bring up wg-tunnel with MTU 1420", "+ start the workload's command",
            ]
        )
        #expect(changes(from: before, to: try await lab.snapshot("A")) == [])

        let server = try await lab.serve(["--engine", "process"])
        let up = try await lab.snapshot("A")
        let second = try await plan("A", "server")
        #expect(second.status == 0, "\(second)")
        #expect(second.lines == [])
        #expect(changes(from: up, to: try await lab.snapshot("A")) == [])

        // It would put right what is changed.
        try await lab.freeze("A")
        try await tamper("A", "server", "ip", "address", "add", "10.9.9.9/32", "dev", "wg-tunnel")
        try await tamper("A", "server", "ip", "route", "delete", "10.0.0.0/24", "dev", "wg-tunnel")
        try await tamper("A", "server", "ip", "route", "add", "192.0.2.0/24", "dev", "wg-tunnel", "proto", "87")
        try await tamper("A", "server", "ip", "link", "set", "wg-tunnel", "mtu", "1300")
        let third = try await plan("A", "server")
        #expect(third.status == 2)
        #expect(
            third.lines == [
                "- remove route 192.0.2.0/24 through wg-tunnel", "- remove address 10.9.9.9/32 from wg-tunnel",
                "~ set the MTU of wg-tunnel to 1420", "+ add route 10.0.0.0/24 through wg-tunnel",
            ]
        )
        try await lab.freeze("A", false)
        try await server.interrupt()
        #expect(changes(from: before, to: try await lab.snapshot("A")) == [])
    }

    @Test("names a peer that was added, removed or given other addresses since")
    func peers() async throws {
        let lab = try lab()
        try await lab.prepare()
        let server = try await lab.serve(["--engine", "process"])
        let key = try await lab.text("A", "wg", "show", "wg-tunnel", "peers")
        try await lab.freeze("A")

        try await lab.text("A", "wg", "set", "wg-tunnel", "peer", key, "allowed-ips", "10.0.0.77/32")
        let changed = try await plan("A", "server")
        #expect(changed.status == 2)
        #expect(changed.lines.count == 1)
        let line = try #require(changed.lines.first)
        #expect(line.hasPrefix("~ change peer "))
        #expect(line.hasSuffix(" \(key): disallow 10.0.0.77/32, allow 10.0.0.2/32"))

        try await lab.text("A", "wg", "set", "wg-tunnel", "peer", key, "remove")
        let removed = try await plan("A", "server", "--json")
        #expect(removed.status == 2)
        let json = try JSONSerialization.jsonObject(with: Data(removed.lines.joined(separator: "\n").utf8))
        let changes = try #require((json as? [String: Any])?["changes"] as? [[String: Any]])
        #expect(changes.count == 1)
        #expect(changes.first?["kind"] as? String == "add")
        #expect(changes.first?["peer"] as? String == key)
        try await lab.freeze("A", false)
        try await server.interrupt()
    }

    @Test("of a client says whom it would trust, and keeps nothing")
    func client() async throws {
        let lab = try lab()
        try await lab.prepare()
        let before = try await lab.snapshot("B")
        let unknown = try await plan("B", "client", "bundle.bin")
        #expect(unknown.status == 65)
        #expect(
            unknown.error.hasPrefix("wgup: error: this host has no trust in the bundle's issuer yet\nhint: add --from")
        )

        let fingerprint = try await lab.fingerprint
        let first = try await plan("B", "client", "bundle.bin", "--from", fingerprint)
        #expect(first.status == 2)
        #expect(first.lines.first == "+ trust bundles of \(fingerprint)")
        #expect(first.lines.count == 7)
        #expect(changes(from: before, to: try await lab.snapshot("B")) == [])

        let server = try await lab.serve(["--engine", "process"])
        let client = try await lab.join("B", ["--engine", "process"])
        let second = try await plan("B", "client", "bundle.bin")
        #expect(second.status == 0, "\(second)")
        let elsewhere = try await plan("B", "client", "bundle.bin", "--placement", "host")
        #expect(elsewhere.lines.prefix(2) == ["- remove link wg-tunnel", "- remove network namespace wgseal-client"])

        client.signal(9)
        _ = try await client.waitForEnd()
        let leftover = try await plan("B", "client", "bundle.bin")
        #expect(leftover.status == 0)
        #expect(leftover.error == "note: an earlier wgup was killed and left wg-tunnel behind\n")
        #expect(leftover.lines == [])
        try await lab.text("B", "wgup", "down")
        try await server.interrupt()
    }

    @Test("on the host, an earlier run of the same tunnel is not in its own way")
    func hostPlacement() async throws {
        let lab = try lab()
        try await lab.prepare()
        let server = try await lab.serve(["--engine", "process"])
        let client = try await lab.join("B", ["--engine", "process", "--placement", "host"])
        let up = try await plan("B", "client", "bundle.bin", "--placement", "host")
        #expect(up.status == 0, "\(up)")

        client.signal(9)
        _ = try await client.waitForEnd()
        let again = try await lab.join("B", ["--engine", "process", "--placement", "host"])
        try await again.interrupt()
        try await server.interrupt()
    }

    @Test("refuses what the run itself would refuse")
    func refusal() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.text("A", "ip", "link", "add", "wg-tunnel", "type", "veth")
        let result = try await plan("A", "server")
        #expect(result.status == 73)
        #expect(result.error.hasPrefix("wgup: error: wg-tunnel exists already, a veth link that wgup did not make\n"))
        try await lab.text("A", "ip", "link", "delete", "wg-tunnel")
    }
}

@Suite("Plan with Docker", .serialized, .timeLimit(.minutes(2)), .lab("A", withDocker: true))
struct DockerPlanTests {
    @Test("looks into the container for the link, and sees an engine that is not wanted any more")
    func container() async throws {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        let other = try await lab.text("A", "wgkey", "gen", "--home", "/root/other")
        try await lab.text("A", "wgbundle", "seal", "--to", other)
        let server = try await lab.serve()
        let up = try await lab.run("A", "wgup", "plan", "server")
        #expect(up.status == 0, "\(up.text)\(up.error)")
        #expect(up.text == "")

        let changed = try await lab.run("A", "wgup", "plan", "server", "--engine", "none")
        #expect(changed.status == 2)
        let lines = changed.text.split(separator: "\n")
        #expect(lines.prefix(2) == ["- stop and remove docker container wgseal-server", "- remove link wg-tunnel"])
        #expect(lines.dropFirst(2).first == "+ create link wg-tunnel")
        try await server.interrupt()
    }
}
