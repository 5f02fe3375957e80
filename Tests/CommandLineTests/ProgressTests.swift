import TestSupport
import Testing

/// What is shown while something goes on.
@Suite("Progress", .timeLimit(.minutes(1)))
struct ProgressTests {
    @Test(
        "is for a terminal that can show it, with colours or without",
        arguments: [("TERM=xterm", true, true), ("TERM=xterm NO_COLOR=1", true, false), ("TERM=dumb", false, false)]
    )
    func terminals(variables: String, isShown: Bool, isColored: Bool) async throws {
        let (host, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        try host.directory.write(Array("identity\n\(identity)\n".utf8), to: "list.csv")
        let seal = "env \(variables) $bin/wgbundle seal --endpoint 192.0.2.1"
        var shown = try await host.dialogue("\(seal) --batch list.csv", [])
        #expect(shown.contains("\r\u{1b}[Ksealing [------------------------------] 0 of 1\r") == isShown, "\(shown)")
        #expect(shown.contains("sealed 1 bundle in bundles"), "\(shown)")
        #expect(shown.contains("\u{1b}") == isShown, "\(shown)")
        shown = try await host.dialogue("\(seal) --batch missing", [])
        #expect(shown.contains("\u{1b}[1;31merror:\u{1b}[0m missing: ") == isColored, "\(shown)")
    }

    @Test("is not for a file")
    func file() async throws {
        let (host, _) = try await Host.withIdentity()
        let (_, identity) = try await Host.withIdentity()
        try host.directory.write(Array("identity\n\(identity)\n".utf8), to: "list.csv")
        let sealed = try await host.run("wgbundle", "seal", "--batch", "list.csv", "--endpoint", "192.0.2.1")
        #expect(sealed.status == 0 && sealed.output.isEmpty)
        #expect(sealed.error.contains("\nsealed 1 bundle in bundles"), "\(sealed.error)")
    }
}
