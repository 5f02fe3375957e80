import ArgumentParser
import CommandSupport
import SystemIO

/// Brings tunnels up and down.
@main
struct Wgup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wgup",
        abstract: "Bring up a WireGuard tunnel with a workload on it, and take everything down again.",
        version: CommandLineTool.version,
        subcommands: [ServerCommand.self, ClientCommand.self, StatusCommand.self, DownCommand.self])

    @MainActor static func main() async {
        // Before there is a second thread: one that lets a signal through would end the process, with the tunnel up.
        TerminationSignals.block()
        await CommandLineTool.main(Wgup.self)
    }
}
