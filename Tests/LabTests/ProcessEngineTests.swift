import Testing

/// The story between hosts that have no container engine: the workload is a command in a network namespace.
@Suite("Process engine", .serialized, .timeLimit(.minutes(2)), .labForEachTest("A", "B"))
struct ProcessEngineTests {
    private let fetch = ["ip", "netns", "exec", "wgseal-client", "curl", "http://10.0.0.1"]

    @Test("plays the story, asked for by name or found to be all there is", arguments: [["--engine", "process"], []])
    func story(flags: [String]) async throws {
        let lab = try lab()
        try await lab.prepare()
        let before = (try await lab.snapshot("A"), try await lab.snapshot("B"))
        let server = try await lab.serve(flags)
        let client = try await lab.join("B", flags)
        let page = try await lab.text("B", fetch)
        #expect(page.contains("Welcome to nginx!"))
        for host in ["A", "B"] {
            let links = try await lab.text(host, "ip", "-brief", "link")
            #expect(!links.contains("wg-tunnel"), "\(host)")
        }
        try await client.interrupt()
        try await server.interrupt()
        let after = (try await lab.snapshot("A"), try await lab.snapshot("B"))
        #expect(changes(from: before.0, to: after.0) == [])
        #expect(changes(from: before.1, to: after.1).filter { !isKept($0) } == [])
    }

    @Test("runs the command after -- in the tunnel's namespace, on both sides")
    func command() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.write(Array(Self.configuration.utf8), to: "/root/nginx.conf", on: "A")
        let server = try await lab.serve(["--", "nginx", "-c", "/root/nginx.conf", "-g", "daemon off;"])
        // Sees what the command sees: there is no other way to the server than the tunnel.
        let script = "curl --silent --retry 9 --retry-connrefused --output /root/page http://10.0.0.1; exec sleep 1000"
        let client = try await lab.join("B", ["--", "sh", "-c", script])
        // curl has written the page some time before it is gone.
        let isThere = "grep -q nine /root/page && ip netns pids wgseal-client | xargs ps -o comm= | grep -qx sleep"
        try await lab.text("B", "sh", "-c", "timeout 30 sh -c 'until \(isThere); do sleep 0.05; done'")
        let pids = try await lab.text("B", "ip", "netns", "pids", "wgseal-client").split(separator: "\n")
        #expect(pids.count == 1)
        let process = "/proc/\(try #require(pids.first))"
        #expect(try await lab.text("B", "cat", "\(process)/cmdline") == "sleep\u{0}1000\u{0}")
        #expect(try await lab.text("B", "ls", "\(process)/fd") == "0\n1\n2")
        try await client.interrupt()
        try await server.interrupt()
    }

    private static let configuration = """
        pid /root/nginx.pid;
        error_log stderr;
        events {}
        http {
            access_log off;
            server { listen 10.0.0.1:80; return 200 nine; }
        }
        """
}
