import TestSupport
import Testing

/// The story of the README, between two hosts with a Docker daemon each, with no more flags than it has there.
@Suite("Story", .serialized, .timeLimit(.minutes(2)), .labForEachTest("A", "B", withDocker: true))
struct StoryTests {
    private let fetch = ["docker", "exec", "wgseal-client", "curl", "http://10.0.0.1"]

    @Test("goes word for word")
    func wordForWord() async throws {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        let identity = try await lab.text("B", "wgkey", "gen")
        try await lab.text("A", "wgbundle", "seal", "--to", identity)
        try await lab.carry("bundle.bin", from: "A", to: "B")

        let server = try lab.startOnTerminal("A", ["wgup", "server"])
        try await server.waitForOutput("wg-tunnel is up for 1 peer")
        let client = try lab.startOnTerminal("B", ["wgup", "client", "bundle.bin"])
        try await client.waitForOutput("Paste the fingerprint")
        let fingerprint = try await lab.text("A", "wgkey", "show", "--fingerprint")
        #expect(!client.output.contains(fingerprint), "what is shown is not compared with the other host's")
        try client.type("\(fingerprint)\n")
        try await client.waitForOutput("handshake with host-a after")

        let page = try await lab.text("B", "docker", "exec", "wgseal-client", "curl", "http://10.0.0.1")
        #expect(page.contains("Welcome to nginx!"))
        try await server.waitForOutput("10.0.0.2) connected from 192.0.2.2:")
        try await client.pressControlC()
        try await server.pressControlC()
    }

    @Test("takes the fingerprint from --from, where there is no terminal to ask on")
    func withoutTerminal() async throws {
        let lab = try lab()
        try await lab.prepare()
        let server = try await lab.serve()
        let fingerprint = try await lab.fingerprint
        let client = try lab.start("B", ["wgup", "client", "bundle.bin", "--from", fingerprint])
        try await client.waitForOutput("handshake with host-a after")
        let page = try await lab.text("B", fetch)
        #expect(page.contains("Welcome to nginx!"))
        #expect(!client.output.contains("Paste"))
        try await client.interrupt()
        try await server.interrupt()
    }

    @Test("does not ask again once the issuer is trusted")
    func trustLasts() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.whileUp {}
        let server = try await lab.serve()
        let client = try lab.startOnTerminal("B", ["wgup", "client", "bundle.bin"])
        try await client.waitForOutput("handshake with host-a after")
        try await client.pressControlC()
        try await server.interrupt()
    }

    @Test("ends with a fingerprint that is not the issuer's, and changes nothing")
    func otherFingerprint() async throws {
        let lab = try lab()
        try await lab.prepare()
        let fingerprint = try await lab.text("B", "wgkey", "show", "--fingerprint")
        let before = try await lab.snapshot("B")
        let client = try lab.startOnTerminal("B", ["wgup", "client", "bundle.bin"])
        try await client.waitForOutput("Paste the fingerprint")
        try client.type("\(fingerprint)\n")
        let status = try await client.waitForEnd()
        #expect(status == 65)
        #expect(client.output.contains("the bundle is from another issuer than the one you expect"))
        let after = try await lab.snapshot("B")
        #expect(changes(from: before, to: after) == [])
    }

    @Test("puts the interface into both containers, and leaves none on the hosts")
    func interfaces() async throws {
        let lab = try lab()
        try await lab.prepare()
        let before = (try await links("A"), try await links("B"))
        try await lab.whileUp {
            for (host, role, address) in [("A", "server", "10.0.0.1"), ("B", "client", "10.0.0.2")] {
                let pid = try await lab.text(host, "docker", "inspect", "--format", "{{.State.Pid}}", "wgseal-\(role)")
                let enter = ["nsenter", "--net", "--target", pid]
                let inside = try await lab.text(host, enter + ["ip", "-brief", "address", "show", "wg-tunnel"])
                #expect(inside.contains("\(address)/24"), "\(host)")
                let links = try await links(host)
                #expect(links.contains { $0.hasPrefix("veth") }, "Docker's link shows that this looks where it should")
                #expect(!links.contains("wg-tunnel"), "\(host)")
            }
        }
        let after = (try await links("A"), try await links("B"))
        #expect(before == after)
    }

    private func links(_ host: String) async throws -> [String] {
        let lines = try await lab().text(host, "ip", "-oneline", "-brief", "link").split(separator: "\n")
        return lines.compactMap { $0.split { $0 == " " || $0 == "@" }.first.map(String.init) }.sorted()
    }

    @Test("shows the wire nothing but WireGuard's packets, from beginning to end")
    func wire() async throws {
        let lab = try lab()
        try await lab.prepare()
        let packets = try await lab.capture {
            try await lab.whileUp {
                let page = try await lab.text("B", fetch)
                #expect(page.contains("Welcome to nginx!"))
            }
        }
        var byteCounts = [String: Int]()
        for packet in packets where !isNeighbourDiscovery(packet) {
            let parts = try #require(
                packet.firstMatch(of: #/ IP (\S+) > (\S+): UDP, length (\d+)$/#),
                "not WireGuard's: \(packet)"
            )
            byteCounts["\(parts.1) \(parts.2)", default: 0] += try #require(Int(parts.3))
        }
        // One flow: of two directions, from one port of the client to the server's.
        #expect(byteCounts.count == 2)
        let toClient = try #require(byteCounts.first { $0.key.hasPrefix("192.0.2.1.51820 192.0.2.2.") })
        let ends = toClient.key.split(separator: " ")
        #expect(byteCounts["\(ends[1]) \(ends[0])"] != nil)
        #expect(toClient.value > 615, "the page alone has so many bytes")
    }

    private func isNeighbourDiscovery(_ packet: Substring) -> Bool {
        packet.contains(#/^\S+ (ARP, |IP6 \S+ > \S+ (HBH )?ICMP6, )/#)
    }

    @Test("lets the server see the client under its address in the tunnel")
    func accessLog() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.whileUp {
            try await lab.text("B", fetch)
            let log = try await lab.text("A", "docker", "logs", "wgseal-server").split(separator: "\n")
            let requests = log.filter { $0.contains("\"GET / HTTP/1.1\" 200") }
            #expect(requests.count == 1)
            #expect(requests.first?.hasPrefix("10.0.0.2 - - ") == true)
        }
    }

    @Test("leaves both hosts as they were after ^C, but for whom the client trusts and how far it is")
    func leavesNothing() async throws {
        let lab = try lab()
        try await lab.prepare()
        let before = (try await lab.snapshot("A"), try await lab.snapshot("B"))
        try await lab.whileUp {
            let meanwhile = try await lab.snapshot("A")
            #expect(changes(from: before.0, to: meanwhile).contains("+ process wireguard-go"), "the snapshot sees it")
            try await lab.text("B", fetch)
        }
        let after = (try await lab.snapshot("A"), try await lab.snapshot("B"))
        #expect(changes(from: before.0, to: after.0) == [])
        let kept = changes(from: before.1, to: after.1)
        #expect(kept.filter { !isKept($0) } == [])
        #expect(kept.count == 6)

        // The second time there is nothing new to keep.
        try await lab.whileUp {}
        let later = try await lab.snapshot("B")
        #expect(changes(from: after.1, to: later) == [])
    }
}
