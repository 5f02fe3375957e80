import ArgumentParser
import CommandSupport
import Planning
import SystemIO
import WireGuard

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the tunnels that are up, and when each peer was last heard of."
    )

    @Argument(help: "The interface. Default: every one that wgup brought up.")
    var interface: String?

    @OptionGroup var output: OutputOptions

    @Flag(help: "Print metrics for Prometheus.")
    var prometheus = false

    @Flag(help: "Print only what is not as it should be; the exit status is 1 if there is something.")
    var check = false

    func validate() throws {
        guard [output.json, prometheus, check].count(where: \.self) <= 1 else {
            throw ValidationError("--json, --prometheus and --check exclude each other")
        }
    }

    func run() throws {
        let tunnels = try chosenTunnels()
        let now = WallClock.now()
        let diagnostics = Diagnostics(tool: "wgup")
        if check {
            let problems = tunnels.flatMap { $0.problems(now: now) }
            for problem in problems { diagnostics.say(problem) }
            if tunnels.isEmpty { diagnostics.say("nothing is up") }
            if tunnels.isEmpty || !problems.isEmpty { throw ExitCode(1) }
            return
        }
        if tunnels.isEmpty { diagnostics.say("nothing is up") }
        for warning in tunnels.compactMap({ $0.warning(now: now) }) { diagnostics.note(warning) }
        if prometheus {
            try StandardStream.writeOutput(Metrics.text(tunnels))
            return
        }
        try output.print(
            tunnels.map { $0.table(now: now) }.joined(separator: "\n"),
            .array(tunnels.map { $0.json(now: now) })
        )
    }

    private func chosenTunnels() throws -> [TunnelStatus] {
        let tunnels = try User.isRoot ? Self.lookAtTunnels() : Self.askForTunnels()
        guard let interface else { return tunnels }
        guard let tunnel = tunnels.first(where: { $0.interface.description == interface }) else {
            throw CommandFailure(.noInput, "wgup has brought up no interface '\(interface)'", hint: "wgup status")
        }
        return [tunnel]
    }

    /// Looks at all that is there, whether or not a `wgup` runs.
    private static func lookAtTunnels() throws -> [TunnelStatus] {
        guard let directory = try RunDirectory.open() else { return [] }
        return try directory.interfaces().compactMap { interface in
            guard let journal = try directory.journal(of: interface) else { return nil }
            return TunnelStatus(journal, notes: try directory.notes(of: interface))
        }
    }

    /// Asks each `wgup` that runs.
    private static func askForTunnels() throws -> [TunnelStatus] {
        do throws(SystemError) {
            guard let directory = try RunDirectory.open() else { return [] }
            var tunnels: [TunnelStatus] = []
            for interface in try directory.interfacesWithStatus() {
                if let tunnel = try StatusSocket.ask(interface) { tunnels.append(tunnel) }
            }
            return tunnels
        } catch {
            guard error.isRefusal else { throw error }
            let group = StatusSocket.groupName
            throw WgupFailure.mayNotAsk(group: group, exists: Group.id(named: group) != nil)
        }
    }
}
