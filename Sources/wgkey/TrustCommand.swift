import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

struct TrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        _superCommandName: "wgkey",
        abstract: "Accept bundles from an issuer, within limits.",
        discussion: "Given again under the same name, it replaces the limits."
    )

    @Argument(help: "The issuer's identity, as 'wgkey show' prints it on that host.", completion: .nothing)
    var identity: String

    @Option(help: "What to call the issuer here.")
    var name: Name

    @Option(
        help: ArgumentHelp(
            "The widest range of addresses its bundles may route, as prefix lengths; by default 8,32.",
            valueName: "v4[,v6]"
        )
    )
    var maxPrefix: PrefixLimits?

    @Flag(help: "Let its bundles take all traffic, as 0.0.0.0/0 or ::/0.")
    var allowDefaultRoute = false

    @Option(
        help: ArgumentHelp(
            "An image that its bundles may start, or PATH/* for all below. Repeatable.",
            valueName: "pattern"
        )
    )
    var allowImage: [ImagePattern] = []

    @OptionGroup var home: HomeOptions

    func run() throws {
        let identity = try Identity(text: identity)
        var limits = IssuerLimits(allowsDefaultRoute: allowDefaultRoute, allowedImages: allowImage)
        if let maxPrefix {
            limits.shortestPrefixLengthV4 = maxPrefix.v4
            limits.shortestPrefixLengthV6 = maxPrefix.v6 ?? limits.shortestPrefixLengthV6
        }
        let home = try home.open()
        let issuer = TrustedIssuer(name: name, identity: identity, limits: limits, added: WallClock.now())
        let isNew = try home.trust(issuer, own: home.identity().key.identity)
        diagnostics.say("\(isNew ? "trusted" : "changed"): \(name) \(identity.fingerprint)")
    }
}

/// The widest prefixes: `16`, or `16,48` for IPv4 and IPv6.
struct PrefixLimits: ExpressibleByArgument {
    let v4: UInt8
    let v6: UInt8?

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= 2, let v4 = UInt8(decimal: parts[0]), v4 <= 32 else { return nil }
        self.v4 = v4
        guard parts.count == 2 else {
            v6 = nil
            return
        }
        guard let v6 = UInt8(decimal: parts[1]), v6 <= 128 else { return nil }
        self.v6 = v6
    }
}
