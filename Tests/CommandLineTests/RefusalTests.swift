import CommandSupport
import TestSupport
import Testing

@Suite("Refused input")
struct RefusalTests {
    private static let other = "run 'wgkey gen' on the other host, and give the identity that it prints"
    private static let copy = "run 'wgkey show' on the other host, and copy all 171 characters"

    @Test(
        "--to says what it was given instead of an identity",
        arguments: [
            ("kLAv2XPdXSZn2jIW+8BWtuffmiewMmIwchOPJgVT1Vk=", 65, "a WireGuard key is not an identity", other),
            ("9TPDF-JCPA6-NQYXK-B56RN-73ZYS", 65, "a fingerprint is not an identity", other),
            (
                "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", 65, "an age key is not an identity",
                other
            ),
            ("wgid1qqq", 65, "the identity has the wrong length", copy),
            ("nobody", 66, "'nobody' is no identity, no known peer, and no file", "wgbundle peers"),
            ("laptop1.pub", 66, "'laptop1.pub' is no identity, no known peer, and no file", "wgbundle peers"),
            ("home", 65, "home: is a directory, not a regular file", nil),
            ("fifo", 65, "fifo: is a FIFO, not a regular file", nil),
            ("/dev/zero", 65, "/dev/zero: is a device, not a regular file", nil),
            ("large", 65, "large: is longer than 4096 bytes", nil),
            ("empty", 65, "not an identity, which starts with wgid1", copy),
        ] as [(String, Int32, String, String?)]
    )
    func recipients(to: String, status: Int32, error: String, hint: String?) async throws {
        let (hub, _) = try await Host.withIdentity()
        #expect(try await hub.shell("mkfifo fifo; head -c 5000 /dev/zero >large; : >empty").status == 0)
        let transcript = try await hub.run("wgbundle", "seal", "--to", to, "--endpoint", "192.0.2.1")
        #expect(transcript.status == status)
        #expect(transcript.error == "wgbundle: error: \(error)\n" + (hint.map { "hint: \($0)\n" } ?? ""))
        #expect(try await hub.run("wgbundle", "peers").status == ExitStatus.configuration.rawValue)
    }

    @Test("an endless standard input is not read to its end")
    func endless() async throws {
        let (hub, _) = try await Host.withIdentity()
        let seal = try await hub.shell("$bin/wgbundle seal --to - --endpoint 192.0.2.1 </dev/zero")
        #expect(seal == Transcript(.refused, error: "wgbundle: error: standard input: is longer than 4096 bytes\n"))
        let inspect = try await hub.shell("$bin/wgbundle inspect - </dev/zero")
        #expect(inspect == Transcript(.refused, error: "wgbundle: error: standard input: is longer than 98304 bytes\n"))
    }

    @Test(
        "inspect says in one line why it does not open a file",
        arguments: [
            (": >b", 65, "not a bundle"),
            ("head -c 100 bundle.bin >b", 65, "the bundle is cut off: 100 of 440 bytes"),
            ("{ cat bundle.bin; echo; } >b", 65, "the bundle has 441 bytes where it should end after 440"),
            ("printf 'WGSB\\002' >b; tail -c +6 bundle.bin >>b", 65, "bundle version 2 is not known to this release"),
            ("mkdir b", 65, "b: is a directory, not a regular file"),
            ("mkfifo b", 65, "b: is a FIFO, not a regular file"),
            (":", 66, "b: no such file or directory"),
        ] as [(String, Int32, String)]
    )
    func bundles(make: String, status: Int32, error: String) async throws {
        let (hub, identity) = try await Host.withIdentity()
        let (issuer, _) = try await Host.withIdentity()
        _ = try await issuer.run("wgbundle", "seal", "--to", identity, "--endpoint", "192.0.2.1")
        try hub.directory.write(issuer.directory.read("bundle.bin"), to: "bundle.bin")
        #expect(try await hub.shell(make).status == 0)
        let transcript = try await hub.run("wgbundle", "inspect", "b")
        #expect(transcript == Transcript(status, error: "wgbundle: error: \(error)\n"))
    }

    @Test("neither the issuer nor a third host opens a bundle")
    func otherHosts() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        _ = try await hub.run("wgbundle", "seal", "--to", identity, "--endpoint", "192.0.2.1")
        let (third, _) = try await Host.withIdentity()
        try third.directory.write(hub.directory.read("bundle.bin"), to: "bundle.bin")
        for host in [hub, third] {
            let transcript = try await host.run("wgbundle", "inspect", "bundle.bin")
            #expect(transcript.status == ExitStatus.refused.rawValue)
            #expect(
                transcript.error.hasPrefix("wgbundle: error: the bundle is sealed to another host, or damaged\nhint: ")
            )
        }
    }

    @Test("without a default route seal asks for an endpoint, and makes no network")
    func noEndpoint() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        #expect(
            try await hub.shell("unshare -rn $bin/wgbundle seal --to $1", with: identity)
                == Transcript(
                    .configuration,
                    error: """
                        wgbundle: error: this host has no default route that would tell where peers reach it
                        hint: say where peers reach this host: --endpoint HOST

                        """
                )
        )
        #expect(try await hub.run("wgbundle", "peers").status == ExitStatus.configuration.rawValue)
    }

    @Test("the endpoint is the address towards the default route, and the range avoids this host's routes")
    func defaultEndpoint() async throws {
        let (hub, _) = try await Host.withIdentity()
        let (client, identity) = try await Host.withIdentity()
        let sealed = try await hub.shell(
            """
            exec unshare -rn sh -euc '
                ip link add up0 type veth peer name up1
                ip link set up1 up
                ip address add 198.51.100.7/24 dev up0
                ip address add 10.0.0.9/30 dev up0
                ip link set up0 up
                ip route add default via 198.51.100.1
                exec "$bin/wgbundle" seal --to "$1"
            ' sh "$1"
            """,
            with: identity
        )
        #expect(sealed.status == 0)
        let notes = sealed.error.split(separator: "\n").prefix(2)
        #expect(
            notes == [
                "note: new network 'default': 10.0.1.0/24, this host is 10.0.1.1",
                "note: 10.0.0.0/24 overlaps a route of this host",
            ]
        )
        try client.directory.write(hub.directory.read("bundle.bin"), to: "bundle.bin")
        let shown = try await client.run("wgbundle", "inspect", "bundle.bin").output
        #expect(shown.contains("  endpoint    198.51.100.7:51820\n"))
        #expect(shown.contains("address       10.0.1.2/24\n"))
    }
}
