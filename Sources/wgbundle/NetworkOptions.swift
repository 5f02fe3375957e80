import ArgumentParser
import CommandSupport
import Keystore
import WireGuard

struct NetworkOptions: ParsableArguments {
    @Option(help: "Which of this host's networks. Default: default.", completion: .networks)
    var network: Name?

    /// The name that was given, or the default.
    var name: Name { network ?? Network.defaultName }
}
