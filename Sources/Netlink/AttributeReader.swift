internal import WireGuard

/// `NLA_TYPE_MASK`: an attribute's type without the bits for "nested" and "network byte order".
private let typeMask: UInt16 = 0x3fff

/// Walks the attributes of one payload, in order.
///
/// - Parameters:
///   - payload: The bytes after the message's fixed header, or the value of a nested attribute.
///   - body: Called once per attribute with its type (flag bits removed) and its value.
/// - Throws: ``NetlinkError/malformedAttribute(offset:)``, or what `body` throws.
func forEachAttribute(
    in payload: Span<UInt8>,
    _ body: (_ type: UInt16, _ value: Span<UInt8>) throws(NetlinkError) -> Void
) throws(NetlinkError) {
    var offset = 0
    while offset < payload.count {
        guard payload.count - offset >= 4 else { throw .malformedAttribute(offset: offset) }
        let length = Int(payload.uint16(at: offset))
        guard length >= 4, length <= payload.count - offset else { throw .malformedAttribute(offset: offset) }
        try body(payload.uint16(at: offset + 2) & typeMask, payload.extracting((offset + 4)..<(offset + length)))
        offset += (length + 3) & ~3  // attributes start on 4-byte boundaries, but `length` excludes the padding
    }
}

// Netlink speaks in the byte order of the host.
extension Span where Element == UInt8 {
    /// The caller has checked that the bytes are there.
    func uint16(at offset: Int) -> UInt16 {
        UInt16(littleEndian: UInt16(self[offset]) | UInt16(self[offset + 1]) << 8)
    }

    /// The caller has checked that the bytes are there.
    func uint32(at offset: Int) -> UInt32 {
        UInt32(littleEndian: (0..<4).reduce(0) { $0 | UInt32(self[offset + $1]) << UInt32(8 * $1) })
    }

    /// The caller has checked that the bytes are there.
    func uint64(at offset: Int) -> UInt64 {
        UInt64(littleEndian: (0..<8).reduce(0) { $0 | UInt64(self[offset + $1]) << UInt64(8 * $1) })
    }
}

// Values of attributes. `type` is only there to name the attribute in the error.
extension Span where Element == UInt8 {
    func uint8(of type: UInt16) throws(NetlinkError) -> UInt8 {
        guard count == 1 else { throw .malformedValue(type: type, byteCount: count) }
        return self[0]
    }

    func uint16(of type: UInt16) throws(NetlinkError) -> UInt16 {
        guard count == 2 else { throw .malformedValue(type: type, byteCount: count) }
        return uint16(at: 0)
    }

    func uint32(of type: UInt16) throws(NetlinkError) -> UInt32 {
        guard count == 4 else { throw .malformedValue(type: type, byteCount: count) }
        return uint32(at: 0)
    }

    func uint64(of type: UInt16) throws(NetlinkError) -> UInt64 {
        guard count == 8 else { throw .malformedValue(type: type, byteCount: count) }
        return uint64(at: 0)
    }

    /// A text up to its zero byte, which must be the last one.
    func string(of type: UInt16) throws(NetlinkError) -> String {
        let text = (0..<max(0, count - 1)).map { self[$0] }
        guard count > 0, self[count - 1] == 0, !text.contains(0) else {
            throw .malformedValue(type: type, byteCount: count)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// An address of the message's family.
    func address(of type: UInt16, family: IPAddress.Family) throws(NetlinkError) -> IPAddress {
        guard let address = IPAddress(bytes: self), address.family == family else {
            throw .malformedValue(type: type, byteCount: count)
        }
        return address
    }
}
