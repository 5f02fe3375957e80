import Foundation
import TestSupport
import Testing

/// What takes too long for `make test`; `make soak` runs it, on programs that are built for release.
@Suite(
    "Soak",
    .serialized,
    .timeLimit(.minutes(60)),
    .enabled(if: BuiltPrograms.areGiven),
    .labForEachTest("A", "B", "C")
)
struct SoakTests {
    @Test(
        "has the tunnel back after each of a hundred restarts, and nothing accumulates",
        arguments: [TestedEngine.docker, .podman]
    )
    func restarts(engine: TestedEngine) async throws {
        let lab = try lab()
        try await engine.prepare(lab, on: ["A", "B"])
        try await lab.prepare()
        let flags = ["--engine", engine.rawValue]
        let server = try await lab.serve(flags)
        let client = try await lab.join("B", flags)
        var durations: [Duration] = []
        var early: [String] = []
        for number in 1...100 {
            let (host, role, command) = number.isMultiple(of: 2) ? ("A", "server", server) : ("B", "client", client)
            let count = command.output.matches(of: #/was made again/#).count
            try await lab.text(host, engine.rawValue, "restart", "--time", "0", "wgseal-\(role)")
            while command.output.matches(of: #/was made again/#).count == count {
                try await Task.sleep(for: .milliseconds(2))
            }
            let back = Date().timeIntervalSince1970
            durations.append(.seconds(back - (try await lab.startTime(engine, host, role))))
            try await lab.expectWelcome(engine, after: "restart \(number)")
            if number.isMultiple(of: 20) { print("\(number) restarts") }
            if number == 10 { early = try await lab.footprint(on: ["A", "B"]) }
        }
        let late = try await lab.footprint(on: ["A", "B"])
        #expect(early == late, "\(early) after 10 restarts, \(late) after 100")
        durations.sort()
        print(
            "\(engine.rawValue): the interface was back \(durations[50]) after the container's start (median), \(durations[99]) (maximum)"
        )
        try await client.interrupt()
        try await server.interrupt()
    }

    @Test("converges after each of a thousand faults, and who is not hit loses nothing")
    func faults() async throws {
        let lab = try lab()
        try await TestedEngine.docker.prepare(lab, on: ["A", "B"])
        try await lab.prepare()
        try await lab.text("C", "wgkey", "gen")
        try await lab.enrol("C")
        let flags = ["--engine", "docker"]
        var wgups = ["A": try await lab.serve(flags), "B": try await lab.join("B", flags)]
        let third = try await lab.join("C", ["--engine", "process"])
        try await lab.expectWelcome(.docker, after: "the start")
        var generator = SplitMix64(seed: 20_261_126)
        var counts: [String: Int] = [:]
        var lost = 0
        for number in 1...Self.faultCount {
            let host = generator.next() & 1 == 0 ? "A" : "B"
            let role = host == "A" ? "server" : "client"
            let fault = Fault.allCases[Fault.index(of: Int(generator.next() % 100))]
            counts["\(fault) on \(host)", default: 0] += 1
            // The hub's device is what the third's session is with.
            let isElsewhere = host == "B" || fault == .wgup
            var ping: BackgroundCommand?
            if isElsewhere {
                try await lab.expectWelcome(TestedEngine.process.inside("client"), after: "the last fault", on: "C")
                let command = try lab.start("C", Self.ping)
                try await command.waitForOutput("bytes from 10.0.0.1")
                ping = command
            }
            switch fault {
            case .device: try await lab.killDevice(on: host)
            case .wgup:
                try await lab.killWgup(on: host)
                _ = try await wgups[host]?.waitForEnd()
                wgups[host] =
                    host == "A"
                    ? try lab.start("A", ["wgup", "server"] + flags)
                    : try lab.start("B", ["wgup", "client", "bundle.bin"] + flags)
                // One that is hit while it starts ends with an error, as it should; a service manager starts the next.
                try await wgups[host]?.waitForOutput("press ctrl-c")
            case .link: try await lab.inWorkload(host, role, "ip", "link", "delete", "wg-tunnel")
            case .address:
                try await lab.inWorkload(host, role, "ip", "address", "flush", "dev", "wg-tunnel")
            case .container: try await lab.text(host, "docker", "restart", "--time", "0", "wgseal-\(role)")
            case .daemon:
                try await lab.text(host, "sh", "-c", "kill $(pidof dockerd); while pidof dockerd; do sleep 0.1; done")
                try await lab.prepare(engine: "docker", on: host)
            }
            let said = { wgups.mapValues { $0.output.suffix(1500) } }
            try await lab.expectWelcome(.docker, after: "fault \(number), \(fault) on \(host)", said: said)
            if number.isMultiple(of: 100) { print("\(number) faults") }
            if let ping {
                ping.signal(SIGINT)
                _ = try await ping.waitForEnd()
                let received = Set(ping.output.matches(of: #/ icmp_seq=(\d+) /#).compactMap { Int($0.1) })
                let missing = Set(1...(received.max() ?? 1)).subtracting(received)
                lost += missing.count
                #expect(missing.isEmpty, "fault \(number), \(fault) on \(host)")
            }
        }
        print(
            "faults: \(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")); \(lost) packets of the third lost"
        )
        try await third.interrupt()
        for host in ["B", "A"] { try await wgups[host]?.interrupt() }
    }

    private static let ping = ["ip", "netns", "exec", "wgseal-client", "ping", "-i", "0.02", "10.0.0.1"]
    private static var faultCount: Int { Int(ProcessInfo.processInfo.environment["WGSEAL_TEST_FAULTS"] ?? "") ?? 1000 }

    private enum Fault: String, CaseIterable {
        case device
        case wgup
        case link
        case address
        case container
        case daemon

        /// The daemon takes seconds, and has one in a hundred.
        static func index(of percent: Int) -> Int { percent == 0 ? 5 : percent % 5 }
    }
}

extension Lab {
    /// When a container was started last, in seconds since 1970, as the engine's event has it.
    fileprivate func startTime(_ engine: TestedEngine, _ host: String, _ role: String) async throws -> Double {
        let template = engine == .docker ? "{{.State.StartedAt}}" : "{{.State.StartedAt.UnixNano}}"
        let time = try await text(host, engine.rawValue, "inspect", "--format", template, "wgseal-\(role)")
        if engine == .podman { return try #require(Double(time)) / 1e9 }
        let date = try await Tool("date").run(["--date", time, "+%s.%N"])
        return try #require(Double(date.text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// What each `wgup` of some hosts holds: descriptors and threads, links, processes; and its memory in steps of 4 MiB.
    fileprivate func footprint(on hosts: [String]) async throws -> [String] {
        let script = """
            for pid in $(pgrep -x wgup); do
                echo "wgup: $(ls /proc/$pid/fd | wc -l) descriptors, $(awk '/VmRSS/ { print int($2 / 4096) }' /proc/$pid/status) x 4 MiB"
            done
            echo "$(ip link | grep -c '^[0-9]') links, $(ls /run/wgseal | wc -l) files"
            ps -eo comm= | grep -vE '^(ps|grep|sh|bash|sort|uniq|runc|podman|docker)$' | sort | uniq -c
            """
        try await Task.sleep(for: .seconds(2))
        var result: [String] = []
        for host in hosts { result.append(try await text(host, "sh", "-c", script)) }
        return result
    }

    fileprivate func killWgup(on host: String) async throws {
        try await text(host, "sh", "-c", "kill -9 $(pgrep -x wgup | head -n 1)")
    }

    fileprivate func inWorkload(_ host: String, _ role: String, _ words: String...) async throws {
        let pid = try await text(host, "docker", "inspect", "--format", "{{.State.Pid}}", "wgseal-\(role)")
        try await text(host, ["nsenter", "--net", "--target", pid] + words)
    }
}
