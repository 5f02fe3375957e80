import ArgumentParser
import CommandSupport

let diagnostics = Diagnostics(tool: "wgkey")

@main
struct Wgkey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wgkey",
        abstract: "Make this host's WireGuard identity, and say whose bundles it trusts.",
        version: CommandLineTool.version,
        subcommands: [
            GenCommand.self, ShowCommand.self, PassphraseCommand.self, ExportCommand.self, ImportCommand.self,
            TrustCommand.self, UntrustCommand.self, ListCommand.self,
        ]
    )

    static func main() { CommandLineTool.main(Self.self) }
}
