import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import Planning
import SystemIO
import WireGuard

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what server or client would change, and change nothing.",
        discussion: "The exit status is 0 if nothing would change, and 2 if something would.",
        subcommands: [PlanServerCommand.self, PlanClientCommand.self]
    )
}

struct PlanServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Show what 'wgup server' would change.",
        usage: "wgup plan server [<options>] [-- <command> ...]"
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerCommand

    func run() async throws {
        try Privilege.require(for: "wgup plan server")
        let home = try server.home.open()
        let key = try server.passphrase.identityKey(of: home)
        let request = try await server.request(server.store(in: home), home: home, key: key)
        try await PlanReport(request, backend: server.backend, pinned: nil).print(to: output)
    }
}

struct PlanClientCommand: AsyncParsableCommand, PreparedCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Show what 'wgup client' would change.",
        usage: "wgup plan client <bundle> [<options>] [-- <command> ...]"
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientCommand

    func prepare() throws { try BundleOpener.prepare() }

    func run() async throws {
        try Privilege.require(for: "wgup plan client \(client.bundle)")
        let home = try client.home.open()
        let key = try client.passphrase.identityKey(of: home)
        let acceptance = BundleAcceptance(home: home, key: key, opener: try .take(), now: WallClock.now())
        let issuer: TrustedIssuer?
        let verified: VerifiedBundle
        do {
            let claimed = try acceptance.open(client.bundle)
            issuer = try acceptance.knownIssuer(claimed.claimedIssuer, expected: client.from)
            // The question of a first contact would be asked for nothing: the answer is not kept.
            guard issuer != nil || client.from != nil else { throw WgupFailure.unknownIssuer }
            verified = try acceptance.verified(claimed)
        }
        let request = try await client.request(verified, from: issuer, acceptance: acceptance, key: key)
        let pinned = issuer == nil ? verified.issuer.fingerprint : nil
        try await PlanReport(request, backend: client.backend, pinned: pinned).print(to: output)
    }
}
