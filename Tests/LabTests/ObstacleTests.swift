import Foundation
import TestSupport
import Testing

/// What is in the way of a tunnel: one line says what, one what to do, and nothing has changed.
@Suite("Obstacle", .serialized, .timeLimit(.minutes(3)), .labForEachTest("A", "B"))
struct ObstacleTests {
    private let serve = ["wgup", "server", "--engine", "none"]

    /// Requires that a command is refused in these words, and that the host is as it was.
    private func expectRefusal(
        _ command: [String],
        on host: String = "A",
        status: Int32,
        _ error: String,
        hint: String
    ) async throws {
        let lab = try lab()
        let before = try await lab.snapshot(host)
        let result = try await lab.run(host, command)
        #expect(result.status == status, "\(command)")
        #expect(result.error == "wgup: error: \(error)\nhint: \(hint)\n", "\(command)")
        #expect(result.output == [])
        #expect(changes(from: before, to: try await lab.snapshot(host)) == [], "\(command)")
    }

    /// Requires the same of a server, and of the plan of one.
    private func expectRefusalOfServer(
        _ arguments: [String] = [],
        status: Int32,
        _ error: String,
        hint: String
    ) async throws {
        for command in [serve, ["wgup", "plan"] + serve.dropFirst()] {
            try await expectRefusal(command + arguments, status: status, error, hint: hint)
        }
    }

    private let another = "name another in the network's network.conf"

    @Test("a link of that name that is no WireGuard link", arguments: ["veth", "bridge"])
    func foreignLink(kind: String) async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.text("A", "ip", "link", "add", "wg-tunnel", "type", kind)
        try await expectRefusalOfServer(
            status: 73,
            "wg-tunnel exists already, a \(kind) link that wgup did not make",
            hint: "remove it with 'ip link delete wg-tunnel', or \(another)"
        )
        #expect(try await lab.run("A", "wgup", "down").error == "nothing is up\n")
        try await lab.text("A", "ip", "link", "delete", "wg-tunnel")
    }

    @Test("an interface that wg-quick brought up")
    func quick() async throws {
        let lab = try lab()
        try await lab.prepare()
        let key = try await lab.text("A", "wg", "genkey")
        let text = "[Interface]\nPrivateKey = \(key)\nAddress = 10.7.0.1/24\n"
        try await lab.text("A", "mkdir", "-p", "/etc/wireguard")
        try await lab.write(Array(text.utf8), to: "/etc/wireguard/wg-tunnel.conf", on: "A")
        try await lab.text("A", "wg-quick", "up", "wg-tunnel")
        let kind = try await lab.text("A", "ip", "-details", "link", "show", "wg-tunnel").contains(" wireguard ")
        let what = kind ? "a wireguard link" : "a wireguard-go interface"
        try await expectRefusalOfServer(
            status: 73,
            "wg-tunnel exists already, \(what) that wgup did not make",
            hint: "'wg-quick down wg-tunnel' if wg-quick made it, or \(another)"
        )
        #expect(try await lab.run("A", "wgup", "down").error == "nothing is up\n")
        try await lab.text("A", "wg-quick", "down", "wg-tunnel")
    }

    @Test("an address or a route that is there already, where the tunnel would be on the host")
    func overlap() async throws {
        let lab = try lab()
        try await lab.prepare()
        let hint = "--placement container leaves this host's network as it is"
        let words = { (block: String) in "10.0.0.0/24 of the tunnel overlaps \(block), which this host has already" }
        try await lab.text("A", "ip", "address", "add", "10.0.0.1/24", "dev", "eth0")
        try await expectRefusalOfServer(status: 73, words("10.0.0.0/24"), hint: hint)
        try await lab.text("A", "ip", "address", "delete", "10.0.0.1/24", "dev", "eth0")
        try await lab.text("A", "ip", "address", "add", "10.0.0.1/32", "dev", "eth0")
        try await expectRefusalOfServer(status: 73, words("10.0.0.1/32"), hint: hint)
        try await lab.text("A", "ip", "address", "delete", "10.0.0.1/32", "dev", "eth0")
        try await lab.text("A", "ip", "route", "add", "10.0.0.128/25", "via", "192.0.2.2")
        try await expectRefusalOfServer(status: 73, words("10.0.0.128/25"), hint: hint)
        // A workload's own namespace has room.
        let server = try await lab.serve(["--engine", "process"])
        try await server.interrupt()
        try await lab.text("A", "ip", "route", "delete", "10.0.0.128/25", "via", "192.0.2.2")
        // A wider route gives way.
        try await lab.text("A", "ip", "route", "add", "10.0.0.0/8", "via", "192.0.2.2")
        let other = try lab.start("A", serve)
        try await other.waitForOutput("press ctrl-c")
        try await other.interrupt()

        try await lab.text("B", "ip", "route", "add", "10.0.0.0/24", "via", "192.0.2.1")
        let client = ["wgup", "client", "bundle.bin", "--engine", "none", "--from", try await lab.fingerprint]
        let before = try await lab.snapshot("B")
        let refused = try await lab.run("B", client)
        #expect(refused.status == 65)
        #expect(refused.error.contains("10.0.0.0/24"), "\(refused.error)")
        #expect(changes(from: before, to: try await lab.snapshot("B")) == [])
    }

    @Test("a UDP port that somebody listens on")
    func port() async throws {
        let lab = try lab()
        try await lab.prepare()
        let program = "import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
        let taker = try lab.start(
            "A",
            ["python3", "-c", program + "s.bind(('', 51820)); print('bound', flush=True); time.sleep(60)"]
        )
        try await taker.waitForOutput("bound")
        try await expectRefusalOfServer(
            status: 73,
            "UDP port 51820 is taken",
            hint: "'ss -lunp sport = :51820' shows by whom; network.conf has the network's port"
        )
        taker.signal(SIGTERM)
        _ = try await taker.waitForEnd()
    }

    @Test("a kernel without WireGuard, where the kernel's is wanted")
    func module() async throws {
        let lab = try lab()
        try await lab.prepare()
        guard try await lab.run("A", "ip", "link", "add", "probe", "type", "wireguard").status != 0 else {
            try await lab.text("A", "ip", "link", "delete", "probe")
            return
        }
        try await expectRefusal(
            serve + ["--backend", "kernel"],
            status: 69,
            "the kernel has no WireGuard",
            hint: "modprobe wireguard, or --backend userspace"
        )
    }

    @Test("root without CAP_NET_ADMIN")
    func capability() async throws {
        let lab = try lab()
        try await lab.prepare()
        let without = ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"]
        for (command, name) in [(serve, "wgup server"), (["wgup", "plan"] + serve.dropFirst(), "wgup plan server")] {
            try await expectRefusal(
                without + command,
                status: 77,
                "'\(name)' needs CAP_NET_ADMIN, which this root does not have",
                hint: "in a container: --cap-add NET_ADMIN"
            )
        }
    }

    @Test("a namespace of the workload's name that somebody else has made")
    func namespace() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.text("A", "ip", "netns", "add", "wgseal-server")
        try await expectRefusal(
            ["wgup", "server", "--engine", "process"],
            status: 73,
            "network namespace wgseal-server exists already, and this wgup did not make it",
            hint: "choose another with --container-name, or, if nobody uses it: ip netns delete wgseal-server"
        )
        try await lab.text("A", "ip", "netns", "delete", "wgseal-server")
    }
}
