internal import CMnl
internal import Glibc

// Generic netlink: message types that the kernel numbers when a family's module loads.

/// `GENL_HDRLEN`: the length of `genlmsghdr`, a macro that Swift does not import.
let genericHeaderByteCount = 4

extension MessageBuilder {
    /// Starts a request to a family.
    init(family: UInt16, command: UInt8, version: UInt8, flags: Int32, purpose: String) throws(NetlinkError) {
        self.init(type: Int(family), flags: flags, purpose: purpose)
        try put(header: genlmsghdr(cmd: command, version: version, reserved: 0))
    }
}

extension NetlinkSession {
    /// Collects as ``collect(_:_:)`` does, and refuses what is no message of the family that was asked.
    mutating func collect<Element>(
        _ request: inout MessageBuilder,
        from family: UInt16,
        _ decode: (_ payload: Span<UInt8>) throws(NetlinkError) -> Element?
    ) throws(NetlinkError) -> [Element] {
        let purpose = request.purpose
        return try collect(&request) { (type, payload) throws(NetlinkError) in
            guard type == family else { throw .foreignReply(request: purpose) }
            return try decode(payload)
        }
    }

    /// Asks for the number of a family (`CTRL_CMD_GETFAMILY`), for which the kernel may load a module.
    ///
    /// - Throws: ``NetlinkError/unknownFamily(_:)`` if the kernel has none of that name.
    mutating func familyNumber(named name: String) throws(NetlinkError) -> UInt16 {
        var request = try MessageBuilder(
            family: UInt16(GENL_ID_CTRL),
            command: UInt8(CTRL_CMD_GETFAMILY),
            version: 2,
            flags: NLM_F_ACK,
            purpose: "find generic netlink family \(name)"
        )
        try request.put(Int(CTRL_ATTR_FAMILY_NAME), name)
        let numbers: [UInt16]
        do throws(NetlinkError) {
            numbers = try collect(&request, from: UInt16(GENL_ID_CTRL)) { (payload) throws(NetlinkError) in
                try Self.familyNumber(in: payload)
            }
        } catch {
            if case .kernel(_, ENOENT, _) = error { throw .unknownFamily(name) }
            throw error
        }
        guard let number = numbers.first else { throw .missingAttribute(type: UInt16(CTRL_ATTR_FAMILY_ID)) }
        return number
    }

    private static func familyNumber(in payload: Span<UInt8>) throws(NetlinkError) -> UInt16? {
        guard payload.count >= genericHeaderByteCount else { throw .shortMessage(byteCount: payload.count) }
        var number: UInt16?
        try forEachAttribute(in: payload.extracting(genericHeaderByteCount...)) { (type, value) throws(NetlinkError) in
            if Int(type) == CTRL_ATTR_FAMILY_ID { number = try value.uint16(of: type) }
        }
        return number
    }
}
