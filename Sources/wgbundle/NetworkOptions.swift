import ArgumentParser
import CommandSupport
import WireGuard

struct NetworkOptions: ParsableArguments {
    @Option(help: "Which of this host's networks. Default: default.")
    var network: Name?

    /// The name that was given, or the default.
    var name: Name {
        get throws {
            guard let name = network ?? Name("default") else { throw ValidationError("no network is named") }
            return name
        }
    }
}
