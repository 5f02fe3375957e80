import Foundation
import TestSupport
import Testing

/// An engine as the tests of workloads see it: the flags that choose it, and how to reach into a workload.
enum TestedEngine: String, CaseIterable, Sendable {
    case docker
    case podman
    case process

    /// The words before a command that is to run inside a workload of `wgup`.
    func inside(_ role: String) -> [String] {
        switch self {
        case .docker, .podman: [rawValue, "exec", "wgseal-\(role)"]
        case .process: ["ip", "netns", "exec", "wgseal-\(role)"]
        }
    }

    /// Makes the engine usable on some hosts.
    func prepare(_ lab: Lab, on hosts: [String]) async throws {
        guard self != .process else { return }
        for host in hosts { try await lab.prepare(engine: rawValue, on: host) }
    }
}

/// What a workload is promised, whichever engine runs it, on the real engines.
@Suite("Engine", .serialized, .timeLimit(.minutes(4)), .labForEachTest("A", "B"))
struct EngineTests {
    @Test(
        "plays the story, repairs it after the workload was killed, and leaves nothing",
        arguments: TestedEngine.allCases
    )
    func story(engine: TestedEngine) async throws {
        let lab = try lab()
        try await engine.prepare(lab, on: lab.hosts)
        try await lab.prepare()
        let before = try await (lab.snapshot("A"), lab.snapshot("B"))
        let flags = ["--engine", engine.rawValue]
        let server = try await lab.serve(flags)
        // The process engine's client has a namespace and no command unless it is given one.
        let client = try await lab.join("B", flags + (engine == .process ? ["--", "sleep", "infinity"] : []))
        try await lab.expectWelcome(engine, after: "the start")
        // Who asks is who they are in the tunnel, not a gateway of the engine's.
        if engine != .process {
            let log = try await lab.run("A", engine.rawValue, "logs", "wgseal-server")
            #expect((log.text + log.error).contains("10.0.0.2 - - "), "\(log.text)\(log.error)")
        }
        for (host, role, command) in [("B", "client", client), ("A", "server", server)] {
            switch engine {
            case .docker, .podman:
                try await lab.text(host, engine.rawValue, "restart", "--time", "1", "wgseal-\(role)")
                try await command.waitForOutput("wg-tunnel was made again\n")
                try await lab.expectWelcome(engine, after: "a restart of the \(role)")
                try await lab.text(host, engine.rawValue, "kill", "wgseal-\(role)")
                try await lab.expectWelcome(engine, after: "the end of the \(role)")
                try await lab.text(host, engine.rawValue, "rm", "--force", "wgseal-\(role)")
                try await lab.expectWelcome(engine, after: "the removal of the \(role)")
            case .process:
                let name = role == "server" ? "nginx" : "sleep"
                try await lab.text(host, "sh", "-c", "kill -9 $(pgrep -x \(name) -P $(pgrep -x wgup | head -n 1))")
                try await command.waitForOutput(
                    role == "server" ? "note: nginx has ended\n" : "note: the command has ended\n"
                )
                try await lab.expectWelcome(engine, after: "the end of the \(role)")
            }
        }
        try await client.interrupt()
        try await server.interrupt()
        let after = try await (
            changes(from: before.0, to: lab.snapshot("A")), changes(from: before.1, to: lab.snapshot("B"))
        )
        #expect(after.0 == [], "\(after.0)")
        #expect(after.1.filter { !isKept($0) } == [], "\(after.1)")
    }

    @Test(
        "lets no packet of an isolated workload past the tunnel, from its first instruction on",
        arguments: TestedEngine.allCases
    )
    func isolation(engine: TestedEngine) async throws {
        let lab = try lab()
        try await engine.prepare(lab, on: ["B"])
        try await lab.prepare()
        let server = try await lab.serve(["--engine", "process"])
        let calls =
            "while :; do curl -sm 1 http://192.0.2.1/; curl -sm 1 http://192.0.2.254/; curl -sm 1 http://10.0.0.1/; done"
        // A process is isolated in any case, so there is nothing to compare it with.
        for isIsolated in engine == .process ? [true] : [false, true] {
            let capture = try lab.start(
                "B",
                [
                    "tcpdump", "-lni", "any", "--immediate-mode",
                    "(tcp or udp or icmp) and not udp port 51820 and not src host 192.0.2.254 and not host 127.0.0.1",
                ]
            )
            try await capture.waitForOutput("listening on any")
            let image = engine == .process ? [] : ["--image", "docker.io/curlimages/curl"]
            let flags = ["--engine", engine.rawValue] + image + (isIsolated ? ["--isolate"] : [])
            let client = try await lab.join("B", flags + ["--", "sh", "-c", calls])
            try await Task.sleep(for: .seconds(2))
            try await client.interrupt()
            capture.signal(SIGINT)
            _ = try await capture.waitForEnd()
            let packets = capture.output.split(separator: "\n").filter { $0.contains(" IP ") || $0.contains(" IP6 ") }
            // Packets in the tunnel are on no interface of the host.
            #expect(packets.isEmpty == isIsolated, "\(packets.prefix(5))")
        }
        try await server.interrupt()
    }

    @Test("starts a workload that waits once a peer has answered, and not before", arguments: TestedEngine.allCases)
    func wait(engine: TestedEngine) async throws {
        let lab = try lab()
        try await engine.prepare(lab, on: ["B"])
        try await lab.prepare()
        let flags = ["--engine", engine.rawValue, "--wait", "handshake"]
        let command = engine == .process ? ["--", "sleep", "infinity"] : []
        let before = try await lab.snapshot("B")
        let vain = try await lab.startClient("B", flags + ["--wait-timeout", "2"] + command)
        try await vain.waitForOutput("waiting for the first handshake on wg-tunnel\n")
        #expect(try await vain.waitForEnd() == 75)
        #expect(vain.output.contains("no handshake in 2 s, so the workload was not started\n"), "\(vain.output)")
        #expect(changes(from: before, to: try await lab.snapshot("B")).filter { !isKept($0) } == [])

        let anyway = try await lab.startClient(
            "B",
            flags + ["--wait-timeout", "1", "--wait-policy", "start"] + command
        )
        try await anyway.waitForOutput("no handshake in 1 s; starting the workload without\n")
        try await anyway.waitForOutput("wg-tunnel is up; waiting for the handshake")
        try await anyway.interrupt()

        let patient = try await lab.startClient("B", flags + command)
        try await patient.waitForOutput("waiting for the first handshake on wg-tunnel\n")
        try await Task.sleep(for: .seconds(1))
        #expect(!patient.output.contains("is up"))
        let server = try await lab.serve(["--engine", "process"])
        try await patient.waitForOutput("press ctrl-c")
        try await lab.expectWelcome(engine, after: "the wait")
        try await patient.interrupt()
        try await server.interrupt()
    }

    @Test(
        "gives the tunnel to a container of the operator's, and leaves that as it is",
        arguments: [TestedEngine.docker, .podman]
    )
    func attach(engine: TestedEngine) async throws {
        let lab = try lab()
        try await engine.prepare(lab, on: ["B"])
        try await lab.prepare()
        let server = try await lab.serve(["--engine", "process"])
        let run = [
            engine.rawValue, "run", "--detach", "--name", "mine", "--label", "com.docker.compose.project=shop",
            "--label", "com.docker.compose.service=web", "--entrypoint", "sleep", "docker.io/curlimages/curl",
            "infinity",
        ]
        try await lab.text("B", run)
        for selector in ["mine", "compose:shop/web", "label:com.docker.compose.service=web"] {
            let before = try await lab.snapshot("B")
            let client = try await lab.join("B", ["--engine", engine.rawValue, "--attach", selector])
            let inside = [engine.rawValue, "exec", "mine"]
            try await lab.expectWelcome(inside, after: "--attach \(selector)")
            for verb in [["restart", "--time", "0"], ["stop", "--time", "0"]] {
                let count = client.output.matches(of: #/was made again/#).count
                let endings = client.output.matches(of: #/waiting until it is started/#).count
                try await lab.text("B", [engine.rawValue] + verb + ["mine"])
                if verb[0] == "stop" {
                    while client.output.matches(of: #/waiting until it is started/#).count == endings {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    #expect(try await lab.text("B", "wgup", "status", "--json").contains("\"down\""))
                    try await lab.text("B", engine.rawValue, "start", "mine")
                }
                try await lab.expectWelcome(inside, after: "\(verb) of \(selector)")
                #expect(client.output.matches(of: #/was made again/#).count > count)
            }
            try await client.interrupt()
            #expect(
                changes(from: before, to: try await lab.snapshot("B")).filter { !isKept($0) && !$0.contains("mine") }
                    .filter { $0.contains("wg") } == []
            )
            #expect(
                try await lab.text("B", engine.rawValue, "exec", "mine", "cat", "/proc/net/dev").contains("wg-tunnel")
                    == false
            )
        }
        // One that takes its place has the tunnel in its turn.
        let client = try await lab.join("B", ["--engine", engine.rawValue, "--attach", "compose:shop/web"])
        try await lab.text("B", engine.rawValue, "rm", "--force", "mine")
        try await lab.text("B", run)
        try await lab.expectWelcome([engine.rawValue, "exec", "mine"], after: "a replacement")
        try await client.interrupt()
        try await server.interrupt()
    }
}

extension Lab {
    /// Requires that the client's workload gets the welcome page of the server's within half a minute.
    ///
    /// If it does not, what `said` tells goes into the report.
    func expectWelcome(
        _ engine: TestedEngine,
        after what: String,
        said: () -> Any = { "" }
    ) async throws {
        try await expectWelcome(engine.inside("client"), after: what, said: said)
    }

    /// Requires that a command that is run by the given words gets the welcome page of the server's.
    func expectWelcome(
        _ inside: [String],
        after what: String,
        on client: String = "B",
        said: () -> Any = { "" }
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let page = try await run(client, inside + ["curl", "-sm", "1", "http://10.0.0.1"])
            if page.text.contains("Welcome to nginx!") { return }
            if ContinuousClock.now > deadline {
                Issue.record("no welcome page after \(what): \(page.error)\n\(said())")
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
