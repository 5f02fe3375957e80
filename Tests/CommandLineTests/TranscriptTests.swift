import TestSupport
import Testing

/// What people see: every subcommand with its help, what it says when all goes well, and its errors.
@Suite("Transcripts", .timeLimit(.minutes(2)))
struct TranscriptTests {
    @Test("are what the commands print", arguments: ["wgkey", "wgbundle"])
    func transcripts(tool: String) async throws {
        let host = try Host()
        let environment = [
            "WGSEAL_HOME": "home", "PATH": "\(BuiltPrograms.bundleDirectory):/usr/sbin:/usr/bin:/sbin:/bin",
        ]
        let differences = try await TranscriptText.differences(in: "Tests/Transcripts/\(tool).txt") { command in
            try await Tool("/usr/bin/env").run(
                ["-C", host.path, "/bin/sh", "-c", command],
                environment: environment
            )
        }
        #expect(differences == [])
    }

    @Test("have the help, a success and an error of every subcommand", arguments: ["wgkey", "wgbundle"])
    func coverage(tool: String) async throws {
        let help = try await Host().run(tool, "--help").output
        let subcommands = help.matches(of: #/(?m)^  ([a-z]+)  +[A-Z]/#).map { String($0.1) }
        #expect(subcommands.count > 5)
        let commands = try TranscriptText.commands(in: "Tests/Transcripts/\(tool).txt")
        for subcommand in subcommands {
            let own = commands.filter { $0.contains(try! Regex("\\b\(tool) \(subcommand)( |$)")) }
            #expect(own.contains { $0.hasSuffix("--help") }, "\(subcommand)")
            #expect(own.count > 2, "\(subcommand)")
        }
    }
}
