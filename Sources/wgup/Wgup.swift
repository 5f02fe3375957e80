import ArgumentParser
import CommandSupport

/// Brings tunnels up and down.
@main
struct Wgup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wgup",
        abstract: "Bring up a WireGuard tunnel with a workload on it, and take everything down again.",
        version: CommandLineTool.version,
        subcommands: [
            ServerCommand.self, ClientCommand.self, PlanCommand.self, StatusCommand.self, DownCommand.self,
            DoctorCommand.self,
        ]
    )

    static func main() async { await CommandLineTool.main(Wgup.self) }
}
