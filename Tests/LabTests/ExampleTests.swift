import Foundation
import TestSupport
import Testing

/// The examples of the pages of the programs, which show no output, typed one after the other.
@Suite("Example", .serialized, .timeLimit(.minutes(2)))
struct ExampleTests {
    /// What is not typed here, and who does it instead.
    private static let untyped = [
        "grep ^WGID-": "KernelServiceTests, as systemd-creds makes a key of the machine, which no lab keeps apart"
    ]

    @Test("of wgkey(1) works", .lab("A", "B"))
    func wgkey() async throws {
        let lab = try lab()
        let walkthrough = Walkthrough()
        walkthrough.samples.bind("wgid1...", to: try await lab.text("A", "wgkey", "gen", "--home", "/root/office"))
        try await walkthrough.play(
            try Self.lines(
                of: "man/wgkey.1",
                on: { $0.hasPrefix("wgkey import") ? "B" : "A" },
                with: [
                    "wgkey export": ["New passphrase:", "The same again:", "..."],
                    "wgkey import": ["Passphrase of ...:", "..."],
                ]
            ),
            hands: ["wgkey import": { try await lab.carry("identity.backup", from: "A", to: "B") }]
        )
        try await walkthrough.end()
        let keys = try await (lab.text("A", "wgkey", "show"), lab.text("B", "wgkey", "show"))
        #expect(keys.0 == keys.1)
        #expect(try await lab.text("A", "wgkey", "list").contains("office"))
    }

    @Test("of wgbundle(1) works", .lab("A", "B", "C"))
    func wgbundle() async throws {
        let lab = try lab()
        let identity = try await lab.text("B", "wgkey", "gen")
        let hub = try await lab.text("A", "wgkey", "gen")
        try await lab.text("B", "wgkey", "trust", hub, "--name", "host-a")
        let laptop = try await lab.text("A", "wgkey", "gen", "--home", "/root/laptop")
        try await lab.write(Array("identity,name\n\(laptop),laptop\n".utf8), to: "hosts.csv", on: "A")
        try await lab.text("C", "sh", "-ec", Self.makeHub)
        let walkthrough = Walkthrough()
        walkthrough.samples.bind("wgid1...", to: identity)
        try await walkthrough.play(["hostB$ export WGUP_ENGINE=process"])
        let onPeer = ["wgbundle inspect", "zbarimg", "wgbundle export", "wg-quick up"]
        let onOldHub = ["wgbundle import", "wg-quick down", "wgup server"]
        let lines = try Self.lines(
            of: "man/wgbundle.1",
            on: { command in
                if onPeer.contains(where: command.hasPrefix) { return "B" }
                return onOldHub.contains(where: command.hasPrefix) ? "C" : "A"
            },
            with: [
                "zbarimg": ["...", "press ctrl-c to take everything down", "^C..."],
                "wgup server": ["...", "...; press ctrl-c to take everything down"],
            ]
        )
        try await walkthrough.play(
            lines,
            hands: [
                "wgbundle inspect": { try await lab.carry("bundle.bin", from: "A", to: "B") },
                "zbarimg": {
                    try await lab.text("A", "rsvg-convert", "code.svg", "--zoom", "4", "--output", "code.png")
                    try await lab.carry("code.png", from: "A", to: "B")
                    try await lab.text("B", "mv", "code.png", "photo1.jpg")
                    let serve = "hostA$ wgup server --engine process"
                    try await walkthrough.play([serve, "...; press ctrl-c to take everything down"])
                },
                "wgbundle export": { try await lab.text("B", "mkdir", "-p", "/etc/wireguard") },
            ]
        )
        try await lab.text("B", "ping", "-c", "1", "-w", "20", "10.0.0.1")
        #expect(try await lab.text("C", "wg", "show", "wg0", "listen-port") == "51820")
        try await lab.text("B", "wg-quick", "down", "wg0")
        try await walkthrough.end()
        #expect(try await lab.text("A", "ls", "bundles") == "laptop.bin")
        #expect(try await lab.text("A", "wgbundle", "peers", "--revoked").contains("laptop"))
    }

    private static let makeHub = """
        umask 077
        mkdir -p /etc/wireguard
        cd /etc/wireguard
        printf '[Interface]\\nAddress = 10.8.0.1/24\\nListenPort = 51820\\nPrivateKey = %s\\n' "$(wg genkey)" >wg0.conf
        printf '[Peer]\\nPublicKey = %s\\nAllowedIPs = 10.8.0.7/32\\n' "$(wg genkey | wg pubkey)" >>wg0.conf
        wg-quick up wg0
        """

    @Test("of wgup(8) works", .lab("A", "B", withDocker: true))
    func wgup() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.text("B", "wgkey", "trust", try await lab.text("A", "wgkey", "show"), "--name", "host-a")
        let walkthrough = Walkthrough()
        walkthrough.samples.bind("Y93WC-HP302-MNCPT-FZ4M3-ZP4Y2", to: try await lab.fingerprint)
        let lines = try Self.lines(
            of: "man/wgup.8",
            on: { $0.contains(#/server/#) ? "A" : "B" },
            with: [
                "wgup server": ["...", "...; press ctrl-c to take everything down"],
                "wgup client": ["...", "press ctrl-c to take everything down"],
            ]
        )
        try await walkthrough.play(lines)
        try await walkthrough.end()
    }

    @Test("that is not typed is one, and has a reason")
    func untyped() throws {
        let commands = try ["man/wgbundle.1", "man/wgkey.1", "man/wgup.8"].flatMap { page in
            try ManualPage(page).displays(under: "EXAMPLES").flatMap(\.typedLines).map(\.command)
        }
        #expect(commands.count > 20)
        for beginning in Self.untyped.keys { #expect(commands.contains { $0.hasPrefix(beginning) }) }
    }

    /// The examples of a page as lines of a walkthrough.
    ///
    /// - Parameters:
    ///   - page: Relative to the package.
    ///   - host: Whose a command is.
    ///   - shown: What is to be seen below a command that begins so; by default, whatever comes until it has succeeded.
    /// - Returns: Prompts with commands, and what is to be seen below each.
    /// - Throws: What reading the page meets.
    private static func lines(
        of page: String,
        on host: (_ command: String) -> String,
        with shown: [String: [String]]
    ) throws -> [String] {
        let commands = try ManualPage(page).displays(under: "EXAMPLES").flatMap(\.typedLines).map(\.command)
        var blanks: [String: String] = [:]
        return commands.filter { command in !untyped.keys.contains { command.hasPrefix($0) } }.flatMap { command in
            let seen = shown.first { command.hasPrefix($0.key) }?.value
            // With a blank, it is another command than the one that runs, not the same one shown again.
            defer { blanks[command, default: ""] += " " }
            return ["host\(host(command))$ \(command)\(blanks[command, default: ""])"] + (seen ?? ["..."])
        }
    }
}
