import ArgumentParser
import CommandSupport
import Keystore
import WireGuard

struct NoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        _superCommandName: "wgbundle",
        abstract: "Write something down about a peer, or nothing any more."
    )

    @Argument(help: "The peer, by name, fingerprint, identity, WireGuard key or address.", completion: .peers)
    var peer: String

    @Argument(help: "One line. Default: what was written down is removed.", completion: .nothing)
    var text: Note?

    @OptionGroup var network: NetworkOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
        let name = try home.open().network(network.name).annotate(peer, with: text)
        diagnostics.say(text == nil ? "nothing is written down about \(name) any more" : "noted about \(name)")
    }
}
