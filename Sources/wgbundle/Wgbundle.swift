import ArgumentParser
import CommandSupport

let diagnostics = Diagnostics(tool: "wgbundle")

@main
struct Wgbundle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wgbundle",
        abstract: "Make hosts peers of this host's networks, by bundles that only they can open.",
        version: CommandLineTool.version,
        subcommands: [
            SealCommand.self, RenewCommand.self, RevokeCommand.self, PeersCommand.self, RenameCommand.self,
            NoteCommand.self, InspectCommand.self, QRCommand.self, ExportCommand.self, ImportCommand.self,
        ]
    )

    static func main() async { await CommandLineTool.main(Wgbundle.self) }
}
