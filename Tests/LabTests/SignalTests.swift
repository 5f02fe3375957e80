import Foundation
import TestSupport
import Testing

/// A signal ends `wgup` in good order, whenever it comes.
@Suite("Signals", .serialized, .timeLimit(.minutes(4)), .lab("A", "B", withDocker: true))
struct SignalTests {
    /// From before the program's first instruction to the steady state, in milliseconds.
    private static let delays = [
        0, 8, 14, 19, 24, 30, 38, 47, 60, 80, 105, 135, 170, 210, 255, 300, 350, 420, 550, 800, 1300, 2500,
    ]
    private static let signals: [(name: String, number: Int32)] = [("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP)]

    @Test("leave a host as it was, at any moment and on either side", arguments: Setting.all)
    func anyMoment(setting: Setting) async throws {
        let lab = try lab()
        // A command in a namespace is up in a tenth of the time that a container takes.
        let delays = setting.engine == "docker" ? Self.delays : Self.delays.filter { $0 <= 800 }
        try await concurrently(try await lab.subjects(setting.arguments)) { subject in
            var statuses: Set<Int32> = []
            for (index, delay) in delays.enumerated() {
                let signal = Self.signals[(index + (subject.isServer ? 0 : 1)) % Self.signals.count]
                let context = "\(signal.name) after \(delay) ms"
                // Zero would mean never.
                let seconds = delay == 0 ? "0.0001" : "\(Double(delay) / 1000)"
                let result = try await lab.run(
                    subject.host,
                    ["timeout", "--preserve-status", "--foreground", "--signal=\(signal.name)", seconds]
                        + subject.command
                )
                // Until it has set up its handlers it has done nothing, and is killed.
                let isGood = result.status == 0 || result.status == 128 + signal.number && result.error.isEmpty
                #expect(isGood, "\(context): status \(result.status), \(result.error)")
                try await lab.expectUnchanged(subject, context)
                statuses.insert(result.status)
            }
            #expect(statuses.contains(0), "no signal came late enough")
        }
    }

    @Test("leave a host as it was, between any two steps", arguments: Setting.all)
    func betweenSteps(setting: Setting) async throws {
        let lab = try lab()
        try await concurrently(try await lab.subjects(setting.arguments)) { subject in
            try await lab.forEachRecord(of: subject) { command, context in
                command.signal(SIGTERM)
                #expect(try await command.waitForEnd() == 0, "\(context): \(command.output)")
                #expect(command.output.contains("TERM: taking everything down\n"), "\(context): \(command.output)")
                try await lab.expectUnchanged(subject, context)
            }
        }
    }

    @Test("end a workload that ignores TERM at once, the second time")
    func secondSignal() async throws {
        let lab = try lab()
        try await lab.acquaint()
        // The kernel drops TERM for a container's first process that has no handler.
        let container = ["--engine", "docker", "--image", "curlimages/curl", "--", "sleep", "infinity"]
        let process = ["--engine", "process", "--", "sh", "-c", "trap '' TERM; sleep 1000 & while :; do wait; done"]
        let subjects = [
            try await lab.subject("A", ["wgup", "server"] + container),
            try await lab.subject("B", ["wgup", "client", "bundle.bin"] + process),
        ]
        try await concurrently(subjects) { subject in
            let command = try lab.start(subject.host, subject.command)
            try await command.waitForOutput("is up")
            command.signal(SIGINT)
            try await command.waitForOutput("INT: taking everything down")
            let start = ContinuousClock.now
            command.signal(SIGINT)
            #expect(try await command.waitForEnd() == 0, "\(command.output)")
            // It would have been given five seconds.
            #expect(ContinuousClock.now - start < .seconds(4), "\(subject.host)")
            #expect(command.output.contains("INT: hurrying"))
            try await lab.expectUnchanged(subject, "after two signals")
        }
    }

    @Test("take the children of a command along")
    func children() async throws {
        let lab = try lab()
        try await lab.acquaint()
        let line = "setsid sleep 1000 & sleep 1001 & exec sleep 1002"
        let subject = try await lab.subject("B", ["wgup", "client", "bundle.bin"] + ["--engine", "process"])
        let command = try lab.start("B", subject.command + ["--", "sh", "-c", line])
        try await command.waitForOutput("is up")
        while try await lab.run("B", "pgrep", "-c", "-f", "^sleep 100").text != "3\n" {}
        try await command.interrupt()
        try await lab.expectUnchanged(subject, "after a command with children")
    }

    @Test("cut the fetch of an image short")
    func pull() async throws {
        let lab = try lab()
        try await lab.acquaint()
        let registry = try await lab.silentRegistry(on: "A")
        let subject = try await lab.subject("A", ["wgup", "server", "--image", "127.0.0.1:5000/slow"])
        let command = try lab.start("A", subject.command)
        try await registry.waitForOutput("somebody asks")
        command.signal(SIGINT)
        // Docker's own patience with a registry is longer.
        #expect(try await command.waitForEnd(seconds: 10) == 0, "\(command.output)")
        try await lab.expectUnchanged(subject, "after an interrupted pull")
        registry.signal(SIGTERM)
        _ = try await registry.waitForEnd()
    }
}

extension Lab {
    /// Starts an image registry that takes connections and never answers.
    func silentRegistry(on host: String) async throws -> BackgroundCommand {
        let script = """
            use IO::Socket::INET; $| = 1;
            my $registry = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 5000, Listen => 9) or die $!;
            print "listening\\n";
            while (my $client = $registry->accept) { push @clients, $client; print "somebody asks\\n" }
            """
        let registry = try start(host, ["perl", "-e", script])
        try await registry.waitForOutput("listening")
        return registry
    }
}
