import Foundation
import TestSupport
import Testing

// The commands of the story, each with what must come of it. The server is on host A unless a test says otherwise.

extension Lab {
    /// Makes the keys of a server and of one client, and the bundle that lets the client in.
    func prepare(client: String = "B") async throws {
        try await text("A", "wgkey", "gen")
        try await text(client, "wgkey", "gen")
        try await enrol(client)
    }

    /// Seals a bundle to a host that has its keys, and carries it there.
    func enrol(_ client: String) async throws {
        let identity = try await text(client, "wgkey", "show")
        try await text("A", "wgbundle", "seal", "--to", identity, "-o", "for-\(client)")
        try await carry("for-\(client)", from: "A", to: client)
        try await text(client, "mv", "for-\(client)", "bundle.bin")
    }

    /// Starts `wgup server`, and waits until it is up.
    func serve(_ arguments: [String] = []) async throws -> BackgroundCommand {
        let server = try start("A", ["wgup", "server"] + arguments)
        try await server.waitForOutput("press ctrl-c")
        return server
    }

    /// Starts `wgup client`, and waits until the server has answered.
    func join(_ client: String = "B", _ arguments: [String] = []) async throws -> BackgroundCommand {
        let command = try await startClient(client, arguments)
        try await command.waitForOutput("press ctrl-c")
        return command
    }

    /// Starts `wgup client`, which knows the server from `--from`.
    func startClient(_ client: String, _ arguments: [String] = []) async throws -> BackgroundCommand {
        try start(client, ["wgup", "client", "bundle.bin", "--from", try await fingerprint] + arguments)
    }

    /// What the operator of the server reads out.
    var fingerprint: String { get async throws { try await text("A", "wgkey", "show", "--fingerprint") } }

    /// Plays the whole story, runs `body` while the tunnel is up, then takes it down on both sides.
    func whileUp(_ arguments: [String] = [], _ body: () async throws -> Void) async throws {
        let server = try await serve(arguments)
        let client = try await join("B", arguments)
        try await body()
        try await client.interrupt()
        try await server.interrupt()
    }
}

extension BackgroundCommand {
    /// Sends what ^C does to a command without a terminal, and waits for an end in good order.
    func interrupt() async throws {
        signal(SIGINT)
        let status = try await waitForEnd()
        #expect(status == 0, "\(output)")
    }

    /// Presses ^C, and waits for an end in good order.
    func pressControlC() async throws {
        try type("\u{3}")
        let status = try await waitForEnd()
        #expect(status == 0, "\(output)")
    }
}

/// The lines that two snapshots do not share: those of the first with a minus, those of the second with a plus.
func changes(from before: String, to after: String) -> [String] {
    func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
    return lines(after).difference(from: lines(before)).map { change in
        switch change {
        case .remove(_, let line, _): "- \(line)"
        case .insert(_, let line, _): "+ \(line)"
        }
    }
}

/// What a client keeps on purpose of the first bundle that it accepts, as ``changes(from:to:)`` tells it: whom it
/// trusts, and how old a bundle may not be.
func isKept(_ change: String) -> Bool {
    let kept = [
        "+ file d 700 /root/.config/wgseal/trust", "+ file f 600 /root/.config/wgseal/trust/host-a.issuer",
        "+ file f 600 /root/.config/wgseal/lock", "+ file d 700 /var/lib/wgseal", "+ file f 600 /var/lib/wgseal/lock",
    ]
    return kept.contains(change)
        || change.wholeMatch(of: #/\+ file f 600 /var/lib/wgseal/[0-9a-f]{64}-[0-9a-f]{32}\.seen/#) != nil
}
