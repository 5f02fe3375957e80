import TestSupport
import Testing

/// The interface on the hosts themselves, and the workload published on its address.
@Suite("Host placement", .serialized, .timeLimit(.minutes(2)))
struct HostPlacementTests {
    @Test("publishes a container on the tunnel's address and nowhere else", .lab("A", "B", withDocker: true))
    func docker() async throws { try await check(engine: "docker") }

    @Test("lets nginx listen on the tunnel's address and nowhere else", .lab("A", "B"))
    func process() async throws { try await check(engine: "process") }

    private func check(engine: String) async throws {
        let lab = try lab()
        try await lab.prepare()
        let before = (try await lab.snapshot("A"), try await lab.snapshot("B"))
        let server = try await lab.serve(["--placement", "host"])
        let client = try await lab.join("B", ["--placement", "host"])
        let links = try await lab.text("A", "ip", "-brief", "link")
        #expect(links.contains("wg-tunnel"))
        #expect(links.contains("docker0") == (engine == "docker"))

        let page = try await lab.text("B", "curl", "10.0.0.1:8080")
        #expect(page.contains("Welcome to nginx!"))
        let addresses = try await addresses(of: "A")
        #expect(addresses.contains("10.0.0.1") && addresses.contains("127.0.0.1") && addresses.contains("192.0.2.1"))
        #expect(addresses.contains("172.17.0.1") == (engine == "docker"))
        for address in addresses {
            let status = try await statusOfCurl(on: "A", address)
            #expect(status == (address == "10.0.0.1" ? 0 : refused), "\(address) from A itself")
        }
        let status = try await statusOfCurl(on: "B", "192.0.2.1")
        #expect(status == refused, "from the wire")

        try await client.interrupt()
        try await server.interrupt()
        let after = (try await lab.snapshot("A"), try await lab.snapshot("B"))
        #expect(changes(from: before.0, to: after.0) == [])
        #expect(changes(from: before.1, to: after.1).filter { !isKept($0) } == [])
    }

    /// Curl's exit status for a connection that was refused; one that is not answered is another.
    private let refused: Int32 = 7

    private func statusOfCurl(on host: String, _ address: String) async throws -> Int32 {
        let name = address.contains(":") ? "[\(address)]" : address
        let words = ["curl", "--silent", "--globoff", "--connect-timeout", "5", "http://\(name):8080"]
        return try await lab().run(host, words).status
    }

    /// Every address of a host, with its zone where it needs one.
    private func addresses(of host: String) async throws -> [String] {
        try await lab().text(host, "ip", "-oneline", "address").split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 3, let address = words[3].split(separator: "/").first else { return nil }
            return address.hasPrefix("fe80:") ? "\(address)%\(words[1])" : String(address)
        }
    }
}
