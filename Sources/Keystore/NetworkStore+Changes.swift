internal import Crypto
internal import SystemIO
package import WireGuard

extension NetworkStore {
    /// Makes a host a peer no longer; a running hub drops it as soon as it has noticed.
    ///
    /// Its record is kept under another name, so that its identity is refused from now on, and its addresses are nobody's
    /// until ``RevokedPeer/addressesFree``. What a process leaves that dies on the way, the same call completes. Of a peer
    /// without an identity nothing is kept.
    ///
    /// - Parameters:
    ///   - texts: What each is meant by: name, fingerprint, identity, WireGuard key or address.
    ///   - now: The time.
    /// - Returns: Those that were revoked, those of them that had no identity, and whoever has bundles that still name one.
    /// - Throws: ``KeystoreError/noPeer(_:)``, and then none is revoked.
    package borrowing func revoke(
        _ texts: [String],
        now: UnixTime
    ) throws(KeystoreError) -> (revoked: [RevokedPeer], plain: [PlainPeer], outdated: [Name]) {
        let lock = try lock()
        defer { _ = lock }
        var index = try lockedIndex()
        let plainPeers = try plainPeers()
        let plain = plainPeers.filter { peer in texts.contains { peer.isMeant(by: $0) } }
        let others = texts.filter { text in !plain.contains { $0.isMeant(by: text) } }
        var revoked: [RevokedPeer] = []
        for peer in try peers(meantBy: others, in: index)
        where !revoked.contains(where: { $0.peer.name == peer.name }) {
            revoked.append(RevokedPeer(peer, revoked: now))
        }
        do throws(SystemError) {
            for revoked in revoked {
                let record = revoked.record
                let version = try peerDirectory.replace(
                    "\(revoked.fileName)\(Self.revokedSuffix)",
                    record.span,
                    mode: 0o600
                )
                try peerDirectory.remove("\(revoked.peer.name)\(Self.peerSuffix)")
                index.put(revoked, version)
            }
        } catch {
            throw .system(error)
        }
        if !plain.isEmpty {
            let keys = Set(plain.map(\.publicKey))
            try replacePlainPeers(plainPeers.filter { !keys.contains($0.publicKey) })
        }
        var outdated: [Name] = []
        if revoked.contains(where: \.peer.isInMesh) {
            _ = index.forEachPeer { entry in
                if entry.isInMesh { outdated.append(entry.name) }
                return true
            }
        }
        save(&index)
        return (revoked, plain, outdated)
    }

    /// Gives a peer another name.
    ///
    /// Its own bundle does not hold it, but those of others in the mesh do.
    ///
    /// - Parameters:
    ///   - text: What it is meant by.
    ///   - name: One that no peer has.
    /// - Returns: The name that it had.
    /// - Throws: ``KeystoreError/noPeer(_:)``, or ``KeystoreError/peerNameTaken(_:)``.
    package borrowing func rename(_ text: String, to name: Name) throws(KeystoreError) -> Name {
        let lock = try lock()
        defer { _ = lock }
        var index = try lockedIndex()
        var peer = try peers(meantBy: [text], in: index)[0]
        let former = peer.name
        peer.name = name
        do throws(SystemError) {
            let file = "\(name)\(Self.peerSuffix)"
            try peerDirectory.rename("\(former)\(Self.peerSuffix)", to: file)
            if let version = peerDirectory.version(of: file) { index.put(peer, version) }
        } catch .exists {
            throw .peerNameTaken(name)
        } catch {
            throw .system(error)
        }
        save(&index)
        return former
    }

    /// Writes down something about a peer.
    ///
    /// - Parameters:
    ///   - text: What it is meant by.
    ///   - note: In place of what was written down before; `nil` for nothing.
    /// - Returns: Its name.
    /// - Throws: ``KeystoreError/noPeer(_:)``.
    package borrowing func annotate(_ text: String, with note: Note?) throws(KeystoreError) -> Name {
        let lock = try lock()
        defer { _ = lock }
        var index = try lockedIndex()
        var peer = try peers(meantBy: [text], in: index)[0]
        peer.note = note
        let record = peer.record
        let version = try throwingKeystoreError { () throws(SystemError) in
            try peerDirectory.replace("\(peer.name)\(Self.peerSuffix)", record.span, mode: 0o600)
        }
        index.put(peer, version)
        save(&index)
        return peer.name
    }
}
