internal import CMnl
internal import Crypto
internal import Glibc
internal import WireGuard

extension wgdevice_attribute: AttributeNumber {
    var attributeNumber: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}

extension wgpeer_attribute: AttributeNumber {
    var attributeNumber: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}

extension wgallowedip_attribute: AttributeNumber {
    var attributeNumber: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}

extension MessageBuilder {
    /// Starts a `WG_CMD_SET_DEVICE`.
    static func deviceChange(of link: Link, family: UInt16) throws(NetlinkError) -> MessageBuilder {
        var request = try MessageBuilder(
            family: family,
            command: UInt8(WG_CMD_SET_DEVICE.rawValue),
            version: UInt8(WG_GENL_VERSION),
            flags: NLM_F_ACK,
            purpose: "configure device \(link.name)"
        )
        try request.put(WGDEVICE_A_IFINDEX, link.index)
        return request
    }
}

/// The messages of one change: each filled to the brim, a peer continued in the next where its addresses do not fit.
struct DeviceRequests: ~Copyable {
    private let change: DeviceChange
    private let link: Link
    private let family: UInt16
    private var isFirst = true
    private var removed = 0
    private var peer = 0
    // Of `peer`: whether an earlier message has its attributes, and how many of its addresses went with them.
    private var isContinued = false
    private var address = 0
    // One piece of locked memory for all preshared keys, one after the other.
    private var presharedKey = SecretWriter()

    init(_ change: DeviceChange, link: Link, family: UInt16) {
        self.change = change
        self.link = link
        self.family = family
    }

    /// Writes the next message; `nil` after the last.
    mutating func next() throws(NetlinkError) -> MessageBuilder? {
        guard isFirst || removed < change.removedPeers.count || peer < change.peers.count else { return nil }
        var request = try MessageBuilder.deviceChange(of: link, family: family)
        if isFirst {
            if change.replacesPeers { try request.put(WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS.rawValue) }
            if let port = change.listenPort { try request.put(WGDEVICE_A_LISTEN_PORT, port) }
            try change.privateKey?.withBytes { (bytes) throws(NetlinkError) in
                try request.put(WGDEVICE_A_PRIVATE_KEY, bytes)
            }
        }
        isFirst = false
        try request.nest(WGDEVICE_A_PEERS) { (request) throws(NetlinkError) in
            while removed < change.removedPeers.count {
                guard try writeRemoval(of: change.removedPeers[removed], to: &request) else { return }
                removed += 1
            }
            while peer < change.peers.count, try write(change.peers[peer], to: &request) {
                peer += 1
                isContinued = false
                address = 0
            }
        }
        return request
    }

    private func writeRemoval(of key: PublicKey, to request: inout MessageBuilder) throws(NetlinkError) -> Bool {
        try request.nestIfFits(0) { (request) throws(NetlinkError) in
            try request.put(WGPEER_A_PUBLIC_KEY, key.rawValue.bytes.span)
            try request.put(WGPEER_A_FLAGS, WGPEER_F_REMOVE_ME.rawValue)
        }
    }

    // Returns whether all of the peer has been written.
    private mutating func write(
        _ peer: PeerUpdate,
        to request: inout MessageBuilder
    ) throws(NetlinkError) -> Bool {
        let fits = try request.nestIfFits(0) { (request) throws(NetlinkError) in
            try request.put(WGPEER_A_PUBLIC_KEY, peer.publicKey.rawValue.bytes.span)
            try request.put(flagsOf: peer, isContinued: isContinued)
            if !isContinued { try request.put(attributesOf: peer, &presharedKey) }
            guard !peer.allowedAddresses.isEmpty else { return }
            try request.nest(WGPEER_A_ALLOWEDIPS) { (request) throws(NetlinkError) in
                while address < peer.allowedAddresses.count {
                    let prefix = peer.allowedAddresses[address]
                    let fits = try request.nestIfFits(0) { (request) throws(NetlinkError) in
                        try request.put(WGALLOWEDIP_A_FAMILY, UInt16(prefix.address.family.addressFamily))
                        try request.put(WGALLOWEDIP_A_IPADDR, prefix.address.bytes.span)
                        try request.put(WGALLOWEDIP_A_CIDR_MASK, UInt8(truncatingIfNeeded: prefix.length))
                    }
                    guard fits else { return }
                    address += 1
                }
            }
        }
        if fits { isContinued = true }
        return fits && address == peer.allowedAddresses.count
    }
}

extension MessageBuilder {
    // The continuation of a peer adds to it, and would otherwise add a peer that was not to be added.
    fileprivate mutating func put(flagsOf peer: PeerUpdate, isContinued: Bool) throws(NetlinkError) {
        var flags: UInt32 = 0
        if peer.replacesAllowedAddresses, !isContinued { flags |= WGPEER_F_REPLACE_ALLOWEDIPS.rawValue }
        if peer.isUpdateOnly { flags |= WGPEER_F_UPDATE_ONLY.rawValue }
        if flags != 0 { try put(WGPEER_A_FLAGS, flags) }
    }

    fileprivate mutating func put(
        attributesOf peer: PeerUpdate,
        _ presharedKey: inout SecretWriter
    ) throws(NetlinkError) {
        switch peer.presharedKey {
        case .keep: break
        // Zero is how the kernel is told that there is none.
        case .remove: try put(WGPEER_A_PRESHARED_KEY, Bytes32().bytes.span)
        case .set(let key):
            presharedKey.removeAll()
            presharedKey.append(key)
            try presharedKey.withBytes { (bytes) throws(NetlinkError) in try put(WGPEER_A_PRESHARED_KEY, bytes) }
        }
        if let endpoint = peer.endpoint { try put(WGPEER_A_ENDPOINT, endpoint.bytes.span) }
        if let seconds = peer.keepaliveSeconds { try put(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, seconds) }
    }
}

extension SocketAddress {
    /// A `sockaddr_in` or `sockaddr_in6`: the family in the host's byte order, port and address in the network's.
    var bytes: [UInt8] {
        let family = UInt16(address.family.addressFamily).littleEndian
        let head = [
            UInt8(truncatingIfNeeded: family), UInt8(truncatingIfNeeded: family >> 8),
            UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port),
        ]
        return switch address.family {
        case .v4: head + address.bytes + [UInt8](repeating: 0, count: 8)
        // Flow information before the address, scope after it.
        case .v6: head + [UInt8](repeating: 0, count: 4) + address.bytes + [UInt8](repeating: 0, count: 4)
        }
    }

    /// Reads a `sockaddr_in` or `sockaddr_in6`.
    init(bytes: Span<UInt8>, of type: UInt16) throws(NetlinkError) {
        let error = NetlinkError.malformedValue(type: type, byteCount: bytes.count)
        guard bytes.count >= 4, let number = UInt8(exactly: bytes.uint16(at: 0)),
            let family = IPAddress.Family(addressFamily: number)
        else { throw error }
        let range = family == .v4 ? 4..<8 : 8..<24
        guard bytes.count == (family == .v4 ? 16 : 28), let address = IPAddress(bytes: bytes.extracting(range)) else {
            throw error
        }
        self.init(address: address, port: UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
    }
}
