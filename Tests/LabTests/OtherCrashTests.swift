import Foundation
import TestSupport
import Testing

/// What ``CrashTests`` does to a server, done to a client and to what takes both down.
@Suite("Crash of a client and on the way down", .serialized, .timeLimit(.minutes(6)), .lab("A", "B"))
struct OtherCrashTests {
    @Test("at any effect of a client: down removes all, or the next run goes on to the desired state")
    func client() async throws {
        try await lab().killAtEachEffect(try await lab().subjects(["--engine", "process"])[1])
    }

    @Test("at any effect of down: the next one finishes")
    func down() async throws {
        let (lab, effects) = (try lab(), try await Effects.compile())
        try await concurrently(try await lab.subjects(["--engine", "process"])) { subject in
            effects.forget(on: subject.host, of: lab)
            try await lab.leaveBehind(subject)
            try await lab.text(subject.host, effects.logging(["wgup", "down"], on: subject.host, of: lab))
            let count = effects.done(on: subject.host, of: lab).count
            try #require(count >= 15)
            let before = try lab.glance(subject.host)
            for number in 1...count {
                try await lab.leaveBehind(subject)
                let killed = try await lab.run(subject.host, effects.killing(["wgup", "down"], at: number))
                #expect(killed.status == 137, "\(number): \(killed.error)")
                let down = try await lab.run(subject.host, "wgup", "down")
                #expect(down.status == 0, "killed at effect \(number) of down: \(down.error)")
                let context = "down was killed at effect \(number)"
                #expect(changes(from: before, to: try lab.glance(subject.host)) == [], "\(subject.host), \(context)")
            }
            try await lab.expectUnchanged(subject, "after all that")
            print("wgup down of \(subject.command[1]): \(count) crash points")
        }
    }

    @Test("at any effect of a ^C: down finishes")
    func end() async throws {
        let (lab, effects) = (try lab(), try await Effects.compile())
        try await concurrently(try await lab.subjects(["--engine", "process"])) { subject in
            let first = try await lab.effects(of: subject, effects).count + 1
            let last = effects.done(on: subject.host, of: lab).count
            try #require(last - first >= 10)
            let before = try lab.glance(subject.host)
            for number in first...last {
                let command = try lab.start(subject.host, effects.killing(subject.command, at: number))
                try await command.waitForOutput("is up")
                try await lab.waitForWorkload(of: subject)
                command.signal(SIGINT)
                let context = "killed at effect \(number), after a ^C"
                #expect(try await command.waitForEnd() == 137, "\(context): \(command.output)")
                let down = try await lab.run(subject.host, "wgup", "down")
                #expect(down.status == 0, "\(context): \(down.error)")
                #expect(changes(from: before, to: try lab.glance(subject.host)) == [], "\(subject.host), \(context)")
            }
            try await lab.expectUnchanged(subject, "after all that")
            print("^C of wgup \(subject.command[1]): \(last - first + 1) crash points")
        }
    }
}
