import TestSupport
import Testing

/// A bundle needs no protection on its way, so it travels in whatever form the way takes.
@Suite("Bundle channels", .serialized, .timeLimit(.minutes(2)), .labForEachTest("A", "B"))
struct BundleChannelTests {
    @Test("takes text from standard input")
    func armor() async throws {
        let lab = try lab()
        let identity = try await makeKeys()
        let mail = try await lab.text("A", "wgbundle", "seal", "--to", identity, "--armor", "-o", "-")
        #expect(mail.hasPrefix("-----BEGIN WGSEAL BUNDLE-----\n"))
        try await lab.write(Array("\(mail)\n".utf8), to: "mail.txt", on: "B")
        let script = "exec wgup client - --from \"$1\" <mail.txt"
        try await expectTunnel { try lab.start("B", ["sh", "-c", script, "sh", $0]) }
    }

    @Test("takes what a scanner reads from the code on a terminal, and asks on its own for the fingerprint")
    func codeOnTerminal() async throws {
        let lab = try lab()
        let identity = try await makeKeys()
        let command = try lab.startOnTerminal(
            "A",
            ["sh", "-c", "stty rows 60 columns 120 && wgbundle seal --qr --to \(identity)"]
        )
        let status = try await command.waitForEnd()
        #expect(status == 0)
        let lines = command.output.split(separator: "\r\n").filter { $0.contains("\u{1B}[38;5;16;48;5;231m") }
        let picture = TerminalScreen(lines.map(String.init), inkIsDark: true).pbm(scale: 4)
        try await lab.write(picture, to: "photo.pbm", on: "B")

        let server = try await lab.serve()
        let client = try lab.startOnTerminal("B", ["bash", "-c", "zbarimg --quiet --raw photo.pbm | wgup client -"])
        try await client.waitForOutput("Paste the fingerprint")
        try client.type("\(try await lab.fingerprint)\n")
        try await expectPage(client)
        try await client.pressControlC()
        try await server.interrupt()
    }

    @Test("takes what a scanner reads from the code of a file, as printed")
    func codeOfFile() async throws {
        let lab = try lab()
        let identity = try await makeKeys()
        try await lab.text("A", "wgbundle", "seal", "--to", identity)
        let drawing = try await lab.text("A", "wgbundle", "qr", "bundle.bin")
        let lines = drawing.split(separator: "\n").map(String.init)
        try await lab.write(TerminalScreen(lines, inkIsDark: false).pbm(scale: 4), to: "photo.pbm", on: "B")
        try await lab.text("B", "sh", "-c", "zbarimg --quiet --raw photo.pbm >code.txt")
        let script = "exec wgup client - --from \"$1\" <code.txt"
        try await expectTunnel { try lab.start("B", ["sh", "-c", script, "sh", $0]) }
    }

    @Test("takes what a scanner reads from pictures of its parts, in any order")
    func pictures() async throws {
        let lab = try lab()
        let identity = try await makeKeys()
        let services = (1...60).flatMap { ["--service", "service-number-\($0):\($0)"] }
        try await lab.text("A", ["wgbundle", "seal", "--to", identity] + services)
        try await lab.text("A", "wgbundle", "qr", "bundle.bin", "-o", "code.png")
        let pictures = [4, 2, 1, 3].map { "code-\($0).png" }
        for picture in pictures { try await lab.write(lab.run("A", "cat", picture).output, to: picture, on: "B") }
        try await lab.text("B", "sh", "-c", "zbarimg --quiet \(pictures.joined(separator: " ")) >codes.txt")
        let script = "exec wgup client - --from \"$1\" <codes.txt"
        try await expectTunnel { try lab.start("B", ["sh", "-c", script, "sh", $0]) }
    }

    private func makeKeys() async throws -> String {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        return try await lab.text("B", "wgkey", "gen")
    }

    private func expectTunnel(_ start: (_ fingerprint: String) throws -> BackgroundCommand) async throws {
        let server = try await lab().serve()
        let client = try start(try await lab().fingerprint)
        try await expectPage(client)
        try await client.interrupt()
        try await server.interrupt()
    }

    private func expectPage(_ client: BackgroundCommand) async throws {
        try await client.waitForOutput("handshake with host-a after")
        let page = try await lab().text("B", "ip", "netns", "exec", "wgseal-client", "curl", "http://10.0.0.1")
        #expect(page.contains("Welcome to nginx!"))
    }
}
