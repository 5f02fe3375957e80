import Foundation
import TestSupport
import Testing

/// What a `wgup` leaves that is killed, and what becomes of it.
@Suite("Down", .serialized, .timeLimit(.minutes(4)), .lab("A", "B", withDocker: true))
struct DownTests {
    @Test("removes what a wgup left that was killed between any two steps", arguments: Setting.all)
    func killedBetweenSteps(setting: Setting) async throws {
        let lab = try lab()
        try await concurrently(try await lab.subjects(setting.arguments)) { subject in
            try await lab.forEachRecord(of: subject) { command, context in
                try await command.killAndWait()
                try await lab.expectDown(subject, context)
            }
            try await lab.expectRuns(subject, "after all that")
        }
    }

    @Test("removes what a wgup left that was killed at any moment", arguments: Setting.all)
    func killedAtAnyMoment(setting: Setting) async throws {
        let lab = try lab()
        let delays = [2, 10, 16, 22, 28, 36, 50, 75, 110, 150, 200, 260, 330, 450, 700]
        try await concurrently(try await lab.subjects(setting.arguments)) { subject in
            for delay in setting.engine == "docker" ? delays : Array(delays.prefix(10)) {
                let words = ["timeout", "--foreground", "--signal=KILL", "\(Double(delay) / 1000)"]
                let result = try await lab.run(subject.host, words + subject.command)
                #expect(result.status == 137, "\(result.error)")
                let down = try await lab.run(subject.host, "wgup", "down")
                #expect(down.status == 0, "killed after \(delay) ms: \(down.error)")
                #expect(["nothing is up\n", "wg-tunnel is down\n"].contains(down.error), "\(delay) ms")
                try await lab.expectUnchanged(subject, "killed after \(delay) ms")
            }
        }
    }

    @Test("is not needed before the next run", arguments: Setting.all)
    func nextRun(setting: Setting) async throws {
        let lab = try lab()
        try await concurrently(try await lab.subjects(setting.arguments)) { subject in
            let killed = try lab.start(subject.host, subject.command)
            try await killed.waitForOutput("is up")
            try await killed.killAndWait()
            let next = try lab.start(subject.host, subject.command)
            try await next.waitForOutput("is up")
            let words =
                "going on with what an earlier wgup left of wg-tunnel\nwg-tunnel was up, and is as it should be\n"
            #expect(next.output.hasPrefix("note: \(words)"), "\(next.output)")
            try await next.interrupt()
            try await lab.expectUnchanged(subject, "after the second run")
        }
    }

    @Test("is not needed before the next run, wherever the first was killed")
    func nextRunAfterAnyStep() async throws {
        let lab = try lab()
        try await concurrently(try await lab.subjects([])) { subject in
            try await lab.forEachRecord(of: subject) { command, context in
                try await command.killAndWait()
                try await lab.expectRuns(subject, context)
            }
        }
    }

    @Test("ends a wgup that is still there, which cleans up itself")
    func foreground() async throws {
        let lab = try lab()
        try await concurrently(try await lab.subjects([])) { subject in
            let command = try lab.start(subject.host, subject.command)
            try await command.waitForOutput("is up")
            try await lab.expectDown(subject, "of a wgup in the foreground")
            #expect(try await command.waitForEnd() == 0, "\(command.output)")
            #expect(command.output.contains("TERM: taking everything down\n"))
        }
    }

    @Test("ends a wgup that is still coming up", arguments: [1, 3, 4])
    func comingUp(count: Int) async throws {
        let lab = try lab()
        try await concurrently(try await lab.subjects([])) { subject in
            let command = try lab.start(subject.host, subject.command)
            while lab.journal(on: subject.host).count < count { try #require(command.isRunning, "\(command.output)") }
            try await lab.expectDown(subject, "of a wgup that was coming up")
            #expect(try await command.waitForEnd() == 0, "\(command.output)")
        }
    }

    @Test("is content with nothing to do")
    func nothing() async throws {
        let lab = try lab()
        try await lab.acquaint()
        let subject = try await lab.subject("A", [])
        let down = try await lab.run("A", "wgup", "down")
        #expect(down.status == 0)
        #expect(down.error == "nothing is up\n")
        #expect(down.output == [])
        let named = try await lab.run("A", "wgup", "down", "wg-tunnel")
        #expect(named.status == 66)
        #expect(named.error == "wgup: error: wgup has brought up no interface 'wg-tunnel'\nhint: wgup status\n")
        try await lab.expectUnchanged(subject, "with nothing up")
    }

    @Test("clears what is left of a run directory")
    func remains() async throws {
        let lab = try lab()
        try await lab.acquaint()
        let subject = try await lab.subject("A", [])
        let line = "umask 077; mkdir /run/wgseal; cd /run/wgseal; "
        for files in ["true", "touch wg-tunnel.lock", "touch wg-tunnel.lock .wg-tunnel.journal.17.0"] {
            try await lab.text("A", "sh", "-c", line + files)
            let down = try await lab.run("A", "wgup", "down")
            #expect(down.status == 0, "\(down.error)")
            #expect(down.error == "nothing is up\n")
            try await lab.expectUnchanged(subject, files)
        }
    }

    @Test("ends the fetch of an image that a killed wgup had begun")
    func pull() async throws {
        let lab = try lab()
        try await lab.acquaint()
        let registry = try await lab.silentRegistry(on: "A")
        let subject = try await lab.subject("A", ["wgup", "server", "--image", "127.0.0.1:5000/slow"])
        let command = try lab.start("A", subject.command)
        try await registry.waitForOutput("somebody asks")
        try await command.killAndWait()
        #expect(try await lab.run("A", "pgrep", "-c", "-x", "docker").text == "1\n")
        try await lab.expectDown(subject, "after a pull")
        registry.signal(SIGTERM)
        _ = try await registry.waitForEnd()
    }

    @Test("hurries with a leftover, too, when it gets two signals")
    func hurries() async throws {
        let lab = try lab()
        try await lab.acquaint()
        let subject = try await lab.subject("A", ["wgup", "server"])
        let stubborn = ["--image", "curlimages/curl", "--", "sleep", "infinity"]
        let killed = try lab.start("A", subject.command + stubborn)
        try await killed.waitForOutput("is up")
        try await killed.killAndWait()
        let next = try lab.start("A", subject.command)
        try await next.waitForOutput("note: going on with what an earlier wgup left")
        let start = ContinuousClock.now
        next.signal(SIGINT)
        try await next.waitForOutput("INT: taking everything down")
        next.signal(SIGINT)
        #expect(try await next.waitForEnd() == 0, "\(next.output)")
        #expect(ContinuousClock.now - start < .seconds(4))
        #expect(!next.output.contains("is up"))
        try await lab.expectUnchanged(subject, "after two signals")
    }

    @Test("and the next run are not confused by a socket that nobody listens on")
    func staleSocket() async throws {
        let lab = try lab()
        try await concurrently(try await lab.subjects([])) { subject in
            for isDown in [true, false] {
                let command = try lab.start(subject.host, subject.command)
                try await command.waitForOutput("is up")
                try await command.killAndWait()
                try await lab.killDevice(on: subject.host)
                try await lab.text(subject.host, "test", "-S", "/run/wireguard/wg-tunnel.sock")
                if isDown { try await lab.expectDown(subject, "with a socket") }
                try await lab.expectRuns(subject, "with a socket, after down: \(isDown)")
            }
        }
    }
}

extension BackgroundCommand {
    /// Kills the command and waits until it is gone; it may be gone already.
    func killAndWait() async throws {
        // What was started carries the command, which gets its own signal by the carrier's death and ends after it.
        let list = try? String(contentsOfFile: "/proc/\(processID)/task/\(processID)/children", encoding: .utf8)
        signal(SIGKILL)
        _ = try await waitForEnd()
        for child in list?.split(separator: " ") ?? [] {
            while let status = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8),
                !status.contains(#/\) [ZX] /#)
            {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

extension Lab {
    /// Takes down what is up, and requires that nothing is left of it.
    func expectDown(_ subject: Subject, _ context: String) async throws {
        let down = try await run(subject.host, "wgup", "down")
        #expect(down.status == 0, "\(context): \(down.error)")
        #expect(down.error == "wg-tunnel is down\n", "\(context)")
        #expect(down.output == [])
        try await expectUnchanged(subject, context)
    }

    /// Requires that a command brings its tunnel up, and leaves nothing behind.
    func expectRuns(_ subject: Subject, _ context: String) async throws {
        let command = try start(subject.host, subject.command)
        try await command.waitForOutput("is up")
        try await command.interrupt()
        try await expectUnchanged(subject, "after a run, \(context)")
    }
}
