import ArgumentParser
import CommandSupport
import Planning
import SystemIO
import WireGuard

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        _superCommandName: "wgup",
        abstract: "Show the tunnels that are up, and when each peer was last heard of."
    )

    @Argument(help: "The interface. Default: every one that wgup brought up.", completion: .interfaces)
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
        let seen = try look()
        let now = WallClock.now()
        let diagnostics = Diagnostics(tool: "wgup")
        if check {
            var problems = seen.tunnels.flatMap { $0.problems(now: now) } + seen.silent.map(Self.words(for:))
            if seen.isEmpty { problems.append(interface.map { "\($0) is not up" } ?? "nothing is up") }
            for problem in problems { diagnostics.say(problem) }
            guard problems.isEmpty else { throw ExitCode(1) }
            return
        }
        if let interface, seen.isEmpty {
            throw CommandFailure(.noInput, "wgup has brought up no interface '\(interface)'", hint: "wgup status")
        }
        if seen.isEmpty { diagnostics.say("nothing is up") }
        for interface in seen.silent { diagnostics.note(Self.words(for: interface)) }
        for warning in seen.tunnels.compactMap({ $0.warning(now: now) }) { diagnostics.note(warning) }
        if prometheus {
            try StandardStream.writeOutput(Metrics.text(seen.tunnels))
            return
        }
        try output.print(
            seen.tunnels.map { $0.table(now: now) }.joined(separator: "\n"),
            .array(seen.tunnels.map { $0.json(now: now) })
        )
    }

    private static func words(for silent: InterfaceName) -> String {
        "the wgup of \(silent) does not answer; 'sudo wgup status \(silent)' says how it is"
    }

    private struct Seen {
        var tunnels: [TunnelStatus] = []
        /// Those of which nobody tells.
        var silent: [InterfaceName] = []

        var isEmpty: Bool { tunnels.isEmpty && silent.isEmpty }
    }

    private func look() throws -> Seen {
        do {
            guard let directory = try RunDirectory.open() else { return Seen() }
            var seen = Seen()
            for name in try directory.interfaces() where interface == nil || interface == name.description {
                if User.isRoot {
                    guard let journal = try directory.journal(of: name) else { continue }
                    seen.tunnels.append(TunnelStatus(journal, notes: try directory.notes(of: name)))
                } else if let tunnel = try StatusSocket.ask(name) {
                    seen.tunnels.append(tunnel)
                } else if try directory.interfaces().contains(name) {
                    // Without its journal, it has ended just now.
                    seen.silent.append(name)
                }
            }
            return seen
        } catch let error as SystemError where error.isRefusal && !User.isRoot {
            let group = StatusSocket.groupName
            throw WgupFailure.mayNotAsk(group: group, exists: Group.id(named: group) != nil)
        }
    }
}
