import TestSupport
import Testing

/// What is not ours, or not for us to do, and who takes down what is.
@Suite("Ownership", .serialized, .lab("A"))
struct OwnershipTests {
    private func hub() async throws -> Lab {
        let lab = try #require(Lab.current)
        guard try await lab.run("A", "test", "-e", "/root/bundle.bin").status != 0 else { return lab }
        try await lab.run("A", "wgkey", "gen")
        let other = try await lab.run("A", "wgkey", "gen", "--home", "/root/other").text.dropLast()
        let sealed = try await lab.run("A", "wgbundle", "seal", "--to", String(other))
        try #require(sealed.status == 0, "\(sealed.error)")
        return lab
    }

    @Test("a network namespace that we did not make is an error, and stays")
    func foreignNamespace() async throws {
        let lab = try await hub()
        try await lab.run("A", "ip", "netns", "add", "wgseal-server")
        let result = try await lab.run("A", "wgup", "server", "--engine", "process")
        #expect(result.status == 73)
        #expect(
            result.error == """
                wgup: error: network namespace wgseal-server exists already, and this wgup did not make it
                hint: choose another with --container-name, or, if nobody uses it: ip netns delete wgseal-server

                """
        )
        #expect(try await lab.run("A", "ip", "netns", "list").text == "wgseal-server\n")
        #expect(try await lab.run("A", "test", "-e", "/run/wgseal").status == 1)
        try await lab.run("A", "ip", "netns", "delete", "wgseal-server")
    }

    @Test("nothing is looked up and no engine asked for a bundle that is refused")
    func refusedFirst() async throws {
        let lab = try await hub()
        let recipient = try await lab.run("A", "wgkey", "show", "--home", "/root/other").text.dropLast()
        let sealed = try await lab.run(
            "A",
            ["wgbundle", "seal", "--to", String(recipient), "--allowed-ips", "0.0.0.0/0"]
                + ["--endpoint", "hub.invalid", "-o", "/root/greedy.bin"]
        )
        try #require(sealed.status == 0)
        let issuer = try await lab.run("A", "wgkey", "show", "--fingerprint").text.dropLast()
        let result = try await lab.run(
            "A",
            ["wgup", "client", "/root/greedy.bin", "--home", "/root/other", "--from", String(issuer)]
                + ["--engine", "docker"]
        )
        #expect(result.status == 65)
        let error = "peer allowed-address 0.0.0.0/0 would take all traffic, which this issuer may not"
        #expect(result.error.hasPrefix("wgup: error: \(error)\n"))
        #expect(try await lab.run("A", "wgkey", "list", "--home", "/root/other", "--json").text == "[]\n")
    }

    @Test("down ends a wgup that runs, and is content")
    func downWhileUp() async throws {
        let lab = try await hub()
        let server = try lab.start("A", ["wgup", "server", "--engine", "none"])
        try await server.waitForOutput("ctrl-c")
        let down = try await lab.run("A", "wgup", "down")
        #expect(down.status == 0)
        #expect(down.error == "wg-tunnel is down\n")
        #expect(try await server.waitForEnd() == 0)
        #expect(try await lab.run("A", "test", "-e", "/run/wgseal").status == 1)
    }

    @Test("down takes down what it can, beside a journal that it cannot read")
    func downBesideDamage() async throws {
        let lab = try await hub()
        let server = try lab.start("A", ["wgup", "server", "--engine", "none"])
        try await server.waitForOutput("ctrl-c")
        try await lab.run("A", "sh", "-c", "umask 077; echo nonsense >/run/wgseal/aa.journal")
        let down = try await lab.run("A", "wgup", "down")
        #expect(down.status == 78)
        #expect(
            down.error == """
                wg-tunnel is down
                wgup: error: /run/wgseal/aa.journal: is damaged, so it is not known what to take down
                hint: take down by hand what 'ip link' and 'docker ps' show of it, then remove the file

                """
        )
        #expect(try await server.waitForEnd() == 0)
        let status = try await lab.run("A", "wgup", "status")
        #expect(status.status == 78)
        try await lab.run("A", "rm", "-r", "/run/wgseal")
    }
}
