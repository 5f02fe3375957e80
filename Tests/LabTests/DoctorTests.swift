import Foundation
import TestSupport
import Testing

/// What `wgup doctor` says of things that were really broken, one at a time, on both hosts.
@Suite("Doctor", .serialized, .timeLimit(.minutes(4)))
struct DoctorTests {
    @Test("tells a packet filter, keys, addresses, large packets and forwarding apart", .lab("A", "B"))
    func tunnel() async throws {
        let lab = try lab()
        try await lab.prepare()
        let identity = try await lab.text("B", "wgkey", "show")
        #expect(try await lab.doctor("A").verdict == "healthy")
        let server = try await lab.serve(["--engine", "process"])
        try await lab.expectVerdicts("no-answer", nil, "a hub that nobody calls")
        let client = try await lab.join("B", ["--engine", "process"])
        try await lab.expectVerdicts("healthy", "healthy", "while all is well")

        for (filter, host, verdicts) in [
            ("INPUT --protocol udp --dport 51820", "A", ("udp-blocked", "no-answer")),
            ("OUTPUT --protocol udp --sport 51820", "A", ("udp-blocked", nil)),
            ("INPUT --protocol udp --sport 51820", "B", ("healthy", "udp-blocked")),
            ("OUTPUT --protocol udp --dport 51820", "B", (nil, "udp-blocked")),
            ("INPUT --protocol udp --match length --length 1400:65535", "A", ("mtu-black-hole", "mtu-black-hole")),
        ] as [(String, String, (String?, String?))] {
            let rule = filter.split(separator: " ").map(String.init) + ["--jump", "DROP"]
            try await lab.text(host, ["iptables", "--insert"] + rule)
            try await lab.expectVerdicts(verdicts.0, verdicts.1, "\(host), \(filter)")
            try await lab.text(host, ["iptables", "--delete"] + rule)
            try await lab.waitForHealth()
        }

        // What is broken by hand, a wgup that runs would mend.
        try await lab.freeze("A")
        let key = try await lab.text("A", "wg", "show", "wg-tunnel", "peers")
        try await lab.text("A", "wg", "set", "wg-tunnel", "peer", key, "allowed-ips", "10.0.0.9/32")
        // Nobody else sends packets meanwhile, and so those of the doctor are confirmed.
        try await lab.expectVerdicts("allowed-address-mismatch", nil, "another address")
        try await lab.text("A", "wg", "set", "wg-tunnel", "peer", key, "remove")
        // Who has a session does not call at once.
        try await lab.expectVerdicts(nil, "no-answer", "a hub that does not know this host")
        try await lab.expectVerdicts("wrong-peer-key", nil, "an unknown peer that calls")
        try await lab.freeze("A", false)
        try await lab.waitForHealth()

        let inside = ["ip", "netns", "exec", "wgseal-client"]
        try await lab.text("B", inside + ["ip", "link", "add", "other", "type", "veth", "peer", "name", "end"])
        try await lab.text("B", inside + ["ip", "address", "add", "10.0.0.77/25", "dev", "other"])
        try await lab.text("B", inside + ["ip", "link", "set", "other", "up"])
        try await lab.expectVerdicts(nil, "address-overlap", "another route")
        try await lab.text("B", inside + ["ip", "link", "delete", "other"])

        try await lab.text(
            "A",
            ["wgbundle", "seal", "--to", identity, "--allowed-ips", "198.51.100.0/24", "-o", "behind"]
        )
        let forwarding = ["ip", "netns", "exec", "wgseal-server", "sysctl", "-w"]
        try await lab.text("A", forwarding + ["net.ipv4.ip_forward=0"])
        try await lab.expectVerdicts("forwarding-off", "healthy", "a network behind the hub")
        let remedy = try await lab.doctor("A").remedy
        #expect(remedy == "ip netns exec wgseal-server sysctl -w net.ipv4.ip_forward=1")
        try await lab.text("A", remedy.split(separator: " ").map(String.init))
        try await lab.expectVerdicts("healthy", "healthy", "after the remedy")

        try await server.interrupt()
        try await lab.expectVerdicts("healthy", "no-answer", "a hub that is gone")
        #expect(try await lab.doctor("B").words == "nobody listens at 192.0.2.1:51820, where host-a should be")
        try await client.killAndWait()
        try await lab.expectVerdicts(nil, "not-up", "a wgup that is gone")
        try await lab.text("B", "wgup", "down")
    }

    @Test("misses what a host needs for any tunnel", .lab("A", "B"))
    func host() async throws {
        let lab = try lab()
        try await lab.prepare()
        let without = { (capability: String) in ["setpriv", "--bounding-set", "-\(capability)", "--"] }
        #expect(try await lab.doctor("A", as: without("net_admin")).verdict == "no-capability")
        try await lab.text("A", "mount", "--bind", "/dev/null", "/usr/bin/wireguard-go")
        let missing = try await lab.doctor("A")
        #expect(missing.verdict == "no-wireguard" && missing.subject == "host", "\(missing)")
        try await lab.text("A", "umount", "/usr/bin/wireguard-go")
        #expect(try await lab.doctor("A").verdict == "healthy")

        try await lab.whileUp(["--engine", "process"]) {
            #expect(try await lab.doctor("A", as: without("net_admin")).verdict == "no-capability")
            let raw = try await lab.doctor("A", as: without("net_raw"))
            #expect(raw.verdict == "no-capability" && raw.words == "this root does not have CAP_NET_RAW", "\(raw)")
            #expect(raw.remedy == "in a container: --cap-add NET_RAW")
            #expect(try await lab.doctor("A").verdict == "healthy")
        }
        let user = ["setpriv", "--reuid", "4711", "--regid", "4711", "--clear-groups", "--"]
        let refused = try await lab.run("A", user + ["wgup", "doctor"])
        #expect((refused.status, refused.text) == (77, ""))
        #expect(refused.error.contains("hint: sudo wgup doctor"), "\(refused.error)")
        let absent = try await lab.run("A", "wgup", "doctor", "wg9")
        #expect((absent.status, absent.text) == (66, ""))
    }

    @Test("sees that a bundle has expired", .lab("B"))
    func expiry() async throws {
        let lab = try lab()
        let identity = try await lab.makeIdentity(of: "B")
        let issuer = try await Issuer.trusted("issuer", by: "B")
        let client = try await lab.apply(issuer.seal(to: identity, serial: 1, lifetime: 8, allowed: "10.99.0.1/32"))
        let end = ContinuousClock.now + .seconds(9)
        // Nobody is at the endpoint, and there is no way there either.
        try await lab.expectVerdicts(nil, "no-answer", "no way to the hub")
        try await Task.sleep(until: end)
        try await lab.expectVerdicts(nil, "bundle-expired", "after the end")
        try await client.interrupt()
    }

    @Test("sees what Docker is in the way of", .lab("A", "B", withDocker: true))
    func docker() async throws {
        let lab = try lab()
        try await lab.prepare()
        let identity = try await lab.text("B", "wgkey", "show")
        try await lab.text(
            "A",
            ["wgbundle", "seal", "--to", identity, "--allowed-ips", "172.17.0.0/16", "-o", "behind"]
        )
        let server = try await lab.serve(["--placement", "host"])
        let client = try await lab.join("B", ["--placement", "host", "--engine", "none"])
        // Docker itself needs it for its own network.
        #expect(try await lab.text("A", "sysctl", "-n", "net.ipv4.ip_forward") == "1")
        try await lab.expectVerdicts("healthy", "healthy", "while all is well")
        // As newer versions of Docker do for each container.
        let rule = ["PREROUTING", "-d", "172.17.0.2/32", "!", "-i", "docker0", "-j", "DROP"]
        try await lab.text("A", ["iptables", "-t", "raw", "-A"] + rule)
        try await lab.expectVerdicts("docker-raw-drop", "healthy", "a container behind the hub")
        try await lab.text("A", ["iptables", "-t", "raw", "-D"] + rule)
        try await lab.freeze("A")
        try await lab.text("A", "sh", "-c", "kill $(pidof dockerd); while pidof dockerd; do sleep 0.1; done")
        try await lab.expectVerdicts("engine-down", nil, "without Docker's daemon")
        try await lab.prepare(engine: "docker", on: "A")
        try await lab.freeze("A", false)
        try await lab.waitForHealth()
        try await client.interrupt()
        try await server.interrupt()
        // With nothing up, what is asked for by name counts.
        try await lab.text("A", "sh", "-c", "kill $(pidof dockerd); while pidof dockerd; do sleep 0.1; done")
        #expect(try await lab.doctor("A").verdict == "healthy")
        #expect(try await lab.doctor("A", as: ["env", "WGUP_ENGINE=docker"]).verdict == "engine-down")
        try await lab.write(
            Array("engine = docker\n".utf8),
            to: ".config/wgseal/networks/default/workload.conf",
            on: "A"
        )
        #expect(try await lab.doctor("A").verdict == "engine-down")
    }
}

/// What the doctor says of the one thing that it speaks of.
struct DoctorsWord {
    var subject = ""
    var verdict = ""
    var words = ""
    var remedy = ""

    init(_ result: Tool.Result) throws {
        let list = try JSONSerialization.jsonObject(with: Data(result.output)) as? [[String: Any]]
        let word = try #require(list?.first, "\(result.text)\(result.error)")
        #expect(list?.count == 1)
        #expect(Set(word.keys) == ["subject", "verdict", "words", "remedy"])
        subject = try #require(word["subject"] as? String)
        verdict = try #require(word["verdict"] as? String)
        words = try #require(word["words"] as? String)
        remedy = word["remedy"] as? String ?? ""
        #expect(result.status == (verdict == "healthy" ? 0 : 1))
        #expect(remedy.isEmpty == (verdict == "healthy"))
    }
}

extension Lab {
    /// Asks the doctor on a host.
    func doctor(_ host: String, as prefix: [String] = []) async throws -> DoctorsWord {
        try DoctorsWord(await run(host, prefix + ["wgup", "doctor", "--json"]))
    }

    /// Asks on both hosts at once; `nil` asks nobody.
    fileprivate func expectVerdicts(_ a: String?, _ b: String?, _ what: String) async throws {
        async let first = a == nil ? nil : doctor("A")
        async let second = b == nil ? nil : doctor("B")
        let (found, other) = (try await first, try await second)
        #expect(found?.verdict == a, "\(what): \(found?.words ?? "")")
        #expect(other?.verdict == b, "\(what): \(other?.words ?? "")")
        print("\(what): \(a ?? "-"), \(b ?? "-")")
    }

    /// Waits until both hosts are well again.
    fileprivate func waitForHealth() async throws {
        for _ in 1...40 {
            try await text(
                "B",
                "sh",
                "-c",
                "ip netns exec wgseal-client ping -c 1 -W 1 10.0.0.1 || ping -c 1 -W 1 10.0.0.1 || true"
            )
            let found = try await (doctor("A").verdict, doctor("B").verdict)
            if found == ("healthy", "healthy") { return }
        }
        Issue.record("the hosts are not well again")
    }
}
