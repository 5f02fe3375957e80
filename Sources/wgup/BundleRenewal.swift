import CommandSupport
import Crypto
import Keystore
import PeerBundle
import Planning
import SystemIO
import WireGuard

/// The file of a bundle that is applied, into which its issuer's next one may be put while the tunnel is up.
struct BundleRenewal: Sendable {
    /// The file, or `-`.
    let bundle: String
    /// Whom the operator expects, as for ``BundleAcceptance/issuer(_:expected:)``.
    let expected: String?
    let home: String
    let key: IdentityKey
    let opener: BundleOpener
    let diagnostics: Diagnostics

    /// What is to be watched.
    ///
    /// - Returns: `nil` for a bundle that came in over standard input.
    func source(of request: TunnelRequest) -> TunnelSource? {
        guard bundle != "-", let name = bundle.split(separator: "/").last.map(String.init) else { return nil }
        let directory = bundle.dropLast(name.count)
        return TunnelSource(
            directories: [directory.isEmpty ? "." : String(directory)],
            isPart: { $0 == name },
            read: { try await read(request) }
        )
    }

    /// Reads the bundle that is in the file now, which has to pass every check that the first one had to.
    private func read(_ request: TunnelRequest) async throws -> TunnelRequest {
        let acceptance = BundleAcceptance(home: try .open(home), key: key, opener: opener, now: WallClock.now())
        let issuer: TrustedIssuer
        let verified: VerifiedBundle
        do {
            let claimed = try acceptance.open(bundle)
            guard let known = try acceptance.knownIssuer(claimed.claimedIssuer, expected: expected) else {
                throw WgupFailure.unknownIssuer
            }
            issuer = known
            verified = try acceptance.verified(claimed)
        }
        let (content, placement) = (verified.bundle, request.placement)
        guard request.tunnel == .client(of: content.networkName, issuer: verified.issuer.fingerprint) else {
            throw WgupFailure.otherTunnel(request.interface.name)
        }
        try acceptance.check(verified, from: issuer, placement: placement)
        let interface = try content.interface(key: key, issuer: verified.issuer)
        try await acceptance.check(interface, for: request.workload, of: content, placement: placement)
        let next = try request.with(interface, notAfter: content.notAfter) {
            content.currentEndpoints(placement: placement)
        }
        try acceptance.accept(verified, from: issuer, placement: placement, diagnostics: diagnostics)
        diagnostics.say("took another bundle from \(issuer.name), valid until \(content.notAfter)")
        return next
    }
}
