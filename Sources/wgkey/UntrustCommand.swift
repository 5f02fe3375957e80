import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import WireGuard

struct UntrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "untrust",
        _superCommandName: "wgkey",
        abstract: "Accept no more bundles from an issuer.",
        discussion: "A tunnel that is up stays up until 'wgup down'."
    )

    @Argument(help: "The issuer's name, fingerprint or identity.", completion: .issuers)
    var issuer: String

    @OptionGroup var home: HomeOptions

    func run() throws {
        let issuer = try home.open().untrust(issuer)
        diagnostics.say("no longer trusted: \(issuer.name) \(issuer.identity.fingerprint)")
    }
}
