import TestSupport
import Testing

@Suite("Many clients", .serialized, .timeLimit(.minutes(3)), .lab("A", "B", "C", "D", "E", withDocker: true))
struct ManyClientsTests {
    @Test("reach the server at the same time, a later one at once, and all when the server was started again")
    func reachServer() async throws {
        let lab = try lab()
        for host in lab.hosts { try await lab.text(host, "wgkey", "gen") }
        for client in ["B", "C", "D"] { try await lab.enrol(client) }
        let server = try await lab.serve()
        var clients = try await join(["B", "C", "D"])
        try await fetchTogether(from: ["B", "C", "D"])
        try await expectVisitors(["10.0.0.2", "10.0.0.3", "10.0.0.4"])
        let status = try await lab.text("A", "wgup", "status")
        #expect(status.matches(of: #/ s ago/#).count == 3)

        // The running server takes the fourth in.
        try await lab.enrol("E")
        clients.append(try await lab.join("E"))
        try await fetchTogether(from: ["B", "C", "D", "E"])
        try await server.interrupt()
        let nextServer = try await lab.serve()
        try await fetchTogether(from: ["B", "C", "D", "E"])
        try await expectVisitors(["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"])
        for client in clients { try await client.interrupt() }
        try await nextServer.interrupt()
    }

    private func join(_ hosts: [String]) async throws -> [BackgroundCommand] {
        let lab = try lab()
        return try await withThrowingTaskGroup { group in
            for host in hosts { group.addTask { try await lab.join(host) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Fetches the page from all hosts at once.
    ///
    /// A client that had spoken with an earlier server calls the new one 15 seconds after its first packet went
    /// unanswered (the WireGuard protocol's KEEPALIVE_TIMEOUT + REKEY_TIMEOUT).
    private func fetchTogether(from hosts: [String]) async throws {
        let lab = try lab()
        let fetch =
            ["docker", "exec", "wgseal-client", "curl", "--silent", "--connect-timeout", "1", "--retry", "40"]
            + ["--retry-delay", "1", "--retry-connrefused", "http://10.0.0.1"]
        try await withThrowingTaskGroup { group in
            for host in hosts {
                group.addTask {
                    let page = try await lab.text(host, fetch)
                    #expect(page.contains("Welcome to nginx!"), "\(host)")
                }
            }
            try await group.waitForAll()
        }
    }

    /// Compares the addresses that the server's container has answered.
    private func expectVisitors(_ addresses: Set<String>) async throws {
        let log = try await lab().text("A", "docker", "logs", "wgseal-server").split(separator: "\n")
        let visitors = log.filter { $0.contains("\"GET / HTTP/1.1\" 200") }.compactMap {
            $0.split(separator: " ").first
        }
        #expect(Set(visitors.map(String.init)) == addresses)
    }
}
