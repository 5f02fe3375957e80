import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

/// A genuine bundle as other programs than `wgup` take it.
struct BundleExport {
    let verified: VerifiedBundle
    let issuer: TrustedIssuer
    /// What the interface is called.
    let link: InterfaceName
    /// What is said of it.
    let configuration: QuickConfiguration
    private let ownKey: PublicKey

    init(_ verified: VerifiedBundle, issuer: TrustedIssuer, key: IdentityKey) {
        self.verified = verified
        self.issuer = issuer
        link = InterfaceName(network: verified.bundle.networkName)
        ownKey = key.identity.wireGuardKey
        var configuration = QuickConfiguration()
        configuration.privateKey = key.wireGuardKey
        configuration.addresses = verified.bundle.addresses
        configuration.mtu = verified.bundle.mtu
        configuration.peers = verified.bundle.peers.map { peer in
            var written = QuickPeer(publicKey: peer.publicKey)
            written.label = peer.name.description
            written.presharedKey = peer.presharedKey
            written.endpoint = peer.endpoints.first
            written.allowedAddresses = peer.allowedAddresses
            written.keepaliveSeconds = peer.keepaliveSeconds
            return written
        }
        self.configuration = configuration
    }

    private var bundle: Bundle { verified.bundle }

    /// Makes the checks of `wgup client`, and remembers nothing.
    ///
    /// - Throws: ``FreshnessError``, ``PolicyError``, or what reading the routes and the record meets.
    func check(now: UnixTime) throws {
        _ = try Freshness.check(bundle, id: verified.id, against: record(), now: now)
        let hostPrefixes = try HostRoutes.prefixes(besides: link)
        do throws(PolicyError) {
            try ContentPolicy.check(bundle, limits: issuer.limits, ownKey: ownKey, hostPrefixes: hostPrefixes)
        } catch .hostNetwork(let block, let host) {
            throw CommandFailure(
                .refused,
                "\(PolicyError.hostNetwork(block, host: host))",
                hint: "'wgup client' gives the tunnel a network of its own, which other programs do not"
            )
        }
    }

    // Root alone can read what wgup remembers; for others it is as if there were nothing.
    private func record() throws -> FreshnessRecord? {
        do throws(KeystoreError) {
            return try FreshnessStore.find()?.record(issuer: verified.issuer, network: bundle.networkID)
        } catch .system(let error) where error.isRefusal {
            diagnostics.note("only root can tell whether wgup has accepted a later bundle than this")
            return nil
        }
    }

    /// What the files do not say.
    var notes: [String] {
        var notes: [String] = []
        for peer in bundle.peers where peer.endpoints.count > 1 {
            notes.append("\(peer.name) has \(peer.endpoints.count) endpoints, and only the first is written")
        }
        if bundle.container != nil { notes.append("the container that the bundle asks for is left out") }
        return notes
    }

    /// Where the files come from.
    var comment: String {
        """
        Network \(bundle.networkName) of \(issuer.name), \(verified.issuer.fingerprint), epoch \(bundle.epoch), \
        serial \(bundle.serial).
        Written by 'wgbundle export'. The bundle is valid until \(bundle.notAfter); nothing makes this file expire.
        """
    }
}
