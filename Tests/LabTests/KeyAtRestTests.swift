import TestSupport
import Testing

/// Tunnels of hosts whose identity keys are encrypted.
@Suite("Keys at rest", .serialized, .timeLimit(.minutes(2)), .labForEachTest("A", "B"))
struct KeyAtRestTests {
    @Test("open with a passphrase from a descriptor or a person, and wgup leaves no file open to others")
    func story() async throws {
        let lab = try lab()
        for host in lab.hosts {
            try await lab.text(
                host,
                "sh",
                "-c",
                "umask 077; echo one >passphrase; wgkey gen --passphrase-fd 0 <passphrase"
            )
        }
        let identity = try await lab.text("B", "wgkey", "show")
        try await lab.text("A", "sh", "-c", "wgbundle seal --to $0 --passphrase-fd 0 <passphrase", identity)
        try await lab.carry("bundle.bin", from: "A", to: "B")

        let refused = try await lab.run("A", "sh", "-c", "echo two | wgup server --engine none --passphrase-fd 0")
        #expect(refused.status == 77)
        #expect(refused.error == "wgup: error: /root/.config/wgseal/identity.key: the passphrase is wrong\n")
        let unasked = try await lab.run("A", "setsid", "--wait", "wgup", "plan", "server", "--engine", "none")
        #expect(unasked.status == 66)

        let line = "umask 0; exec wgup server --engine none --passphrase-fd 3 3<passphrase"
        let server = try lab.start("A", ["sh", "-c", line])
        try await server.waitForOutput("press ctrl-c")
        let client = try lab.startOnTerminal(
            "B",
            ["sh", "-c", "umask 0; exec wgup client bundle.bin --engine none --from \(try await lab.fingerprint)"]
        )
        try await client.waitForOutput("Passphrase of /root/.config/wgseal/identity.key: ")
        try client.type("one\n")
        try await client.waitForOutput("press ctrl-c")
        #expect(!client.output.contains("one\r\n"))
        for host in lab.hosts {
            let places = ["/root/.config/wgseal", "/var/lib/wgseal", "/run/wgseal"]
            let command =
                "for place in \(places.joined(separator: " ")); do test ! -e $place || find $place -perm /077; done"
            let open = try await lab.text(host, "sh", "-c", command)
            #expect(open == "/root/.config/wgseal/identity.pub", "\(host)")
        }
        try await client.interrupt()
        try await server.interrupt()
    }
}
