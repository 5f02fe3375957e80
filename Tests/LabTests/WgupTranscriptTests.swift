import TestSupport
import Testing

/// What people see of `wgup`: every subcommand with its help, what it says when all goes well, and its errors.
@Suite("Transcript of wgup", .serialized, .timeLimit(.minutes(2)))
struct WgupTranscriptTests {
    @Test("is what the command prints", .lab("A"))
    func transcript() async throws {
        let lab = try lab()
        let differences = try await TranscriptText.differences(in: "Tests/Transcripts/wgup.txt") { command in
            // Without a standard input that is a terminal, nobody is asked.
            try await lab.run("A", ["sh", "-c", "cd && \(command)"])
        }
        #expect(differences == [])
    }

    @Test("has the help, a success and an error of every subcommand")
    func coverage() throws {
        let page = try SourceTree.file("man/wgup.8").text
        let subcommands = Set(page.matches(of: #/\n\.It Cm ([a-z]+)/#).map { String($0.1) })
            .intersection(["server", "client", "plan", "status", "down", "doctor"])
        #expect(subcommands.count == 6)
        let commands = try TranscriptText.commands(in: "Tests/Transcripts/wgup.txt")
        for subcommand in subcommands {
            let own = commands.filter { $0.contains("wgup \(subcommand)") }
            #expect(own.contains { $0.hasSuffix("\(subcommand) --help") }, "\(subcommand)")
            #expect(own.count > 2, "\(subcommand)")
        }
    }
}
