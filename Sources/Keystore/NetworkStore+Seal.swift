package import Crypto
internal import PeerBundle
internal import SystemIO
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
    /// The other peers of the mesh whose bundles do not say what this one says of them.
    package let outdated: [Name]
    /// What only the peer can open.
    package let bundle: [UInt8]
}

/// Why one of several requests was refused.
package struct RequestError: Error {
    /// Which one, from 0.
    package let index: Int
    /// What is wrong with it.
    package let error: KeystoreError
}

extension NetworkStore {
    /// What is the same for all bundles that are made at one time.
    package struct Sealing: Sendable {
        /// This host's identity key.
        let key: IdentityKey
        /// Where peers reach this host if nothing else says so.
        let defaultEndpoint: Endpoint?
        /// When the bundles are made.
        let now: UnixTime
        /// When they expire.
        package let notAfter: UnixTime

        /// Takes this host's identity key, where peers reach this host if nothing else says so, the time, and how long
        /// the bundles may be applied, at most ``Bundle/maximumLifetimeSeconds``.
        package init(key: IdentityKey, defaultEndpoint: Endpoint?, now: UnixTime, lifetimeSeconds: UInt64) {
            self.key = key
            self.defaultEndpoint = defaultEndpoint
            self.now = now
            notAfter = now.adding(seconds: lifetimeSeconds)
        }
    }

    /// Makes a host a peer of this network, or takes the peer that it is, and seals a fresh bundle to it.
    ///
    /// - Parameters:
    ///   - request: Whom for, and what.
    ///   - sealing: What else the bundle depends on.
    /// - Returns: The sealed bundle, and what was recorded.
    /// - Throws: ``KeystoreError``, as ``seal(_:_:)`` for several.
    package borrowing func seal(
        _ request: EnrolmentRequest,
        _ sealing: Sealing
    ) throws(KeystoreError) -> SealedPeer {
        do throws(RequestError) {
            return try seal([request], sealing)[0]
        } catch {
            throw error.error
        }
    }

    /// Makes hosts peers of this network, or takes the peers that they are, and seals a fresh bundle to each.
    ///
    /// Peers and serials are on the disk when this returns; after an error nothing has changed but, where the disk failed,
    /// the counter and some of the records.
    ///
    /// - Parameters:
    ///   - requests: Whom for, and what; each for another host.
    ///   - sealing: What else the bundles depend on.
    /// - Returns: The sealed bundles, and what was recorded, in the order of the requests.
    /// - Throws: ``RequestError``; what the requests ask for is looked at before anything is written.
    package borrowing func seal(
        _ requests: [EnrolmentRequest],
        _ sealing: Sealing
    ) throws(RequestError) -> [SealedPeer] {
        guard !requests.isEmpty else { return [] }
        var position = 0
        do throws(KeystoreError) {
            let lock = try lock()
            defer { _ = lock }
            let root = try presharedKeyRoot()
            let (newSerial, overflow) = try lastSerial().addingReportingOverflow(UInt64(requests.count))
            guard !overflow else { throw .serialsExhausted(path: path) }
            let plainPeers = try plainPeers()
            func begin(_ index: consuming PeerIndex) -> Enrolment {
                Enrolment(network, hub: sealing.key.identity, index: index, plainPeers: plainPeers, now: sealing.now)
            }
            var enrolment = try begin(lockedIndex())
            if requests.count > 1 { enrolment.index.prepareForMany() }
            var planned: [PlannedPeer] = []
            while position < requests.count {
                let serial = newSerial - UInt64(requests.count - 1 - position)
                if let peer = try plan(requests[position], serial: serial, sealing, &enrolment) {
                    planned.append(peer)
                    position += 1
                } else {
                    enrolment = try begin(makeIndex())
                    planned = []
                    position = 0
                }
            }
            position = 0
            let mesh = try mesh(with: planned.map(\.peer), index: enrolment.index)
            let sealed: [SealedPeer]
            do throws(RequestError) {
                sealed = try network.seal(planned, mesh: mesh, root: root, sealing)
            } catch {
                position = error.index
                throw error.error
            }
            try record(planned, serial: newSerial, &enrolment.index)
            let adopted = Set(planned.map(\.peer.identity.wireGuardKey))
            if plainPeers.contains(where: { adopted.contains($0.publicKey) }) {
                // Until it is done, whoever reads them leaves out those that have an identity.
                try replacePlainPeers(plainPeers.filter { !adopted.contains($0.publicKey) })
            }
            return sealed
        } catch {
            throw RequestError(index: position, error: error)
        }
    }

    /// - Returns: `nil` if a record is not what the index says of it: it was written in place, which does not change the
    ///   directory.
    private borrowing func plan(
        _ request: EnrolmentRequest,
        serial: UInt64,
        _ sealing: Sealing,
        _ enrolment: inout Enrolment
    ) throws(KeystoreError) -> PlannedPeer? {
        var known: PeerRecord?
        if let entry = try enrolment.known(request) {
            known = try peer(named: entry.name)
            guard known?.identity == entry.identity else { return nil }
        }
        let peer = try enrolment.peer(
            for: request,
            known: known,
            serial: serial,
            notAfter: sealing.notAfter,
            now: sealing.now
        ) { (name) throws(KeystoreError) in
            try throwingKeystoreError { () throws(SystemError) in
                try peerDirectory.contains("\(name)\(Self.peerSuffix)")
            }
        }
        return PlannedPeer(peer: peer, known: known)
    }

    /// The mesh as it will be; empty if none of the peers is in it.
    private borrowing func mesh(
        with peers: [PeerRecord],
        index: PeerIndex
    ) throws(KeystoreError) -> [PeerRecord] {
        let new = peers.filter(\.isInMesh)
        guard !new.isEmpty else { return [] }
        let own = Set(new.map(\.identity))
        var names: [Name] = []
        _ = index.forEachPeer { entry in
            if entry.isInMesh, !own.contains(entry.identity) { names.append(entry.name) }
            return true
        }
        var mesh = new
        for name in names {
            if let peer = try peer(named: name), peer.isInMesh { mesh.append(peer) }
        }
        return mesh
    }

    /// Records that bundles with the peers' serials are about to leave, and the peers themselves.
    ///
    /// The counter is on the disk before a peer is, so that no serial is used twice, whatever fails. The caller holds the
    /// lock, and has found the serials to be greater than ``lastSerial()``.
    private borrowing func record(
        _ planned: [PlannedPeer],
        serial: UInt64,
        _ index: inout PeerIndex
    ) throws(KeystoreError) {
        do throws(SystemError) {
            try directory.replace(Self.serialFile, Array("\(serial)\n".utf8).span, mode: 0o600)
            let isSingle = planned.count == 1
            let versions = try Processors.divide(planned.indices) { (part) throws(SystemError) in
                var versions: [FileVersion] = []
                for planned in planned[part] {
                    let file = "\(planned.peer.name)\(Self.peerSuffix)"
                    let record = planned.peer.record
                    let version =
                        if planned.known == nil {
                            try peerDirectory.create(file, record.span, mode: 0o600, isFlushed: isSingle)
                        } else {
                            try peerDirectory.replace(file, record.span, mode: 0o600, isFlushed: isSingle)
                        }
                    versions.append(version)
                }
                return versions
            }.flatMap(\.self)
            for (planned, version) in zip(planned, versions) {
                index.set(version, of: planned.peer.identity.wireGuardKey)
            }
            if !isSingle { try peerDirectory.synchronizeFileSystem() }
        } catch {
            throw .system(error)
        }
        save(&index)
    }
}

/// A peer as it will be recorded, and as it is.
private struct PlannedPeer: Sendable {
    let peer: PeerRecord
    /// `nil` for a new one.
    let known: PeerRecord?
}

extension Network {
    /// Seals the bundles of peers, on all cores.
    fileprivate func seal(
        _ planned: [PlannedPeer],
        mesh: [PeerRecord],
        root: PresharedKeyRoot,
        _ sealing: NetworkStore.Sealing
    ) throws(RequestError) -> [SealedPeer] {
        try Processors.divide(planned.indices) { (part) throws(RequestError) in
            var writer = SecretWriter()
            var sealed: [SealedPeer] = []
            for index in part {
                do throws(KeystoreError) {
                    sealed.append(try seal(planned[index], mesh: mesh, root: root, sealing, &writer))
                } catch {
                    throw RequestError(index: index, error: error)
                }
            }
            return sealed
        }.flatMap(\.self)
    }

    private func seal(
        _ planned: PlannedPeer,
        mesh: [PeerRecord],
        root: PresharedKeyRoot,
        _ sealing: NetworkStore.Sealing,
        _ writer: inout SecretWriter
    ) throws(KeystoreError) -> SealedPeer {
        let peer = planned.peer
        let given = peer.endpoints.isEmpty ? self.endpoints : peer.endpoints
        let endpoints = given.isEmpty ? [sealing.defaultEndpoint].compactMap(\.self) : given
        guard !endpoints.isEmpty else { throw .noEndpoint }
        let others = peer.isInMesh ? mesh.filter { $0.identity != peer.identity } : []
        let bundle: Bundle
        let sealed: [UInt8]
        do throws(BundleError) {
            bundle = try self.bundle(
                for: peer,
                hub: sealing.key.identity,
                root: root,
                endpoints: endpoints,
                mesh: others,
                created: sealing.now,
                notAfter: sealing.notAfter
            )
            sealed = try bundle.seal(from: sealing.key, to: peer.identity, with: &writer)
        } catch {
            throw .bundle(error)
        }
        do throws(PolicyError) {
            try ContentPolicy.check(bundle, limits: .widest(for: bundle), ownKey: peer.identity.wireGuardKey)
        } catch {
            throw .policy(error)
        }
        return SealedPeer(
            peer: peer,
            isNew: planned.known == nil,
            endpoints: endpoints,
            notAfter: sealing.notAfter,
            outdated: planned.known.map(peer.isSameToOthers) ?? false ? [] : others.map(\.name),
            bundle: sealed
        )
    }
}

extension PeerRecord {
    /// Whether the bundles of others in the mesh say the same of both.
    fileprivate func isSameToOthers(_ other: PeerRecord) -> Bool {
        isInMesh == other.isInMesh && ownEndpoints == other.ownEndpoints && addresses == other.addresses
            && salt == other.salt
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
