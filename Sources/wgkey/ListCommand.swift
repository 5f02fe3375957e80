import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import WireGuard

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        _superCommandName: "wgkey",
        abstract: "Print the issuers whose bundles this host accepts."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
        let issuers = try home.open().trustedIssuers()
        try output.print(table(issuers), .array(issuers.map(json)))
    }

    private func table(_ issuers: [TrustedIssuer]) -> String {
        var table = Table("NAME", "FINGERPRINT", "SINCE", "LIMITS")
        for issuer in issuers {
            table.add(
                issuer.name.description,
                issuer.identity.fingerprint.description,
                issuer.added.description,
                limits(issuer.limits)
            )
        }
        return table.text
    }

    private func limits(_ limits: IssuerLimits) -> String {
        var words = ["/\(limits.shortestPrefixLengthV4)", "/\(limits.shortestPrefixLengthV6)"]
        if limits.allowsDefaultRoute { words.append("default-route") }
        return (words + limits.allowedImages.map(\.description)).joined(separator: ",")
    }

    private func json(_ issuer: TrustedIssuer) -> JSON {
        .object([
            "name": .string(issuer.name.description),
            "identity": .string(issuer.identity.text),
            "fingerprint": .string(issuer.identity.fingerprint.description),
            "added": .number(issuer.added.seconds),
            "max_prefix": .number(UInt64(issuer.limits.shortestPrefixLengthV4)),
            "max_prefix6": .number(UInt64(issuer.limits.shortestPrefixLengthV6)),
            "allow_default_route": .bool(issuer.limits.allowsDefaultRoute),
            "allow_images": .strings(issuer.limits.allowedImages),
        ])
    }
}
