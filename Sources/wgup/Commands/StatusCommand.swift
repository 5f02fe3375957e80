import ArgumentParser
import CommandSupport
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the tunnels that are up, and when each peer was last heard of."
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        try Privilege.require(for: "wgup status")
        var tunnels: [TunnelStatus] = []
        if let directory = try RunDirectory.open() {
            for interface in try directory.interfaces() {
                guard let journal = try directory.journal(of: interface) else { continue }
                tunnels.append(TunnelStatus(journal, notes: try directory.notes(of: interface)))
            }
        }
        let now = WallClock.now()
        let diagnostics = Diagnostics(tool: "wgup")
        if tunnels.isEmpty { diagnostics.say("nothing is up") }
        for warning in tunnels.compactMap({ $0.warning(now: now) }) { diagnostics.note(warning) }
        try output.print(
            tunnels.map { $0.text(now: now) }.joined(separator: "\n"),
            .array(tunnels.map { $0.json(now: now) })
        )
    }
}
