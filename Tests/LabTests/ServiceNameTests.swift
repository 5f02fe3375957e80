import TestSupport
import Testing

/// The hub's services have names in a client's workload.
@Suite("Services by name", .serialized, .timeLimit(.minutes(3)), .labForEachTest("A", "B"))
struct ServiceNameTests {
    /// Gives B a bundle of A's that tells of these services.
    private func seal(_ services: [String]) async throws {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        let identity = try await lab.text("B", "wgkey", "gen")
        try await lab.text("A", ["wgbundle", "seal", "--to", identity] + services.flatMap { ["--service", $0] })
        try await lab.carry("bundle.bin", from: "A", to: "B")
    }

    /// What B has once it has accepted the bundle, which is remembered.
    private func snapshotAfterAcceptance() async throws -> String {
        let first = try await lab().join("B", ["--engine", "none"])
        try await first.interrupt()
        return try await lab().snapshot("B")
    }

    @Test(
        "are known inside the workload, and nowhere else, and nothing of that is left",
        arguments: TestedEngine.allCases,
        [false, true]
    )
    func names(engine: TestedEngine, isIsolated: Bool) async throws {
        let lab = try lab()
        try await engine.prepare(lab, on: engine == .process ? [] : ["B"])
        try await seal(["web:80", "web:443", "dns:53/udp"])
        let server = try await lab.serve(["--engine", "process"])
        let hosts = try await lab.text("B", "cat", "/etc/hosts")
        let before = try await snapshotAfterAcceptance()

        let client = try await lab.join("B", ["--engine", engine.rawValue] + (isIsolated ? ["--isolate"] : []))
        let page = try await lab.text("B", engine.inside("client") + ["curl", "-s", "http://web.default.wgseal"])
        #expect(page.contains("Welcome to nginx!"))
        let inside = try await lab.text("B", engine.inside("client") + ["cat", "/etc/hosts"])
        #expect(inside.matches(of: #/(?m)^10\.0\.0\.1\s+.*web\.default\.wgseal/#).count == 1, "\(inside)")
        #expect(inside.matches(of: #/(?m)^10\.0\.0\.1\s+.*dns\.default\.wgseal/#).count == 1, "\(inside)")
        #expect(inside.contains("127.0.0.1"))
        #expect(try await lab.text("B", "cat", "/etc/hosts") == hosts)
        try await client.interrupt()
        let left = changes(from: before, to: try await lab.snapshot("B"))
        #expect(left == [], "\(left)")
        try await server.interrupt()
    }

    @Test("are known to a command that is started, with the files that are there for its namespace")
    func command() async throws {
        let lab = try lab()
        try await seal(["web:80"])
        let server = try await lab.serve(["--engine", "process"])
        let script = "curl -sS http://web.default.wgseal; cat /etc/hosts; exec sleep infinity"
        let before = try await snapshotAfterAcceptance()
        let client = try await lab.join("B", ["--engine", "process", "--", "sh", "-c", script])
        var log = ""
        while !log.contains("web.default.wgseal") {
            log = try await lab.text("B", "cat", "/run/wgseal/wg-tunnel.workload.log")
        }
        #expect(log.contains("Welcome to nginx!") && log.contains("127.0.0.1"), "\(log)")
        #expect(!(try await lab.text("B", "cat", "/etc/hosts")).contains("wgseal"))
        try await client.interrupt()
        let left = changes(from: before, to: try await lab.snapshot("B"))
        #expect(left == [], "\(left)")
        try await server.interrupt()
    }

    @Test("leave alone what the operator has for a namespace of that name")
    func foreign() async throws {
        let lab = try lab()
        try await seal(["web:80"])
        try await lab.text("B", "mkdir", "-p", "/etc/netns/wgseal-client")
        try await lab.write(Array("nameserver 192.0.2.53\n".utf8), to: "/etc/netns/wgseal-client/resolv.conf", on: "B")
        let server = try await lab.serve(["--engine", "process"])
        let client = try await lab.join("B", ["--engine", "process"])
        #expect(client.output.contains("note: /etc/netns/wgseal-client is there already"), "\(client.output)")
        #expect(try await lab.text("B", "ls", "/etc/netns/wgseal-client") == "resolv.conf")
        try await client.interrupt()
        #expect(try await lab.text("B", "ls", "/etc/netns/wgseal-client") == "resolv.conf")
        try await server.interrupt()
    }
}
