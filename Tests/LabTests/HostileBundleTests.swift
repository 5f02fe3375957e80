import Crypto
import Foundation
import TestSupport
import Testing

/// What trusted issuers sign to do harm, given to the real program.
@Suite("Hostile bundles", .serialized, .timeLimit(.minutes(4)))
struct HostileBundleTests {
    @Test("have no effect but a line that says which field is wrong", .lab("B"))
    func noEffect() async throws {
        let (lab, effects) = (try lab(), try await Effects.compile())
        let identity = try await lab.makeIdentity(of: "B")
        let everything = ["--max-prefix", "0,0"]
        let issuers: [HostilePayload.Issuer: Issuer] = [
            .narrow: try await .trusted("narrow", by: "B"),
            .unlimited: try await .trusted("unlimited", by: "B", everything),
            .wide: try await .trusted(
                "wide",
                by: "B",
                everything + ["--allow-default-route", "--allow-image", "nginx"]
            ),
        ]
        let target = HostilePayload.Target(
            ownKey: identity.wireGuardKey.rawValue.bytes,
            now: UInt64(Date().timeIntervalSince1970)
        )
        let payloads = HostilePayload.all(for: target)
        // All hosts of a lab see this directory, and none of them has it in its snapshot.
        let directory = "\(lab.directory)/hostile"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        for (number, hostile) in payloads.enumerated() {
            let issuer = try #require(issuers[hostile.issuer])
            let bundle = issuer.key.sealRaw(hostile.payload, to: identity)
            try Data(bundle).write(to: URL(filePath: "\(directory)/\(number)"))
        }

        let before = try await lab.snapshot("B")
        let client = effects.logging(["wgup", "client"], on: "B", of: lab).joined(separator: " ")
        let script = """
            cd "$1"
            for number in $(seq 0 "$2"); do
                status=0
                \(client) $number --engine none >$number.output 2>$number.error || status=$?
                echo $status >$number.status
            done
            """
        let start = ContinuousClock.now
        try await lab.text("B", "sh", "-euc", script, "sh", directory, "\(payloads.count - 1)")
        print("hostile bundles: \(payloads.count) in \(ContinuousClock.now - start)")
        #expect(effects.done(on: "B", of: lab) == [])
        #expect(changes(from: before, to: try await lab.snapshot("B")) == [])
        for (number, hostile) in payloads.enumerated() {
            func text(_ stream: String) throws -> String {
                try String(contentsOfFile: "\(directory)/\(number).\(stream)", encoding: .utf8)
            }
            let error = try text("error")
            #expect(try text("status") == "65\n", "\(hostile.name)")
            #expect(error.hasPrefix("wgup: error: \(hostile.refusal)"), "\(hostile.name): \(error)")
            #expect(error.split(separator: "\n").count <= 2 && error.onlyPrintable, "\(hostile.name): \(error)")
            #expect(try text("output") == "", "\(hostile.name)")
        }

        // What they differ from has effects, which are seen.
        let harmless = try #require(issuers[.narrow]).key.sealRaw(HostilePayload.harmless(for: target), to: identity)
        try await lab.write(harmless, to: "harmless.bin", on: "B")
        let subject = Subject(
            host: "B",
            command: ["wgup", "client", "harmless.bin", "--engine", "none"],
            before: before
        )
        let done = try await lab.effects(of: subject, effects)
        #expect(done.contains { $0.hasPrefix("netlink ") } && done.contains { $0.hasPrefix("renameat ") }, "\(done)")
    }

    @Test("of a second issuer that claims what a first one's tunnel has are refused", .lab("B"))
    func twoIssuers() async throws {
        let lab = try lab()
        let identity = try await lab.makeIdentity(of: "B")
        let first = try await Issuer.trusted("first", by: "B", ["--allow-default-route"])
        let second = try await Issuer.trusted("second", by: "B", ["--allow-default-route"])
        let tunnel = try await lab.apply(first.seal(to: identity, network: "one", serial: 1, allowed: "10.50.0.0/24"))
        // Until nothing changes by itself, such as the state of a new link's own address.
        while try await lab.snapshot("B") != lab.snapshot("B") {}
        for (allowed, address) in [
            ("10.50.0.0/24", "10.50.0.2"), ("10.50.0.128/25", "10.50.0.130"), ("10.50.0.0/16", "10.50.0.2"),
        ] {
            try await lab.expectRefusal(
                of: second.seal(to: identity, network: "two", serial: 1, allowed: allowed),
                "address \(address)/32 overlaps 10.50.0.0/24"
            )
        }
        // Nor does it get the interface.
        try await lab.expectRefusal(
            of: second.seal(to: identity, network: "one", serial: 1, allowed: "10.51.0.0/24"),
            "wg-one is up already, as ",
            status: 75
        )
        let other = try await lab.apply(second.seal(to: identity, network: "two", serial: 1, allowed: "10.51.0.0/24"))
        try await other.interrupt()
        try await tunnel.interrupt()
    }

    @Test("of the engine's own network are refused before there is a container", .lab("B", withDocker: true))
    func engineNetwork() async throws {
        let lab = try lab()
        let identity = try await lab.makeIdentity(of: "B")
        let issuer = try await Issuer.trusted("issuer", by: "B")
        for (number, (allowed, block)) in [
            ("172.17.0.0/16", "address 172.17.0.2/32"), ("172.17.0.4/30", "address 172.17.0.6/32"),
            ("172.16.0.0/12", "peer allowed-address 172.16.0.0/12"),
        ].enumerated() {
            let bundle = try issuer.seal(to: identity, serial: UInt64(number + 1), allowed: allowed)
            for placement in ["container", "host"] {
                try await lab.expectRefusal(
                    of: bundle,
                    "\(block) overlaps 172.17.0.0/16, which is reached without the tunnel",
                    with: ["--engine", "docker", "--placement", placement]
                )
            }
        }
        // A container of the operator's may be in any network.
        try await lab.text("B", "docker", "network", "create", "--subnet", "10.77.0.0/24", "shop")
        try await lab.text("B", "docker", "run", "--detach", "--name", "mine", "--network", "shop", "nginx")
        try await lab.expectRefusal(
            of: try issuer.seal(to: identity, serial: 9, allowed: "10.77.0.0/24"),
            "address 10.77.0.2/32 overlaps 10.77.0.0/24, which is reached without the tunnel",
            with: ["--engine", "docker", "--attach", "mine"]
        )
    }
}

extension String {
    /// Whether there is nothing in it that steers a terminal.
    fileprivate var onlyPrintable: Bool { utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0a } }
}
