import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import SystemIO
import WireGuard

/// What every command that makes bundles needs.
struct SealingOptions: ParsableArguments {
    @Option(help: "How long the bundle may be applied, in m, h, d or w; at most 400d. Default: 90d.")
    var expires: Lifetime?

    @OptionGroup var network: NetworkOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var home: HomeOptions

    /// This host's identity key.
    func key(of home: borrowing Home) throws -> IdentityKey { try passphrase.identityKey(of: home) }

    /// What is the same for all bundles of one run.
    func sealing(_ key: IdentityKey, routes: HostRoutes, port: UInt16) -> NetworkStore.Sealing {
        NetworkStore.Sealing(
            key: key,
            defaultEndpoint: routes.defaultSource.flatMap { Endpoint(host: .address($0), port: port) },
            now: WallClock.now(),
            lifetimeSeconds: (expires ?? .standard).seconds
        )
    }
}
