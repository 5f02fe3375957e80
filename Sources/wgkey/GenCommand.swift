import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO

struct GenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gen",
        abstract: "Make this host's keys, and print its identity.",
        discussion: "The secret half stays in the home, which only its owner can read. It is never overwritten."
    )

    @OptionGroup var home: HomeOptions

    func run() throws {
        let home = try home.create()
        let identity = try home.createIdentityKey(now: WallClock.now()).identity
        try StandardStream.writeOutput("\(identity.text)\n")
        guard diagnostics.isInteractive else { return }
        diagnostics.say("fingerprint: \(identity.fingerprint)")
        diagnostics.say("on the host that this one is to call: wgbundle seal --to \(identity.text)")
    }
}
