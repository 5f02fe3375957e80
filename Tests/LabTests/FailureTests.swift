import Foundation
import TestSupport
import Testing

/// A `wgup` one of whose effects fails, each of them once; it is the kernel itself that refuses netlink requests.
@Suite("Failure", .serialized, .timeLimit(.minutes(10)), .lab("A", "B"))
struct FailureTests {
    @Test("of any effect of a bring-up is undone")
    func bringUp() async throws {
        let (lab, effects) = (try lab(), try await Effects.compile())
        try await concurrently(try await lab.subjects(["--engine", "process"])) { subject in
            let count = try await lab.effects(of: subject, effects).count
            var tolerated = 0
            for number in 1...count {
                let command = try lab.start(subject.host, effects.failing(subject.command, at: number))
                if try await command.isUp() {
                    tolerated += 1
                    try await command.interrupt()
                } else {
                    #expect(try await command.waitForEnd() != 0)
                    let errors = command.output.split(separator: "\n").filter { $0.hasPrefix("wgup: error: ") }
                    #expect(errors.count == 1, "effect \(number): \(command.output)")
                }
                try await lab.expectUnchanged(subject, "effect \(number) failed: \(command.output)")
            }
            // Only what is not needed may fail unnoticed.
            #expect(tolerated <= 5, "\(tolerated) of \(count)")
            print("wgup \(subject.command[1]): \(count) failures, \(tolerated) of them did not matter")
        }
    }

    @Test("of any effect of a re-run leaves the tunnel to the one before, as it should be")
    func rerun() async throws {
        let (lab, effects) = (try lab(), try await Effects.compile())
        let subject = try await lab.subjects(["--engine", "process"])[0]
        var server = try lab.start("A", subject.command)
        try await server.waitForOutput("is up")
        // The first effect is to ask for the tunnel: before that, nobody knows.
        let numbers = 2...25
        for number in numbers {
            let command = try lab.start("A", effects.failingTampered(subject.command, at: number))
            if try await command.isUp() {
                // It does without, or has fewer effects than that.
                #expect(try await server.waitForEnd() == 0, "effect \(number): \(server.output)")
                // It may have that effect yet to come.
                server = try lab.start("A", subject.command)
                try await server.waitForOutput("is up")
                _ = try await command.waitForEnd()
            } else {
                #expect(try await command.waitForEnd() != 0)
            }
            try await lab.expectPlanIsEmpty(subject, "effect \(number) of a re-run failed: \(command.output)")
            #expect(server.isRunning)
        }
        try await server.interrupt()
        try await lab.expectUnchanged(subject, "after all that")
        print("re-run of wgup server: \(numbers.count) failures")
    }

    @Test("of a re-run of what a killed wgup left leaves that as it was")
    func leftover() async throws {
        let (lab, effects) = (try lab(), try await Effects.compile())
        let subject = try await lab.subjects(["--engine", "process"])[0]
        for number in 1... {
            let server = try lab.start("A", subject.command)
            try await server.waitForOutput("is up")
            try await server.killAndWait()
            try await lab.tamper()
            let before = try await lab.tunnel(on: "A")
            let command = try lab.start("A", effects.failing(subject.command, at: number))
            let isUp = try await command.isUp()
            if isUp {
                // One of its last effects may be to fail.
                try await command.killAndWait()
            } else {
                #expect(try await command.waitForEnd() != 0)
                // A peer that was taken out stays out.
                let differences = changes(from: before, to: try await lab.tunnel(on: "A"))
                #expect(
                    differences.filter { !$0.hasPrefix("- peer AAAA") } == [],
                    "effect \(number): \(command.output)"
                )
            }
            try await lab.text("A", "wgup", "down")
            try await lab.expectUnchanged(subject, "effect \(number) failed, then down: \(command.output)")
            // The first that it does without come early, when it looks at what is there.
            if isUp, number > 15 {
                print("wgup server after a killed one: \(number) failures")
                break
            }
        }
    }
}

extension BackgroundCommand {
    /// Waits until a command has ended, or says that its tunnel is up.
    func isUp() async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while !output.contains("press ctrl-c"), !output.contains("waiting for the handshake"), isRunning {
            try #require(ContinuousClock.now < deadline, "\(output)")
            try await Task.sleep(for: .milliseconds(5))
        }
        return isRunning
    }
}

extension Lab {
    /// What `ip` and `wg` say of a server's tunnel.
    fileprivate func tunnel(on host: String) async throws -> String {
        let link = try await text(
            host,
            "ip",
            "netns",
            "exec",
            "wgseal-server",
            "sh",
            "-c",
            "ip -o link show wg-tunnel | grep -o 'mtu [0-9]*'; ip -o address show wg-tunnel | cut -d ' ' -f 2-; ip route"
        )
        let peers = try await wg(host, "show", "wg-tunnel", "dump").split(separator: "\n").dropFirst()
        let lines = peers.map { line in
            let fields = line.split(separator: "\t")
            return "peer \(fields[0]) \(fields[3]) \(fields[7])"
        }
        return link + "\n" + lines.sorted().joined(separator: "\n")
    }
}
