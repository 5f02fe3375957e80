import ArgumentParser
import CommandSupport
import Keystore
import WireGuard

struct RenameCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        _superCommandName: "wgbundle",
        abstract: "Give a peer another name."
    )

    @Argument(help: "The peer, by name, fingerprint, identity, WireGuard key or address.", completion: .peers)
    var peer: String

    @Argument(help: "A name that no peer has.", completion: .nothing)
    var name: Name

    @OptionGroup var network: NetworkOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
        let former = try home.open().network(network.name).rename(peer, to: name)
        diagnostics.say("\(former) is called \(name) now")
    }
}
