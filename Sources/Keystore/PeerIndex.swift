internal import Crypto
internal import SystemIO
internal import WireGuard

/// What has to be known of every peer of a network to take in one more, or to configure the hub's interface: a digest of the
/// directory of records, which says all that it says.
///
/// It spares reading a hundred thousand files, and may be deleted at any time. It belongs to one version of that directory;
/// with another it is made anew. The entries follow one another, and the last one says which version that is:
///
/// | bytes | peer (1), removed (2), revoked (3) | version (4) |
/// |---|---|---|
/// | 1 | kind | kind |
/// | 16 | inode and time of the record's file, big-endian | those of the directory |
/// | 96 | keys of the identity | |
/// | 16 | salt | |
/// | 8 | when a revoked peer's addresses are free again | |
/// | 1 | whether it is in the mesh | |
/// | 1 + n | length of the name, name | |
/// | 1 + 17 × m | number of addresses; family and number of each | |
struct PeerIndex {
    enum Kind: UInt8 {
        case peer = 1
        /// Was a peer, and has another entry or none.
        case removed = 2
        case revoked = 3
        case version = 4
    }

    /// Where an entry's parts are, from its start.
    private enum Offset {
        static let version = 1
        static let keys = 17
        static let wireGuardKey = keys + 64
        static let salt = keys + Identity.keysByteCount
        static let free = salt + 16
        static let mesh = free + 8
        static let name = mesh + 1
    }
    private static let versionByteCount = Offset.keys
    private static let addressByteCount = 17

    static let file = "index"
    private static let magic = Array("WGSX\u{1}".utf8)
    /// More than a million peers have.
    static let maximumByteCount = 1 << 28

    /// What the file holds, and what is to be appended to it.
    private var bytes: [UInt8]
    /// Where the entry of each key is, peers and revoked ones; `nil` as long as so few are looked up that it takes less to
    /// walk along all of them.
    private var offsets: [Bytes32: Int]?
    /// How many peers and revoked ones there are.
    private(set) var count = 0
    /// How much of `bytes` the file holds already; `nil` if it has to be written as a whole.
    private var storedByteCount: Int?
    private var removedOffsets: [Int] = []
    private var removedByteCount = 0

    /// An index of a directory without records.
    init() { bytes = Self.magic }

    /// Reads an index.
    ///
    /// - Returns: `nil` if it is not that of this version of the directory.
    init?(_ bytes: [UInt8], of version: FileVersion) {
        guard bytes.starts(with: Self.magic) else { return nil }
        let tail = bytes.count - Self.versionByteCount
        guard tail >= Self.magic.count, bytes[tail] == Kind.version.rawValue else { return nil }
        self.bytes = bytes
        guard self.version(at: tail) == version else { return nil }
        var offset = Self.magic.count
        while offset < bytes.count {
            guard let kind = Kind(rawValue: bytes[offset]), let end = end(at: offset, kind) else { return nil }
            switch kind {
            case .peer, .revoked: count += 1
            case .removed: removedByteCount += end - offset
            case .version: removedByteCount += Self.versionByteCount
            }
            offset = end
        }
        storedByteCount = bytes.count
    }
}

extension PeerIndex {
    /// What it says of one peer, or of one that was revoked.
    struct Entry {
        let kind: Kind
        /// Of the record's file.
        let version: FileVersion
        let name: Name
        let identity: Identity
        let salt: Salt
        /// When the addresses of a revoked peer are free again.
        let free: UnixTime
        let isInMesh: Bool
        let addresses: [IPAddress]
    }

    /// The entry of a peer with this WireGuard key, or of a revoked one.
    func entry(of key: PublicKey) -> Entry? { offset(of: key.rawValue).flatMap(entry(at:)) }

    private func offset(of key: Bytes32) -> Int? {
        if let offsets { return offsets[key] }
        var found: Int?
        _ = forEachOffset { offset, _ in
            if bytes[offset + Offset.wireGuardKey] == key[0], wireGuardKey(at: offset) == key { found = offset }
            return found == nil
        }
        return found
    }

    /// Makes ready for many keys to be looked up.
    mutating func prepareForMany() {
        var offsets: [Bytes32: Int] = [:]
        offsets.reserveCapacity(count)
        _ = forEachOffset { offset, _ in
            offsets[wireGuardKey(at: offset)] = offset
            return true
        }
        self.offsets = offsets
    }

    /// Hands out all entries that are peers; `false` from `body` ends that.
    ///
    /// - Returns: Whether all could be read, which those that this program wrote can.
    func forEachPeer(_ body: (Entry) -> Bool) -> Bool {
        forEachOffset { offset, kind in
            guard kind == .peer else { return true }
            guard let entry = entry(at: offset) else { return false }
            return body(entry)
        }
    }

    /// The names of all peers.
    var names: [Name] {
        var names: [Name] = []
        _ = forEachOffset { offset, kind in
            if kind == .peer, let name = name(at: offset) { names.append(name) }
            return true
        }
        return names
    }

    /// Who has which address: peers, and revoked ones whose addresses are not free again.
    func pools(for hubs: [InterfaceAddress], now: UnixTime) -> [AddressPool] {
        var pools = hubs.map { AddressPool(hub: $0, capacity: count) }
        _ = forEachOffset { offset, kind in
            if kind == .revoked, number(at: offset + Offset.free, count: 8) <= UInt128(now.seconds) { return true }
            forEachAddress(at: offset) { address in
                for index in pools.indices { pools[index].take(address) }
            }
            return true
        }
        return pools
    }

    private func forEachOffset(_ body: (Int, Kind) -> Bool) -> Bool {
        var offset = Self.magic.count
        while offset < bytes.count {
            guard let kind = Kind(rawValue: bytes[offset]), let end = end(at: offset, kind) else { return false }
            if kind == .peer || kind == .revoked {
                guard body(offset, kind) else { return false }
            }
            offset = end
        }
        return true
    }

    private func entry(at offset: Int) -> Entry? {
        guard let kind = Kind(rawValue: bytes[offset]), let name = name(at: offset),
            let identity = try? Identity(
                keys: bytes.span.extracting((offset + Offset.keys)..<(offset + Offset.salt)),
                isRecorded: true
            ),
            let salt = Salt(bytes.span.extracting((offset + Offset.salt)..<(offset + Offset.free)))
        else { return nil }
        var addresses: [IPAddress] = []
        forEachAddress(at: offset) { addresses.append($0) }
        return Entry(
            kind: kind,
            version: version(at: offset),
            name: name,
            identity: identity,
            salt: salt,
            free: UnixTime(seconds: UInt64(number(at: offset + Offset.free, count: 8))),
            isInMesh: bytes[offset + Offset.mesh] == 1,
            addresses: addresses
        )
    }

    private func name(at offset: Int) -> Name? {
        let start = offset + Offset.name + 1
        return Name(String(decoding: bytes[start..<(start + Int(bytes[start - 1]))], as: UTF8.self))
    }

    private func forEachAddress(at offset: Int, _ body: (IPAddress) -> Void) {
        let start = offset + Offset.name + 1 + Int(bytes[offset + Offset.name])
        for index in 0..<Int(bytes[start]) {
            let place = start + 1 + index * Self.addressByteCount
            guard let family = IPAddress.Family(rawValue: bytes[place]),
                let address = IPAddress(family: family, number: number(at: place + 1, count: 16))
            else { continue }
            body(address)
        }
    }

    /// Where the entry ends that starts here; `nil` if that is not in the file.
    private func end(at offset: Int, _ kind: Kind) -> Int? {
        var end = offset + Self.versionByteCount
        if kind != .version {
            end = offset + Offset.name
            guard end < bytes.count else { return nil }
            end += 1 + Int(bytes[end])
            guard end < bytes.count else { return nil }
            end += 1 + Int(bytes[end]) * Self.addressByteCount
        }
        return end <= bytes.count ? end : nil
    }

    private func number(at offset: Int, count: Int) -> UInt128 {
        var number: UInt128 = 0
        for index in offset..<(offset + count) { number = number << 8 | UInt128(bytes[index]) }
        return number
    }

    private func version(at offset: Int) -> FileVersion {
        FileVersion(
            inode: UInt64(number(at: offset + Offset.version, count: 8)),
            modified: UInt64(number(at: offset + Offset.version + 8, count: 8))
        )
    }

    private func wireGuardKey(at offset: Int) -> Bytes32 {
        let start = offset + Offset.wireGuardKey
        return Bytes32(bytes.span.extracting(start..<(start + 32))) ?? Bytes32()
    }
}

extension PeerIndex {
    /// Takes in a peer, or what has changed of one, by the WireGuard key.
    mutating func put(_ peer: PeerRecord, _ version: FileVersion) { put(.peer, peer, version, free: 0) }

    /// Takes in a peer that was revoked.
    mutating func put(_ revoked: RevokedPeer, _ version: FileVersion) {
        put(.revoked, revoked.peer, version, free: revoked.addressesFree.seconds)
    }

    private mutating func put(_ kind: Kind, _ peer: PeerRecord, _ version: FileVersion, free: UInt64) {
        let key = peer.identity.wireGuardKey
        remove(key)
        offsets?[key.rawValue] = bytes.count
        count += 1
        bytes.append(kind.rawValue)
        bytes += Self.encoded(version) + peer.identity.keys + peer.salt.bytes + Self.encoded(free)
        bytes.append(peer.isInMesh ? 1 : 0)
        let name = Array(peer.name.description.utf8)
        bytes += [UInt8(name.count)] + name + [UInt8(clamping: peer.addresses.count)]
        for address in peer.addresses.prefix(255) {
            bytes.append(address.family.rawValue)
            bytes += Self.encoded(UInt64(truncatingIfNeeded: address.number >> 64))
            bytes += Self.encoded(UInt64(truncatingIfNeeded: address.number))
        }
    }

    /// Says which version of its file an entry that was put is about.
    mutating func set(_ version: FileVersion, of key: PublicKey) {
        guard let offset = offset(of: key.rawValue) else { return }
        let start = offset + Offset.version
        bytes.replaceSubrange(start..<(offset + Offset.keys), with: Self.encoded(version))
    }

    /// Forgets a peer.
    mutating func remove(_ key: PublicKey) {
        guard let offset = offset(of: key.rawValue) else { return }
        offsets?[key.rawValue] = nil
        count -= 1
        let end = Kind(rawValue: bytes[offset]).flatMap { self.end(at: offset, $0) } ?? offset
        bytes[offset] = Kind.removed.rawValue
        removedOffsets.append(offset)
        removedByteCount += end - offset
    }

    private static func encoded(_ version: FileVersion) -> [UInt8] {
        encoded(version.inode) + encoded(version.modified)
    }

    private static func encoded(_ number: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// What has to be done to the file.
    enum Writing {
        /// The entries that start there are removed, then the rest is appended.
        case changes(removed: [Int], offset: Int, appended: [UInt8])
        case whole([UInt8])
    }

    /// Ends the changes.
    ///
    /// - Parameter version: That of the directory after them.
    /// - Returns: What makes the file say what this index does.
    mutating func finish(_ version: FileVersion) -> Writing {
        if storedByteCount == nil || removedByteCount > bytes.count / 4 { dropRemoved() }
        let stored = storedByteCount
        bytes += [Kind.version.rawValue] + Self.encoded(version)
        defer {
            storedByteCount = bytes.count
            removedOffsets = []
        }
        guard let stored else { return .whole(bytes) }
        return .changes(
            removed: removedOffsets.filter { $0 < stored },
            offset: stored,
            appended: Array(bytes[stored...])
        )
    }

    private mutating func dropRemoved() {
        var kept = Self.magic
        kept.reserveCapacity(bytes.count)
        _ = forEachOffset { offset, kind in
            kept += bytes[offset..<(end(at: offset, kind) ?? offset)]
            return true
        }
        bytes = kept
        offsets = nil
        storedByteCount = nil
        removedByteCount = 0
    }
}
