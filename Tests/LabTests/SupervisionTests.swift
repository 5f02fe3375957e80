import Foundation
import TestSupport
import Testing

/// A tunnel that is up stays as it should be, whatever becomes of it.
@Suite("Supervision", .serialized, .timeLimit(.minutes(3)), .labForEachTest("A", "B"))
struct SupervisionTests {
    private let process = ["--engine", "process"]

    private func up() async throws -> (server: BackgroundCommand, client: BackgroundCommand) {
        let lab = try lab()
        try await lab.prepare()
        let server = try await lab.serve(process)
        return (server, try await lab.join("B", process))
    }

    private func end(_ server: BackgroundCommand, _ client: BackgroundCommand) async throws {
        try await client.interrupt()
        try await server.interrupt()
    }

    @Test("repairs what somebody has removed or changed by hand", arguments: ["A", "B"])
    func damage(host: String) async throws {
        let (server, client) = try await up()
        let lab = try lab()
        let (name, address) = host == "A" ? ("wgseal-server", "10.0.0.1/24") : ("wgseal-client", "10.0.0.2/24")
        for damage in [
            "address delete \(address) dev wg-tunnel", "link set wg-tunnel down", "link set wg-tunnel mtu 1300",
            "route delete 10.0.0.0/24 dev wg-tunnel", "address add 10.9.9.9/24 dev wg-tunnel",
            "link delete wg-tunnel",
        ] {
            try await lab.text(host, ["ip", "-n", name] + damage.split(separator: " ").map(String.init))
            try await lab.expectWelcome(.process, after: damage)
            let links = try await lab.text(host, "ip", "-n", name, "address", "show", "dev", "wg-tunnel")
            #expect(links.contains(" mtu 1420 ") && links.contains("inet \(address) "), "\(damage): \(links)")
            #expect(!links.contains("10.9.9.9"), "\(damage)")
        }
        try await end(server, client)
    }

    @Test("makes a wireguard-go that was killed again", arguments: ["A", "B"])
    func device(host: String) async throws {
        let (server, client) = try await up()
        let lab = try lab()
        for count in 1...5 {
            // A hub calls the peers that it has heard of.
            while server.output.matches(of: #/connected from/#).count < (host == "A" ? count : 1) {
                try #require(server.isRunning)
                try await Task.sleep(for: .milliseconds(20))
            }
            try await lab.killDevice(on: host)
            try await lab.expectWelcome(.process, after: "the end of wireguard-go")
        }
        #expect((host == "A" ? server : client).output.contains("wg-tunnel was made again\n"))
        try await end(server, client)
    }

    @Test("takes peers in and out while others go on")
    func registry() async throws {
        let (server, client) = try await up()
        let lab = try lab()
        let ping = try lab.start("B", ["ip", "netns", "exec", "wgseal-client", "ping", "-i", "0.01", "10.0.0.1"])
        try await ping.waitForOutput("icmp_seq=10 ")
        for name in ["one", "two"] {
            let identity = try await lab.text("A", "wgkey", "gen", "--home", "/root/\(name)")
            try await lab.text("A", "wgbundle", "seal", "--to", identity, "--name", name, "-o", "/root/\(name).bin")
            try await server.waitForOutput("+ add peer \(name) ")
        }
        try await lab.text("A", "rm", "/root/.config/wgseal/networks/default/peers/one.peer")
        try await server.waitForOutput("- remove peer one ")
        #expect(try await lab.wg("A", "show", "wg-tunnel", "peers").split(separator: "\n").count == 2)
        ping.signal(SIGINT)
        _ = try await ping.waitForEnd()
        let received = ping.output.matches(of: #/ icmp_seq=(\d+) /#).compactMap { Int($0.1) }
        #expect(Set(received) == Set(1...(received.max() ?? 1)), "\(ping.output)")
        try await end(server, client)
    }

    @Test("goes on as before with files that cannot be read")
    func badFiles() async throws {
        let (server, client) = try await up()
        let lab = try lab()
        let peers = "/root/.config/wgseal/networks/default/peers"
        try await lab.write(Array("nonsense\n".utf8), to: "\(peers)/x.peer", on: "A")
        try await server.waitForOutput("x.peer")
        try await server.waitForOutput("; going on as before\n")
        try await lab.expectWelcome(.process, after: "a bad file")
        try await lab.text("A", "rm", "\(peers)/x.peer")
        try await lab.write(Array("nonsense\n".utf8), to: "/root/bundle.bin", on: "B")
        try await client.waitForOutput("; going on as before\n")
        try await lab.expectWelcome(.process, after: "a bad bundle")
        try await end(server, client)
    }

    @Test("takes the issuer's next bundle from the same file, and no other's")
    func renewal() async throws {
        let (server, client) = try await up()
        let lab = try lab()
        let identity = try await lab.text("B", "wgkey", "show")
        let before = try await lab.text("B", "wgup", "status", "--json")
        try await lab.text("A", "wgbundle", "seal", "--to", identity, "--expires", "30d", "-o", "next")
        try await lab.carry("next", from: "A", to: "B")
        try await lab.text("B", "mv", "next", "bundle.bin")
        try await client.waitForOutput("took another bundle from host-a, valid until ")
        try await lab.expectWelcome(.process, after: "the next bundle")
        let after = try await lab.text("B", "wgup", "status", "--json")
        #expect(before != after)

        try await lab.text("A", "wgkey", "gen", "--home", "/root/stranger")
        try await lab.text(
            "A",
            ["wgbundle", "seal", "--home", "/root/stranger", "--to", identity, "-o", "/root/strange"]
        )
        try await lab.carry("strange", from: "A", to: "B")
        try await lab.text("B", "mv", "strange", "bundle.bin")
        try await client.waitForOutput("; going on as before\n")
        try await lab.expectWelcome(.process, after: "a stranger's bundle")
        try await end(server, client)
    }

    @Test("starts a command again that has failed, and ends with one that has done its work")
    func commands() async throws {
        let lab = try lab()
        try await lab.prepare()
        let words = ["sh", "-c", "test -e /root/done && exit 0; touch /root/done; sleep 1; exit 3"]
        let server = try lab.start("A", ["wgup", "server"] + process + ["--"] + words)
        try await server.waitForOutput("note: the command has ended")
        #expect(try await server.waitForEnd() == 0)
        #expect(server.output.hasSuffix("has ended as it should; taking everything down\n"), "\(server.output)")
        #expect(try await lab.run("A", "wgup", "status").error == "nothing is up\n")
    }
}
