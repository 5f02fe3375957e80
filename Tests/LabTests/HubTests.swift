import Foundation
import TestSupport
import Testing

/// A network with more than one peer, as the operator of the hub runs it.
@Suite("Hub", .serialized, .timeLimit(.minutes(3)), .labForEachTest("A", "B", "C"))
struct HubTests {
    private let process = ["--engine", "process"]

    private func acquaint(sealing options: [String: [String]] = [:]) async throws -> Lab {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        for client in ["B", "C"] {
            let identity = try await lab.text(client, "wgkey", "gen")
            let name = client.lowercased()
            try await lab.text(
                "A",
                ["wgbundle", "seal", "--to", identity, "--name", name, "-o", "\(name).bin"] + (options[client] ?? [])
            )
        }
        return lab
    }

    private func join(_ lab: Lab, _ client: String, bundle: String? = nil) async throws -> BackgroundCommand {
        let name = bundle ?? "\(client.lowercased()).bin"
        try await lab.carry(name, from: "A", to: client)
        try await lab.text(client, "mv", name, "bundle.bin")
        return try await lab.join(client, process)
    }

    @Test("a revoked peer is cut off within a second, for good, while another loses nothing")
    func revocation() async throws {
        let lab = try await acquaint()
        let server = try await lab.serve(process)
        let clients = [try await join(lab, "B"), try await join(lab, "C")]
        let pings = try ["B", "C"].map { host in
            try lab.start(
                host,
                ["ip", "netns", "exec", "wgseal-client", "ping", "-D", "-O", "-i", "0.02", "10.0.0.1"]
            )
        }
        for ping in pings { try await ping.waitForOutput("icmp_seq=20 ") }
        let start = Date().timeIntervalSince1970
        let revoked = try await lab.run("A", "wgbundle", "revoke", "b")
        #expect(revoked.error.hasPrefix("revoked b; 10.0.0.2 is nobody's until 20"), "\(revoked.error)")
        try await server.waitForOutput("- remove peer b ")
        try await pings[0].waitForOutput("no answer yet")
        try await Task.sleep(for: .seconds(2))
        for ping in pings {
            ping.signal(SIGINT)
            _ = try await ping.waitForEnd()
        }
        let answers = pings.map { ping in
            ping.output.matches(of: #/\[(\d+\.\d+)\] 64 bytes .* icmp_seq=(\d+) /#)
                .map { (time: Double($0.1) ?? 0, number: Int($0.2) ?? 0) }
        }
        let last = try #require(answers[0].last)
        print("the last answer to a revoked peer came \(last.time - start) s after the command began")
        #expect(last.time - start < 1)
        let numbers = answers[1].map(\.number)
        #expect(try #require(answers[1].last).time > last.time + 1)
        #expect(Set(numbers) == Set(1...(try #require(numbers.max()))), "\(pings[1].output)")

        // What it has been sent once, and whatever it does with that, does not bring it back.
        try await clients[0].interrupt()
        let again = try await lab.startClient("B", process)
        try await again.waitForOutput("waiting for the handshake")
        try await Task.sleep(for: .seconds(6))
        #expect(!again.output.contains("press ctrl-c"), "\(again.output)")
        #expect(try await lab.wg("A", "show", "wg-tunnel", "peers").split(separator: "\n").count == 1)
        let identity = try await lab.text("B", "wgkey", "show")
        let refused = try await lab.run("A", "wgbundle", "seal", "--to", identity)
        #expect(refused.status == 65)
        #expect(
            refused.error.hasPrefix("wgbundle: error: this identity was that of peer 'b', which was revoked\nhint: ")
        )
        again.signal(SIGINT)
        _ = try await again.waitForEnd()
        try await clients[1].interrupt()
        try await server.interrupt()
    }

    @Test("peers of the mesh talk past the hub, also after one of them has another bundle")
    func mesh() async throws {
        let lab = try await acquaint(sealing: [
            "B": ["--mesh", "--own-endpoint", "192.0.2.2:7777"], "C": ["--mesh"],
        ])
        let renewed = try await lab.run("A", "wgbundle", "renew", "--mesh", "-o", "mesh")
        #expect(renewed.error.hasPrefix("sealed 2 bundles in mesh, 0 of them for new peers, valid until "))
        try await lab.text("A", "sh", "-c", "mv mesh/* .")
        let server = try await lab.serve(process)
        let clients = [try await join(lab, "B"), try await join(lab, "C")]
        let port = ["ip", "netns", "exec", "wgseal-client", "wg", "show", "wg-tunnel", "listen-port"]
        #expect(try await lab.text("B", port) == "7777")
        // Without the hub, so that nothing goes that way.
        try await server.interrupt()
        func ping(_ host: String, _ address: String) async throws {
            let words = ["ip", "netns", "exec", "wgseal-client", "ping", "-c", "3", "-w", "10", address]
            let result = try await lab.run(host, words)
            #expect(result.status == 0, "\(result.text)")
        }
        try await ping("C", "10.0.0.2")
        try await ping("B", "10.0.0.3")
        for client in clients { try await client.interrupt() }
    }

    @Test("a network of both families carries both")
    func families() async throws {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        let identity = try await lab.text("B", "wgkey", "gen")
        let made = try await lab.run("A", "wgbundle", "seal", "--to", identity, "--ipv6", "-o", "b.bin")
        #expect(made.status == 0)
        let hub = try #require(made.error.firstMatch(of: #/this host is (fd[0-9a-f:]+)\n/#)).1
        let server = try await lab.serve(process)
        let client = try await join(lab, "B")
        for address in ["10.0.0.1", String(hub)] {
            let words = ["ip", "netns", "exec", "wgseal-client", "ping", "-c", "2", "-w", "5", address]
            let result = try await lab.run("B", words)
            #expect(result.status == 0, "\(result.text)")
        }
        try await client.interrupt()
        try await server.interrupt()
    }

    @Test("a full disk leaves all as it was, and is said")
    func fullDisk() async throws {
        let lab = try await acquaint()
        try await lab.text(
            "A",
            "sh",
            "-c",
            """
            mkdir /root/small; mount -t tmpfs -o size=300k,mode=700 none /root/small
            cp -a /root/.config/wgseal/. /root/small/
            for n in $(seq 40); do wgkey gen --home /root/k$n; done >ids 2>/dev/null
            (echo identity,name; awk '{ print $0 ",p" NR }' ids) >list.csv
            """
        )
        let state = ["sh", "-c", "cd /root/small/networks/default; cat serial peers/*.peer network.conf | sha256sum"]
        let fill = ["sh", "-c", "head -c 1000000 /dev/zero >/root/small/ballast 2>/dev/null; df /root/small | tail -1"]
        let before = try await lab.text("A", state)
        #expect(try await lab.text("A", fill).contains("100%"))
        let home = ["--home", "/root/small"]
        let identity = try await lab.text("A", "head", "-1", "ids")
        for command in [
            ["seal", "--to", identity, "-o", "new.bin"], ["seal", "--batch", "list.csv", "-o", "new"],
            ["renew", "b", "-o", "new.bin"], ["renew", "--all", "-o", "new"], ["revoke", "b"], ["note", "b", "full"],
        ] {
            let result = try await lab.run("A", ["wgbundle"] + command + home)
            #expect(result.status == 74, "\(command): \(result.error)")
            #expect(result.error.contains("no space left on device"), "\(command): \(result.error)")
            #expect(try await lab.text("A", state) == before, "\(command)")
            #expect(try await lab.run("A", "test", "-e", "new.bin").status == 1)
        }
        #expect(try await lab.run("A", ["wgbundle", "peers"] + home).text.split(separator: "\n").count == 3)
        // With room for some, some are taken in, and the rest once there is more.
        try await lab.text("A", "sh", "-c", "truncate -s 200k /root/small/ballast; rm -rf new")
        let some = try await lab.run("A", ["wgbundle", "seal", "--batch", "list.csv", "-o", "new"] + home)
        #expect(some.status == 74)
        #expect(some.error.contains("no space left on device"))
        try await lab.text("A", "rm", "/root/small/ballast")
        let all = try await lab.run("A", ["wgbundle", "seal", "--batch", "list.csv", "-o", "new"] + home)
        #expect(all.status == 0, "\(all.error)")
        #expect(try await lab.text("A", "sh", "-c", "ls new | wc -l") == "40")
        let peers = try await lab.run("A", ["wgbundle", "peers"] + home).text.split(separator: "\n").dropFirst()
        #expect(peers.count == 42)
        #expect(Set(peers.map { $0.split(separator: " ")[1] }).count == 42)
    }

    @Test("a list that is cut short goes on where it ended")
    func batch() async throws {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        try await lab.text(
            "A",
            "sh",
            "-c",
            """
            for n in $(seq 60); do wgkey gen --home /root/k$n; done >ids 2>/dev/null
            (echo identity,name; awk '{ print $0 ",p" NR }' ids) >list.csv
            """
        )
        let first = try await lab.run("A", "wgbundle", "seal", "--batch", "list.csv", "-o", "out", "--json")
        #expect(first.status == 0, "\(first.error)")
        let records = try JSONSerialization.jsonObject(with: Data(first.output)) as? [[String: Any]]
        #expect(records?.count == 60)
        #expect(records?.last?["file"] as? String == "out/p60.bin")
        // A second run would replace what the first has written, and says so before it does anything.
        let second = try await lab.run("A", "wgbundle", "seal", "--batch", "list.csv", "-o", "out")
        #expect(second.status == 73)
        #expect(second.error.hasPrefix("wgbundle: error: out/p1.bin: exists already\n"))
        try await lab.text("A", "sh", "-c", "rm out/p7.bin out/p8.bin; touch out/unfinished")
        let third = try await lab.run("A", "wgbundle", "seal", "--batch", "list.csv", "-o", "out")
        #expect(third.status == 0)
        #expect(third.error.contains("sealed 2 bundles in out, 0 of them for new peers"))
        #expect(third.error.contains("note: 58 were there already, from a run that was cut short\n"))
        #expect(try await lab.text("A", "sh", "-c", "ls out | wc -l") == "60")
        for (line, problem) in [
            ("wgid1x,q", "line 62: "), ("$(sed -n 3p ids),q", "line 62: the same 'identity' as in line 4"),
            ("$(wgkey gen --home /root/z),p3", "line 62: the same 'name' as in line 4"),
        ] {
            let bad = try await lab.run(
                "A",
                "sh",
                "-c",
                "rm -rf bad /root/z; (cat list.csv; echo \"\(line)\") >bad.csv; wgbundle seal --batch bad.csv -o bad"
            )
            #expect(bad.status == 65, "\(line)")
            #expect(bad.error.hasPrefix("wgbundle: error: bad.csv: \(problem)"), "\(bad.error)")
        }
        let bundle = try await lab.run("A", "wgbundle", "inspect", "--home", "/root/k9", "out/p9.bin")
        #expect(bundle.status == 0, "\(bundle.error)")
        #expect(bundle.text.contains("address       10.0.0.10/24\n"), "\(bundle.text)")
    }
}
