import TestSupport
import Testing

/// The walkthroughs of wgseal(7), typed line for line, between hosts that are as the page has them.
@Suite("Walkthrough", .serialized, .timeLimit(.minutes(2)))
struct WalkthroughTests {
    @Test("of two hosts", .lab("A", "B", withDocker: true))
    func twoHosts() async throws {
        let lab = try lab()
        let before = try await (lab.snapshot("A"), lab.snapshot("B"))
        let walkthrough = Walkthrough()
        try await walkthrough.play("Two hosts")
        try await walkthrough.end()
        let after = try await (lab.snapshot("A"), lab.snapshot("B"))
        // The page says that both are as they were, but for keys, peers and what the client has learned.
        for (before, after) in [(before.0, after.0), (before.1, after.1)] {
            let changed = changes(from: before, to: after).filter { !isKept($0) }
            #expect(changed.filter { !$0.contains(#/^\+ file [df] \d+ /root/(\.config|bundle\.bin)/#) } == [])
        }
    }

    @Test("of a service of Compose", .lab("A", "B", withDocker: true))
    func compose() async throws {
        let lab = try lab()
        try await prepare()
        try await lab.text("A", "mkdir", "shop")
        let services = "services:\n  web:\n    image: nginx\n"
        try await lab.write(Array(services.utf8), to: "shop/compose.yaml", on: "A")
        let walkthrough = Walkthrough()
        try await walkthrough.play("A service of Compose")
        try await walkthrough.play(Self.join)
        try await lab.expectWelcome(.docker, after: "another container of the service")
        try await walkthrough.end()
        // What was written down says the same as the option.
        let plan = try await lab.run("A", "wgup", "plan", "server")
        #expect(plan.text.contains("move wg-tunnel into") && !plan.text.contains("start docker container"), "\(plan)")
    }

    @Test("of Podman", .lab("A", "B"))
    func podman() async throws {
        let lab = try lab()
        try await lab.prepare(engine: "podman", on: "B")
        try await prepare()
        let server = try await lab.serve(["--engine", "process"])
        let walkthrough = Walkthrough()
        try await walkthrough.play("Podman")
        try await walkthrough.end()
        try await server.interrupt()
    }

    @Test("of a phone", .lab("A", "B"))
    func phone() async throws {
        let lab = try lab()
        try await lab.text("A", "wgkey", "gen")
        let walkthrough = Walkthrough()
        // Host B is the phone, whose app speaks plain WireGuard.
        try await walkthrough.play("A phone", hands: ["rm -r phone": { try await self.scan(walkthrough.output) }])
        try await lab.text("B", "wg-quick", "up", "./phone.conf")
        try await lab.text("B", "ping", "-c", "1", "-w", "20", "10.0.0.1")
        try await lab.text("A", "wgbundle", "revoke", "phone")
        try await walkthrough.play([
            "hostA$ sudo wgup server --placement host --engine none", "...", "wg-tunnel is up for 0 peers",
        ])
        let after = try await lab.run("B", "ping", "-c", "1", "-w", "2", "10.0.0.1")
        #expect(after.status == 1, "\(after)")
        try await lab.text("B", "wg-quick", "down", "./phone.conf")
        try await walkthrough.end()
    }

    /// Points the phone's camera at a terminal.
    private func scan(_ screen: String) async throws {
        let lab = try lab()
        let lines = screen.split(separator: "\n").filter { $0.contains("\u{1B}[40;37;1m") }
        try await lab.write(TerminalScreen(lines.map(String.init), inkIsDark: false).pbm(scale: 4), to: "code", on: "B")
        try await lab.text("B", "sh", "-c", "umask 077; zbarimg --nodbus --quiet --raw code >phone.conf")
    }

    @Test("by QR code alone", .lab("A", "B", withDocker: true))
    func codes() async throws {
        let lab = try lab()
        for host in lab.hosts { try await lab.text(host, "wgkey", "gen") }
        let walkthrough = Walkthrough()
        walkthrough.samples.bind(Self.fingerprint, to: try await lab.fingerprint)
        try await walkthrough.play(
            "By QR code alone",
            hands: [
                "zbarimg --quiet --raw photo.jpg": { try await self.photograph("identity.png", of: "B", with: "A") },
                "zbarimg --quiet --raw photo*.jpg": { try await self.photograph("code.png", of: "A", with: "B") },
            ]
        )
        try await lab.expectWelcome(.docker, after: "two photographs")
        try await walkthrough.end()
    }

    private func photograph(_ picture: String, of source: String, with target: String) async throws {
        try await lab().carry(picture, from: source, to: target)
        try await lab().text(target, "mv", picture, "photo.jpg")
    }

    @Test("of new bundles and new keys", .lab("A", "B", withDocker: true))
    func renewal() async throws {
        let lab = try lab()
        try await prepare()
        let walkthrough = Walkthrough()
        try await walkthrough.play(Self.serve + Self.join)
        try await walkthrough.play(
            "New bundles and new keys",
            hands: [
                "wgbundle revoke": {
                    try await lab.expectWelcome(.docker, after: "another preshared key", said: { walkthrough.output })
                }
            ]
        )
        try await lab.expectWelcome(.docker, after: "another identity")
        try await walkthrough.end()
    }

    @Test("of another machine for the hub", .lab("A", "B", "C", withDocker: true))
    func move() async throws {
        let lab = try lab()
        try await prepare()
        let walkthrough = Walkthrough()
        try await walkthrough.play(Self.serve + Self.join + ["hostA$ sudo wgup server", "...", "^C..."])
        try await walkthrough.play("Another machine for the hub")
        try await lab.expectWelcome(.docker, after: "the move")
        try await walkthrough.end()
    }

    @Test("of a backup", .lab("A", "B", withDocker: true))
    func backup() async throws {
        let lab = try lab()
        try await prepare()
        let walkthrough = Walkthrough()
        // After the backup, the hub seals another bundle, which the peer takes; then its disk breaks.
        try await walkthrough.play(
            "A backup",
            hands: [
                "mkdir": {
                    try await lab.text("A", "wgbundle", "renew", "laptop", "-o", "later.bin")
                    try await lab.carry("later.bin", from: "A", to: "B")
                    try await lab.text("B", "mv", "later.bin", "bundle.bin")
                    let client = try await lab.startClient("B", ["--engine", "none"])
                    try await client.waitForOutput("wg-tunnel is up")
                    try await client.interrupt()
                    try await lab.text("A", "rm", "-r", ".config/wgseal")
                },
                "sed": {
                    // In the same second, the same would be the same bundle once more.
                    try await lab.text("A", "wgbundle", "renew", "laptop", "--expires", "80d", "-o", "again.bin")
                    try await lab.carry("again.bin", from: "A", to: "B")
                    let plan = try await lab.run("B", "wgup", "plan", "client", "again.bin")
                    #expect(plan.status == 65, "what the page warns of: \(plan)")
                },
            ]
        )
        try await walkthrough.end()
        try await lab.carry("new.bin", from: "A", to: "B")
        #expect(try await lab.run("B", "wgup", "plan", "client", "new.bin").status == 2)
    }

    @Test("is typed for each that the page has")
    func isComplete() throws {
        let headings = try ManualPage("man/wgseal.7").displays.filter { !$0.typedLines.isEmpty }.map(\.heading)
        let text = try SourceTree.file("Tests/LabTests/WalkthroughTests.swift").text
        #expect(Set(headings) == Set(text.matches(of: #/\.play\(\s*"([^"]+)"/#).map { String($0.1) }))
    }

    private static let fingerprint = "07AW2-RR8FH-7RQHS-JZ4PM-77JSR"

    /// What other walkthroughs have shown before: the two hosts have met, and the peer has its bundle.
    private func prepare() async throws {
        let lab = try lab()
        for host in ["A", "B"] { try await lab.text(host, "wgkey", "gen") }
        let identities = try await (lab.text("A", "wgkey", "show"), lab.text("B", "wgkey", "show"))
        try await lab.text("A", "wgbundle", "seal", "--to", identities.1, "--name", "laptop")
        try await lab.carry("bundle.bin", from: "A", to: "B")
        try await lab.text("B", "wgkey", "trust", identities.0, "--name", "host-a")
    }

    private static let serve = ["hostA$ sudo wgup server", "...", "...; press ctrl-c to take everything down"]
    private static let join = [
        "hostB$ sudo wgup client bundle.bin", "...", "press ctrl-c to take everything down",
    ]
}
