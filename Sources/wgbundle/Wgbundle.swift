import ArgumentParser
import CommandSupport

let diagnostics = Diagnostics(tool: "wgbundle")

@main
struct Wgbundle: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wgbundle",
        abstract: "Make hosts peers of this host's networks, by bundles that only they can open.",
        version: CommandLineTool.version,
        subcommands: [
            SealCommand.self, InspectCommand.self, PeersCommand.self, QRCommand.self, ExportCommand.self,
            ImportCommand.self,
        ]
    )

    static func main() { CommandLineTool.main(Self.self) }
}
