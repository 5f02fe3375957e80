package import Crypto
internal import PeerBundle
package import WireGuard

/// A bundle that was made, and for whom.
package struct SealedPeer: Sendable {
    /// The peer as it is recorded now.
    package let peer: PeerRecord
    /// Whether the network did not know it before.
    package let isNew: Bool
    /// Where the bundle tells it to call.
    package let endpoints: [Endpoint]
    /// The last second in which the bundle may be applied.
    package let notAfter: UnixTime
    /// What only the peer can open.
    package let bundle: [UInt8]
}

extension NetworkStore {
    /// Makes a host a peer of this network, or takes the peer that it is, and seals a fresh bundle to it.
    ///
    /// Peer and serial are on the disk when this returns; after an error nothing has changed but, where the disk failed,
    /// the counter.
    ///
    /// - Parameters:
    ///   - request: Whom for, and what.
    ///   - key: This host's identity key.
    ///   - defaultEndpoint: Where peers reach this host if nothing else says so.
    ///   - now: When the bundle is made.
    ///   - lifetimeSeconds: At most ``Bundle/maximumLifetimeSeconds``.
    /// - Returns: The sealed bundle, and what was recorded.
    /// - Throws: ``KeystoreError``; what the request asks for is looked at before anything is written.
    package borrowing func seal(
        _ request: EnrolmentRequest,
        from key: IdentityKey,
        defaultEndpoint: Endpoint?,
        now: UnixTime,
        lifetimeSeconds: UInt64
    ) throws(KeystoreError) -> SealedPeer {
        let lock = try lock()
        defer { _ = lock }
        let root = try presharedKeyRoot()
        let peers = try peers()
        let (serial, overflow) = try lastSerial().addingReportingOverflow(1)
        guard !overflow else { throw .serialsExhausted(path: path) }
        let plainPeers = try plainPeers()
        let peer = try network.peer(
            for: request,
            hub: key.identity,
            among: peers,
            plainPeers: plainPeers,
            serial: serial,
            now: now
        )
        let isNew = !peers.contains { $0.identity == peer.identity }
        let notAfter = now.adding(seconds: lifetimeSeconds)

        let given = peer.endpoints.isEmpty ? network.endpoints : peer.endpoints
        let endpoints = given.isEmpty ? [defaultEndpoint].compactMap(\.self) : given
        guard !endpoints.isEmpty else { throw .noEndpoint }
        let bundle: Bundle
        let sealed: [UInt8]
        do throws(BundleError) {
            bundle = try network.bundle(
                for: peer,
                hub: key.identity,
                root: root,
                endpoints: endpoints,
                created: now,
                notAfter: notAfter
            )
            sealed = try bundle.seal(from: key, to: peer.identity)
        } catch {
            throw .bundle(error)
        }
        do throws(PolicyError) {
            try ContentPolicy.check(bundle, limits: .widest(for: bundle), ownKey: peer.identity.wireGuardKey)
        } catch {
            throw .policy(error)
        }
        try record(peer, isNew: isNew)
        // A process that dies before this leaves a plain peer that nobody looks at.
        if plainPeers.contains(where: { $0.publicKey == peer.identity.wireGuardKey }) {
            try replacePlainPeers(plainPeers.filter { $0.publicKey != peer.identity.wireGuardKey })
        }
        return SealedPeer(peer: peer, isNew: isNew, endpoints: endpoints, notAfter: notAfter, bundle: sealed)
    }
}

extension IssuerLimits {
    /// What the most trusting recipient allows.
    fileprivate static func widest(for bundle: Bundle) -> IssuerLimits {
        IssuerLimits(
            shortestPrefixLengthV4: 0,
            shortestPrefixLengthV6: 0,
            allowsDefaultRoute: true,
            allowedImages: [bundle.container?.image.description].compactMap { $0 }.compactMap { ImagePattern($0) }
        )
    }
}
