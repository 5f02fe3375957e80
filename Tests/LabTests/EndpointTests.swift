import Foundation
import TestSupport
import Testing

/// A client finds its hub again wherever that is.
@Suite("Endpoints", .serialized, .timeLimit(.minutes(4)), .labForEachTest("A", "B"))
struct EndpointTests {
    /// Brings both ends up, with a hub whose endpoints are given.
    private func up(_ endpoints: String...) async throws -> (server: BackgroundCommand, client: BackgroundCommand) {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        let identity = try await lab.text("B", "wgkey", "gen")
        let options = endpoints.flatMap { ["--endpoint", $0] }
        try await lab.text("A", ["wgbundle", "seal", "--to", identity, "-o", "bundle.bin"] + options)
        try await lab.carry("bundle.bin", from: "A", to: "B")
        let server = try await lab.serve(["--engine", "process"])
        return (server, try await lab.join("B", ["--engine", "process"]))
    }

    /// Gives a name another address on B, as a provider does it.
    private func name(_ host: String, _ address: String) async throws {
        let script = "sed -i '/ \(host)$/d' /etc/hosts; echo '\(address) \(host)' >>/etc/hosts"
        try await lab().text("B", "sh", "-c", script)
    }

    /// Gives host A another address.
    private func move(from old: String, to new: String) async throws {
        // Without an address there is no route.
        let script = """
            ip address delete \(old)/24 dev eth0
            ip address add \(new)/24 dev eth0
            ip route add default via 192.0.2.254
            """
        try await lab().text("A", "sh", "-ec", script)
    }

    private func endpoint() async throws -> String {
        let text = try await lab().text(
            "B",
            "ip",
            "netns",
            "exec",
            "wgseal-client",
            "wg",
            "show",
            "wg-tunnel",
            "endpoints"
        )
        return String(text.split(separator: "\t").last ?? "")
    }

    @Test("that does not answer yet is shown to be called, on a terminal")
    func progress() async throws {
        let lab = try lab()
        let identity = try await lab.makeIdentity(of: "B")
        let issuer = try await Issuer.trusted("issuer", by: "B")
        try await lab.write(issuer.seal(to: identity, serial: 1), to: "bundle.bin", on: "B")
        let words = ["env", "TERM=xterm", "wgup", "client", "bundle.bin", "--engine", "none"]
        let client = try lab.startOnTerminal("B", words)
        try await client.waitForOutput("waiting for the handshake with hub\r\n")
        try await client.waitForOutput("\r\u{1b}[Kcalling hub for 1 s\r\u{1b}[Kcalling hub for 2 s")
        try await client.pressControlC()
        #expect(client.output.contains("\r\u{1b}[KINT: taking everything down\r\n"), "\(client.output)")
    }

    @Test("whose name has another address, within half a minute while something is sent")
    func name() async throws {
        try await name("hub.example", "192.0.2.1")
        let (server, client) = try await up("hub.example")
        let lab = try lab()
        try await lab.expectWelcome(.process, after: "the start")
        try await move(from: "192.0.2.1", to: "192.0.2.101")
        try await name("hub.example", "192.0.2.101")
        let start = ContinuousClock.now
        let deadline = start + .seconds(90)
        var isFound = false
        while !isFound, ContinuousClock.now < deadline {
            let fetch = ["ip", "netns", "exec", "wgseal-client", "curl", "-sm", "1", "http://10.0.0.1"]
            isFound = try await lab.run("B", fetch).text.contains("Welcome to nginx!")
        }
        #expect(isFound)
        print("a hub whose name moved was found again after \(ContinuousClock.now - start)")
        #expect(client.output.contains("note: host-a does not answer any more; looking for it\n"), "\(client.output)")
        #expect(try await endpoint() == "192.0.2.101:51820")
        try await client.waitForOutput("note: host-a answers again\n")
        try await client.interrupt()
        try await server.interrupt()
    }

    @Test("that has several, of which the first does not answer")
    func several() async throws {
        let (server, client) = try await up("192.0.2.77", "192.0.2.1")
        #expect(try await endpoint() == "192.0.2.1:51820")
        try await client.interrupt()
        try await server.interrupt()
    }

    @Test("that a new bundle has elsewhere, at once, also when nothing is sent")
    func renewed() async throws {
        let (server, client) = try await up("192.0.2.1")
        let lab = try lab()
        // Another machine has no session of the client's.
        try await server.interrupt()
        try await move(from: "192.0.2.1", to: "192.0.2.101")
        let other = try await lab.serve(["--engine", "process"])
        let identity = try await lab.text("B", "wgkey", "show")
        let seal = ["wgbundle", "seal", "--to", identity, "--endpoint", "192.0.2.101", "-o", "bundle.bin"]
        try await lab.text("A", seal + ["--force-overwrite"])
        try await lab.carry("bundle.bin", from: "A", to: "B")
        // A peer that is not called elsewhere is called where it was for two minutes.
        try await client.waitForOutput("took another bundle from host-a", seconds: 20)
        try await other.waitForOutput(" connected from 192.0.2.2:", seconds: 20)
        #expect(try await endpoint() == "192.0.2.101:51820")
        try await client.interrupt()
        try await other.interrupt()
    }

    @Test("and leaves a hub that has roamed where it answers")
    func roamed() async throws {
        try await name("hub.example", "192.0.2.1")
        let (server, client) = try await up("hub.example")
        let lab = try lab()
        // The hub answers from where it is called, as one does that has roamed.
        try await lab.text("A", "ip", "address", "add", "192.0.2.101/24", "dev", "eth0")
        let inside = ["ip", "netns", "exec", "wgseal-client", "wg"]
        let key = try await lab.text("B", inside + ["show", "wg-tunnel", "peers"])
        try await lab.text("B", inside + ["set", "wg-tunnel", "peer", key, "endpoint", "192.0.2.101:51820"])
        for _ in 0..<25 {
            try await lab.expectWelcome(.process, after: "a move")
            try await Task.sleep(for: .seconds(1))
        }
        #expect(try await endpoint() == "192.0.2.101:51820")
        #expect(!client.output.contains("does not answer"))
        try await client.interrupt()
        try await server.interrupt()
    }
}
