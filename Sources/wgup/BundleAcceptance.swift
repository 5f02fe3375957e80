import CommandSupport
import Crypto
import Keystore
import Netlink
import PeerBundle
import Planning
import SystemIO
import WireGuard

/// What stands between a file and the network: the checks that a bundle must pass before anything of it is applied.
///
/// Nothing is written before all have passed.
struct BundleAcceptance {
    /// This host's identity key.
    let key: IdentityKey
    /// Read once, so that a slow command cannot straddle the expiry.
    let now: UnixTime

    /// Reads a bundle and opens its seal.
    func open(_ path: String) throws -> ClaimedBundle {
        let input = try InputFile.read(path, maximumByteCount: BundleText.maximumByteCount)
        let bundle = try BundleText.decode(input)
        return try ClaimedBundle.open(bundle.span, with: key)
    }

    /// Finds the issuer among those that this host trusts; at first contact, asks the operator which one to expect.
    ///
    /// - Parameters:
    ///   - claimed: Whom the bundle claims to be from.
    ///   - expected: An identity or a fingerprint from the command line.
    ///   - trusted: Those who are trusted already.
    ///   - signals: Ends the question.
    /// - Returns: The issuer; one that was met for the first time has no name here yet.
    func issuer(
        claimed: Identity, expected: String?, trusted: [TrustedIssuer], signals: borrowing TerminationSignals
    ) throws -> (identity: Identity, known: TrustedIssuer?) {
        let known = trusted.first { $0.identity == claimed }
        if let expected {
            try Self.require(claimed, toBe: expected)
        } else if known == nil {
            guard let terminal = Terminal.controlling() else { throw WgupFailure.firstContact }
            // The operator must read the fingerprint on the other host. Shown here, it would only be compared with itself.
            let answer = try terminal.ask(
                "First bundle from this issuer. Paste the fingerprint that 'wgkey show --fingerprint' prints there:\n> ",
                watching: signals)
            try Self.require(claimed, toBe: answer)
        }
        return (claimed, known)
    }

    private static func require(_ claimed: Identity, toBe text: String) throws {
        let text = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        if Fingerprint.isFingerprint(text) {
            guard claimed.fingerprint.matches(text) else { throw WgupFailure.otherIssuer }
        } else {
            guard try Identity(text: text) == claimed else { throw WgupFailure.otherIssuer }
        }
    }

    /// Checks that a genuine bundle is fresh, and asks for nothing that its issuer may not ask.
    ///
    /// - Parameters:
    ///   - verified: A genuine bundle.
    ///   - limits: Those of its issuer.
    ///   - record: What this host remembers of the issuer's network.
    ///   - placement: An interface in a namespace of its own cannot take traffic from the host.
    func check(
        _ verified: VerifiedBundle, limits: IssuerLimits, record: FreshnessRecord?, placement: Placement
    ) throws -> FreshnessVerdict {
        let verdict = try Freshness.check(verified.bundle, id: verified.id, record: record, now: now)
        var hostPrefixes: [IPPrefix] = []
        if placement == .host {
            var netlink = try RouteNetlink.open()
            hostPrefixes = try netlink.routedPrefixes()
        }
        try ContentPolicy.check(
            verified.bundle, limits: limits, ownKey: key.identity.wireGuardKey, hostPrefixes: hostPrefixes)
        return verdict
    }
}

extension Bundle {
    /// The recipient's interface as this bundle describes it, with the names of endpoints looked up.
    func interface(key: IdentityKey) throws -> InterfaceConfiguration {
        guard let name = InterfaceName(network: networkName) else { throw WgupFailure.interfaceName(networkName) }
        var peers = peers
        for index in peers.indices {
            peers[index].endpoints = try peers[index].endpoints.flatMap(Self.resolve)
        }
        return InterfaceConfiguration(
            name: name, privateKey: key.wireGuardKey, addresses: addresses,
            mtu: mtu.map(Int.init) ?? InterfaceConfiguration.defaultMTU, peers: peers)
    }

    private static func resolve(_ endpoint: Endpoint) throws -> [Endpoint] {
        guard case .name(let name) = endpoint.host else { return [endpoint] }
        let addresses = Resolver.addresses(of: name)
        guard !addresses.isEmpty else { throw WgupFailure.unknownHost(name) }
        return addresses.compactMap { Endpoint(host: .address($0), port: endpoint.port) }
    }
}
