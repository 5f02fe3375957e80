import CommandSupport
import Containers
import Crypto
import Keystore
import Netlink
import PeerBundle
import Planning
import SystemIO
import WireGuard

/// What stands between a file and the network: the checks that a bundle must pass before anything of it is applied.
struct BundleAcceptance: ~Copyable {
    let home: Home
    private let key: IdentityKey
    private let opener: BundleOpener
    /// When the command began.
    let now: UnixTime

    /// Takes over the home; `now` is read once, so that a slow command cannot straddle the expiry.
    init(home: consuming Home, key: IdentityKey, opener: BundleOpener, now: UnixTime) {
        self.home = home
        self.key = key
        self.opener = opener
        self.now = now
    }

    /// Reads a bundle and opens its seal.
    func open(_ path: String) throws -> ClaimedBundle {
        let input = try InputFile.read(path, maximumByteCount: BundleText.maximumByteCount)
        return try opener.open(input, with: key.openingKey)
    }

    /// Checks that the bundle which was opened last is from whom it claims to be from, and reads it.
    func verified(_ claimed: borrowing ClaimedBundle) throws -> VerifiedBundle {
        try opener.verified(claimed, trusting: claimed.claimedIssuer)
    }

    /// Looks whether bundles of an issuer are trusted here, and asks nobody.
    ///
    /// - Returns: `nil` at first contact.
    /// - Throws: ``WgupFailure/otherIssuer``.
    func knownIssuer(_ claimed: Identity, expected: String?) throws -> TrustedIssuer? {
        if let expected { try Self.require(claimed, toBe: expected) }
        return try home.trustedIssuers().first { $0.identity == claimed }
    }

    /// Decides whether bundles of an issuer may be applied: if it is trusted here, or the operator says so now.
    ///
    /// - Parameters:
    ///   - claimed: Whom a bundle claims to be from.
    ///   - expected: An identity or a fingerprint from the command line.
    /// - Returns: `nil` at first contact.
    /// - Throws: ``WgupFailure/firstContact``, ``WgupFailure/otherIssuer``.
    func issuer(
        _ claimed: Identity,
        expected: String?
    ) throws -> TrustedIssuer? {
        let known = try knownIssuer(claimed, expected: expected)
        if expected == nil, known == nil {
            guard let terminal = Terminal.controlling() else { throw WgupFailure.firstContact }
            // Shown here, the fingerprint would only be compared with itself; the operator must read it over there.
            let answer = try terminal.ask(
                "First bundle from this issuer. Paste the fingerprint that 'wgkey show --fingerprint' prints there:\n> "
            )
            try Self.require(claimed, toBe: answer)
        }
        return known
    }

    /// Checks that a genuine bundle is fresh and asks for nothing that its issuer may not ask.
    ///
    /// - Parameters:
    ///   - verified: A genuine bundle.
    ///   - issuer: `nil` at first contact.
    ///   - placement: An interface in a namespace of its own cannot take traffic from the host.
    /// - Throws: ``FreshnessError``, ``PolicyError``, or what reading the records meets.
    func check(_ verified: VerifiedBundle, from issuer: TrustedIssuer?, placement: Placement) throws {
        let record = try FreshnessStore.find()?.record(issuer: verified.issuer, network: verified.bundle.networkID)
        _ = try Freshness.check(verified.bundle, id: verified.id, against: record, now: now)
        try ContentPolicy.check(
            verified.bundle,
            limits: issuer?.limits ?? IssuerLimits(),
            ownKey: key.identity.wireGuardKey,
            hostPrefixes: try Self.hostPrefixes(for: verified.bundle, placement: placement)
        )
    }

    /// Checks what is only known once names were looked up and an engine was chosen.
    ///
    /// - Parameters:
    ///   - interface: That of the bundle, with endpoints that are addresses.
    ///   - workload: An engine's container also has the engine's network, and the operator's own may have others.
    ///   - bundle: A genuine bundle that ``check(_:from:placement:)`` let pass.
    ///   - placement: As there.
    /// - Throws: ``PolicyError``, or what asking the engine meets.
    func check(
        _ interface: InterfaceConfiguration,
        for workload: any Workload,
        of bundle: Bundle,
        placement: Placement
    ) async throws {
        let hostPrefixes = try Self.hostPrefixes(for: bundle, placement: placement)
        try ContentPolicy.checkEndpoints(of: interface.peers, in: bundle, hostPrefixes: hostPrefixes)
        guard placement == .container else { return }
        try ContentPolicy.checkPlace(of: bundle, beside: try await workload.prefixes(besides: interface.name))
    }

    /// What is beside the tunnel; `nil` for a network namespace of its own.
    static func hostPrefixes(for bundle: Bundle, placement: Placement) throws -> [IPPrefix]? {
        guard placement == .host else { return nil }
        var netlink = try RouteNetlink.open()
        // The tunnel that this bundle's last one brought up is not in its way.
        return try netlink.prefixes(beside: InterfaceName(network: bundle.networkName))
    }

    /// Checks again, with no other process in between, then remembers the bundle.
    ///
    /// An issuer that was met for the first time is trusted from then on. Nothing is written before every check has
    /// passed.
    ///
    /// - Parameters:
    ///   - verified: A genuine bundle.
    ///   - issuer: `nil` at first contact.
    ///   - placement: An interface in a namespace of its own cannot take traffic from the host.
    ///   - diagnostics: Says what is remembered for the first time.
    /// - Throws: ``FreshnessError``, ``PolicyError``, or what storing them meets.
    func accept(
        _ verified: VerifiedBundle,
        from issuer: TrustedIssuer?,
        placement: Placement,
        diagnostics: Diagnostics
    ) throws {
        let bundle = verified.bundle
        let store = try FreshnessStore.open()
        let lock = try store.lock()
        defer { _ = lock }
        try check(verified, from: issuer, placement: placement)
        if issuer == nil {
            let name = try freeName(for: verified)
            _ = try home.trust(
                TrustedIssuer(name: name, identity: verified.issuer, added: now),
                own: key.identity
            )
            diagnostics.note("bundles of \(name), \(verified.issuer.fingerprint), are trusted from now on")
        }
        try store.remember(
            FreshnessRecord(of: bundle, id: verified.id),
            issuer: verified.issuer,
            network: bundle.networkID
        )
    }

    /// What the hub calls itself, if nobody else is called that here.
    private func freeName(for verified: VerifiedBundle) throws -> Name {
        let taken = Set(try home.trustedIssuers().map(\.name))
        let hub = verified.bundle.peers.first { $0.publicKey == verified.issuer.wireGuardKey }?.name
        if let hub, !taken.contains(hub) { return hub }
        guard let name = Name(prefix: "hub", fingerprint: verified.issuer.fingerprint, besides: taken) else {
            throw KeystoreError.noFreeName
        }
        return name
    }

    private static func require(_ claimed: Identity, toBe text: String) throws {
        let text = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        if Fingerprint.isFingerprint(text) {
            guard claimed.fingerprint.matches(text) else { throw WgupFailure.otherIssuer }
        } else {
            guard try Identity(text: text) == claimed else { throw WgupFailure.otherIssuer }
        }
    }
}

extension Bundle {
    /// The names that its services are known by in the workload.
    var hosts: [HostsEntry] {
        var entries: [HostsEntry] = []
        for service in services {
            let entry = HostsEntry(service.name, in: networkName, address: service.address)
            if !entries.contains(entry) { entries.append(entry) }
        }
        return entries
    }

    /// The recipient's interface as this bundle describes it, with the names of endpoints looked up.
    func interface(key: IdentityKey, issuer: Identity) throws -> InterfaceConfiguration {
        var peers = peers
        for index in peers.indices {
            if peers[index].publicKey == issuer.wireGuardKey { peers[index].fingerprint = issuer.fingerprint }
            peers[index].endpoints = try peers[index].endpoints.flatMap { try $0.lookedUp() }
        }
        return InterfaceConfiguration(
            name: InterfaceName(network: networkName),
            privateKey: key.wireGuardKey,
            addresses: addresses,
            listenPort: listenPort,
            mtu: mtu.map(Int.init) ?? InterfaceConfiguration.defaultMTU,
            peers: peers
        )
    }

    /// Where the peers may be called, with the names of endpoints looked up now, as far as the recipient may call there.
    ///
    /// A name that leads nowhere, or where this bundle may not lead, is left out.
    func currentEndpoints(placement: Placement) -> [PublicKey: [SocketAddress]] {
        let hostPrefixes: [IPPrefix]?
        do { hostPrefixes = try BundleAcceptance.hostPrefixes(for: self, placement: placement) } catch { return [:] }
        var result: [PublicKey: [SocketAddress]] = [:]
        for var peer in peers {
            for endpoint in peer.endpoints.flatMap({ (try? $0.lookedUp()) ?? [] }) {
                peer.endpoints = [endpoint]
                guard let address = endpoint.socketAddress,
                    (try? ContentPolicy.checkEndpoints(of: [peer], in: self, hostPrefixes: hostPrefixes)) != nil
                else { continue }
                result[peer.publicKey, default: []].append(address)
            }
        }
        return result
    }
}
