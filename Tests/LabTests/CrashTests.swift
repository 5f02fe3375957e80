import Foundation
import TestSupport
import Testing

/// A server that is killed instead of one of its effects: each of them once, with nothing left to chance.
@Suite("Crash", .serialized, .timeLimit(.minutes(6)), .lab("A", "B"))
struct CrashTests {
    @Test("at any effect of a bring-up: down removes all, or the next run goes on to the desired state")
    func bringUp() async throws {
        try await lab().killAtEachEffect(try await lab().subjects(["--engine", "process"])[0])
    }

    @Test("at any effect of a re-run: the one before goes on, and another re-run reaches the desired state")
    func rerun() async throws {
        let (lab, effects) = (try lab(), try await Effects.compile())
        let subject = try await lab.subjects(["--engine", "process"])[0]
        let server = try lab.start("A", subject.command)
        try await server.waitForOutput("is up")
        // The first effect is to ask for the tunnel: before that, nobody knows.
        for number in 2... {
            let rerun = try lab.start("A", effects.killingTampered(subject.command, at: number))
            if try await rerun.isUp() {
                // It has fewer effects than that.
                try #require(number >= 10)
                print("re-run of wgup server: \(number - 2) crash points")
                #expect(try await server.waitForEnd() == 0)
                // Among its last effects is that one.
                try await rerun.killAndWait()
                try await lab.text("A", "wgup", "down")
                break
            }
            #expect(try await rerun.waitForEnd() == 137, "\(number): \(rerun.output)")
            try await lab.expectPlanIsEmpty(subject, "a re-run was killed at effect \(number)")
            // Killed just before it says that it is up, it has taken over, which the one before notices half a second later.
            let hasTakenOver = server.output.contains("another wgup has taken over wg-tunnel\n")
            #expect(server.isRunning || hasTakenOver, "\(number): \(server.output)")
        }
        try await lab.expectUnchanged(subject, "after all that")
    }
}

extension Lab {
    /// Kills a command at each effect until its tunnel is up, and requires of every second time that the next run reaches
    /// what should be, and always that nothing is left after `down`.
    ///
    /// With a prefix, it is at the effects that begin with it, before and after each.
    func killAtEachEffect(_ subject: Subject, of prefix: String = "") async throws {
        let effects = try await Effects.compile()
        let done = try await self.effects(of: subject, effects)
        let numbers = done.indices.map { $0 + 1 }.filter { number in
            done[max(0, number - 2)..<number].contains { $0.hasPrefix(prefix) }
        }
        try #require(numbers.count >= 5)
        let before = try glance(subject.host)
        for number in numbers {
            let context = "killed at effect \(number)"
            let killed = try await run(subject.host, effects.killing(subject.command, at: number))
            #expect(killed.status == 137, "\(context): \(killed.error)")
            // Of two neighbours, which mostly are the halves of one record, one has each sequel.
            if number.isMultiple(of: 2) {
                try await leaveBehind(subject)
                let plan = try await run(subject.host, ["wgup", "plan"] + subject.command.dropFirst())
                #expect(plan.status == 0, "\(context), then another run: \(plan.text)\(plan.error)")
            }
            let down = try await run(subject.host, "wgup", "down")
            #expect(down.status == 0, "\(context): \(down.error)")
            #expect(changes(from: before, to: try glance(subject.host)) == [], "\(subject.host), \(context)")
        }
        try await expectUnchanged(subject, "after all that")
        print("wgup \(subject.command[1])\(prefix.isEmpty ? "" : ", \(prefix)"): \(numbers.count) crash points")
    }

    /// Brings a tunnel up, and kills the `wgup` of it.
    func leaveBehind(_ subject: Subject) async throws {
        let command = try start(subject.host, subject.command)
        try await command.waitForOutput("is up")
        try await command.killAndWait()
    }

    /// Waits until there is nothing to change, for as long as one `wgup` gives another to take over.
    func expectPlanIsEmpty(_ subject: Subject, _ context: String) async throws {
        var plan = try await run(subject.host, ["wgup", "plan"] + subject.command.dropFirst())
        let deadline = ContinuousClock.now + .seconds(10)
        while plan.status != 0, ContinuousClock.now < deadline {
            plan = try await run(subject.host, ["wgup", "plan"] + subject.command.dropFirst())
        }
        #expect(plan.status == 0, "\(context): \(plan.text)\(plan.error)")
    }

    /// Runs `wg` where a server's link is.
    @discardableResult
    func wg(_ host: String, _ words: String...) async throws -> String {
        try await text(host, ["ip", "netns", "exec", "wgseal-server", "wg"] + words)
    }

    /// Changes what `wgup server` has made, in each of the ways that a re-run corrects.
    ///
    /// Unless `cutsOff` is false, nothing comes through any more.
    func tamper(cutsOff: Bool = true) async throws {
        try await text("A", "sh", "-c", Tampering.script(cutsOff: cutsOff))
    }

    /// Keeps the `wgup` of a host from doing anything, or lets it go on.
    func freeze(_ host: String, _ isFrozen: Bool = true) async throws {
        try await text(host, "sh", "-c", "kill -\(isFrozen ? "STOP" : "CONT") $(pgrep -x wgup)")
    }
}

enum Tampering {
    /// The shell's words, without a quotation mark.
    static func script(cutsOff: Bool) -> String {
        let stranger = String(repeating: "A", count: 42) + "E="
        return """
            exec 2>&1
            inside() { ip netns exec wgseal-server "$@"; }
            inside ip address add 10.9.9.9/32 dev wg-tunnel
            \(cutsOff ? "inside ip route delete 10.0.0.0/24 dev wg-tunnel" : "")
            inside ip route add 192.0.2.0/24 dev wg-tunnel proto 87
            inside ip link set wg-tunnel mtu 1300
            key=$(inside wg show wg-tunnel peers | grep -v \(stranger) | head -n 1)
            inside wg set wg-tunnel peer \(stranger) allowed-ips 10.0.0.200/32
            [ -z "$key" ] || inside wg set wg-tunnel peer "$key" persistent-keepalive 7
            """
    }
}
