package import Crypto
internal import PeerBundle
internal import SystemIO
package import WireGuard

extension NetworkStore {
    /// All peers, by name.
    ///
    /// One that comes or goes meanwhile may be there or not.
    package borrowing func peers() throws(KeystoreError) -> [PeerRecord] {
        try records(Self.peerSuffix) { (file) throws(KeystoreError) in try peerRecord(in: file)?.peer }
    }

    /// The names of all peers in any order, without a lock and without a look into their files.
    package borrowing func peerNames() throws(KeystoreError) -> [Name] {
        if let index = storedIndex() { return index.names }
        return try files(Self.peerSuffix).compactMap { Name(String($0.dropLast(Self.peerSuffix.count))) }
    }

    /// All that were peers and were revoked, by name.
    package borrowing func revokedPeers() throws(KeystoreError) -> [RevokedPeer] {
        try records(Self.revokedSuffix) { (file) throws(KeystoreError) in try revokedRecord(in: file)?.peer }
    }

    /// The peer of a name.
    ///
    /// - Returns: `nil` if there is none.
    package borrowing func peer(named name: Name) throws(KeystoreError) -> PeerRecord? {
        try peerRecord(in: "\(name)\(Self.peerSuffix)")?.peer
    }

    /// What the peers with these identities are called; `nil` for each that is none.
    package borrowing func names(of identities: [Identity]) throws(KeystoreError) -> [Name?] {
        var index = try currentIndex()
        index.prepareForMany()
        return identities.map { identity in
            index.entry(of: identity.wireGuardKey).flatMap {
                $0.kind == .peer && $0.identity == identity ? $0.name : nil
            }
        }
    }

    /// The peer that somebody means by its name, fingerprint, identity, WireGuard key or address.
    ///
    /// - Returns: `nil` if there is none.
    package borrowing func peer(meantBy text: String) throws(KeystoreError) -> PeerRecord? {
        if let name = Name(text), let peer = try peer(named: name) { return peer }
        guard let mark = Mark(text) else { return nil }
        return try peer(marked: mark, in: currentIndex())
    }

    /// The peers that somebody means, in that order.
    ///
    /// - Parameter texts: As for ``peer(meantBy:)``.
    /// - Returns: One for each.
    /// - Throws: ``KeystoreError/noPeer(_:)`` for the first that means none.
    package borrowing func peers(meantBy texts: [String]) throws(KeystoreError) -> [PeerRecord] {
        try peers(meantBy: texts, in: nil)
    }

    // Without an index, it is read once, if it is needed.
    borrowing func peers(meantBy texts: [String], in index: PeerIndex?) throws(KeystoreError) -> [PeerRecord] {
        var index = index
        var peers: [PeerRecord] = []
        for text in texts {
            if let name = Name(text), let peer = try peer(named: name) {
                peers.append(peer)
                continue
            }
            guard let mark = Mark(text) else { throw .noPeer(text) }
            let known: PeerIndex
            if let index { known = index } else { known = try currentIndex() }
            index = known
            guard let peer = try peer(marked: mark, in: known) else { throw .noPeer(text) }
            peers.append(peer)
        }
        return peers
    }

    /// What tells a peer beside its name.
    private enum Mark {
        case key(PublicKey)
        case address(IPAddress)
        case fingerprint(String)

        init?(_ text: String) {
            if let key = (try? Identity(text: text))?.wireGuardKey ?? (try? PublicKey(base64: text)) {
                self = .key(key)
            } else if let address = IPAddress(text) {
                self = .address(address)
            } else if Fingerprint.isFingerprint(text) {
                self = .fingerprint(text)
            } else {
                return nil
            }
        }
    }

    private borrowing func peer(marked mark: Mark, in index: PeerIndex) throws(KeystoreError) -> PeerRecord? {
        func first(where isMeant: (PeerIndex.Entry) -> Bool) -> PeerIndex.Entry? {
            var found: PeerIndex.Entry?
            _ = index.forEachPeer { entry in
                if isMeant(entry) { found = entry }
                return found == nil
            }
            return found
        }
        let entry =
            switch mark {
            case .key(let key): index.entry(of: key)
            case .address(let address): first { $0.addresses.contains(address) }
            case .fingerprint(let text): first { $0.identity.fingerprint.matches(text) }
            }
        guard let entry, entry.kind == .peer else { return nil }
        return try peer(named: entry.name)
    }

    private borrowing func files(_ suffix: String) throws(KeystoreError) -> [String] {
        try throwingKeystoreError { () throws(SystemError) in try peerDirectory.names() }
            .filter { $0.hasSuffix(suffix) }
    }

    /// Reads the records of one kind, in the order of their files' names; `nil` stands for one that has gone meanwhile.
    private borrowing func records<Record: Sendable>(
        _ suffix: String,
        _ read: @Sendable (String) throws(KeystoreError) -> Record?
    ) throws(KeystoreError) -> [Record] {
        let files = try files(suffix)
        return try Processors.divide(files.indices) { (part) throws(KeystoreError) in
            var records: [Record] = []
            for file in files[part] {
                if let record = try read(file) { records.append(record) }
            }
            return records
        }.flatMap(\.self)
    }

    /// - Returns: `nil` if it is not there.
    borrowing func peerRecord(in file: String) throws(KeystoreError) -> (peer: PeerRecord, version: FileVersion)? {
        guard let name = Name(String(file.dropLast(Self.peerSuffix.count))) else {
            throw .damagedFile(path: "\(peerDirectory.path)/\(file)")
        }
        guard let (bytes, version) = try readRecord(file) else { return nil }
        let peer = try throwingKeystoreError { () throws(RecordError) in
            try PeerRecord(name: name, record: bytes, file: "\(peerDirectory.path)/\(file)")
        }
        return (peer, version)
    }

    /// - Returns: `nil` if it is not there.
    borrowing func revokedRecord(in file: String) throws(KeystoreError) -> (peer: RevokedPeer, version: FileVersion)? {
        guard let (bytes, version) = try readRecord(file) else { return nil }
        let peer = try throwingKeystoreError { () throws(RecordError) in
            try RevokedPeer(record: bytes, file: "\(peerDirectory.path)/\(file)")
        }
        return (peer, version)
    }

    private borrowing func readRecord(_ file: String) throws(KeystoreError) -> (bytes: [UInt8], version: FileVersion)? {
        do throws(SystemError) {
            // Before what is read: what changes meanwhile is then read again.
            guard let version = peerDirectory.version(of: file) else { return nil }
            return (try peerDirectory.read(file, maximumByteCount: TextRecord.maximumByteCount), version)
        } catch .missing {
            return nil
        } catch {
            throw .system(error)
        }
    }
}

extension NetworkStore {
    /// What is to be known of all peers, as they are now.
    ///
    /// - Throws: ``KeystoreError``, also for records that contradict each other.
    borrowing func currentIndex() throws(KeystoreError) -> PeerIndex {
        if let index = storedIndex() { return index }
        // Somebody is changing the network just now, or has changed it by other means.
        do throws(KeystoreError) {
            let lock = try lock()
            defer { _ = lock }
            return try lockedIndex()
        } catch .system(let error) where error.isRefusal || error.isReadOnly {
            return try makeIndex()
        } catch {
            throw error
        }
    }

    /// The same for who holds the lock.
    borrowing func lockedIndex() throws(KeystoreError) -> PeerIndex {
        // What processes left that were killed is in nobody's way, so a failure to remove it is not, either.
        try? directory.removeTemporaries()
        if let index = storedIndex() { return index }
        try? peerDirectory.removeTemporaries()
        let version = try? peerDirectory.version()
        var index = try makeIndex()
        // Who changes records without the lock may have done so meanwhile.
        if version == (try? peerDirectory.version()) { save(&index) }
        return index
    }

    private borrowing func storedIndex() -> PeerIndex? {
        guard let bytes = try? directory.read(PeerIndex.file, maximumByteCount: PeerIndex.maximumByteCount),
            let version = try? peerDirectory.version()
        else { return nil }
        return PeerIndex(bytes, of: version)
    }

    /// Reads all records.
    borrowing func makeIndex() throws(KeystoreError) -> PeerIndex {
        var index = PeerIndex()
        index.prepareForMany()
        let revoked = try records(Self.revokedSuffix) { (file) throws(KeystoreError) in try revokedRecord(in: file) }
        for (revoked, version) in revoked { index.put(revoked, version) }
        var owners: [IPAddress: Name] = [:]
        let peers = try records(Self.peerSuffix) { (file) throws(KeystoreError) in try peerRecord(in: file) }
        for (peer, version) in peers {
            // One that was both was about to be revoked when that was cut short.
            if let twin = index.entry(of: peer.identity.wireGuardKey), twin.kind == .peer {
                throw .twins(twin.name, peer.name, "WireGuard key", path: peerDirectory.path)
            }
            for address in peer.addresses {
                if let owner = owners.updateValue(peer.name, forKey: address) {
                    throw .twins(owner, peer.name, "address", path: peerDirectory.path)
                }
            }
            index.put(peer, version)
        }
        return index
    }

    /// Writes what the index has become, if that is possible: one that is missing or old is made again.
    borrowing func save(_ index: inout PeerIndex) {
        do throws(SystemError) {
            switch index.finish(try peerDirectory.stamp()) {
            case .whole(let bytes): try directory.replace(PeerIndex.file, bytes.span, mode: 0o600, isFlushed: false)
            case .changes(let removed, let offset, let appended):
                let kind = [PeerIndex.Kind.removed.rawValue]
                for offset in removed { try directory.write(kind.span, into: PeerIndex.file, at: offset) }
                try directory.write(appended.span, into: PeerIndex.file, at: offset)
            }
        } catch {
            return
        }
    }

    /// Hands out what the hub's interface has to know of each peer.
    ///
    /// What was written into a file in place has not changed the directory, so each file is looked at.
    borrowing func forEachEntry(_ body: (PeerIndex.Entry) -> Void) throws(KeystoreError) {
        var entries: [PeerIndex.Entry] = []
        let isCurrent = try currentIndex().forEachPeer { entry in
            entries.append(entry)
            return entry.version == peerDirectory.version(of: "\(entry.name)\(Self.peerSuffix)")
        }
        if isCurrent {
            entries.forEach(body)
        } else {
            _ = try makeIndex().forEachPeer { entry in
                body(entry)
                return true
            }
        }
    }
}
