internal import CMnl

/// What the headers number attributes with: `Int` for an anonymous enumeration, else the enumeration's own type.
protocol AttributeNumber {
    var attributeNumber: UInt16 { get }
}

extension Int: AttributeNumber {
    var attributeNumber: UInt16 { UInt16(truncatingIfNeeded: self) }
}

extension rtattr_type_t: AttributeNumber {
    var attributeNumber: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}

/// One request, written with libmnl's checked puts into memory that is wiped.
@safe
struct MessageBuilder: ~Copyable {
    /// Messages above 16 KiB gain no speed, but hold the kernel's network lock for longer; and no attribute inside
    /// can outgrow the 16 bits of its length.
    static let capacity = 16_384

    /// What the request does, as the start of an error text: "create link wg0".
    let purpose: String
    private let buffer: WipedBuffer
    private let header: UnsafeMutablePointer<nlmsghdr>

    /// - Parameters:
    ///   - type: A message type of the bus, or a generic netlink family.
    ///   - flags: `NLM_F_*` beyond `NLM_F_REQUEST`.
    ///   - purpose: See ``purpose``.
    init(type: Int, flags: Int32, purpose: String) {
        self.purpose = purpose
        buffer = WipedBuffer(byteCount: Self.capacity)
        unsafe header = mnl_nlmsg_put_header(buffer.base)
        unsafe header.pointee.nlmsg_type = UInt16(truncatingIfNeeded: type)
        unsafe header.pointee.nlmsg_flags = UInt16(truncatingIfNeeded: NLM_F_REQUEST | flags)
    }

    /// Links the request with its replies.
    mutating func setSequence(_ sequence: UInt32) { unsafe header.pointee.nlmsg_seq = sequence }

    /// Lends the finished message.
    borrowing func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withBytes(unsafe Int(header.pointee.nlmsg_len), body)
    }

    /// Appends a family's fixed header, such as `ifinfomsg`.
    mutating func put<Header: BitwiseCopyable>(header value: Header) throws(NetlinkError) {
        let size = MemoryLayout<Header>.size
        guard unsafe Int(header.pointee.nlmsg_len) + size + Int(NLMSG_ALIGNTO) <= Self.capacity,
            let target = unsafe mnl_nlmsg_put_extra_header(header, size)
        else { throw .requestTooLarge(request: purpose) }
        unsafe target.storeBytes(of: value, as: Header.self)
    }

    /// Appends an attribute of one byte.
    mutating func put(_ type: some AttributeNumber, _ value: UInt8) throws(NetlinkError) {
        try check(unsafe mnl_attr_put_u8_check(header, Self.capacity, type.attributeNumber, value))
    }

    /// Appends an attribute of two bytes, in the host's order.
    mutating func put(_ type: some AttributeNumber, _ value: UInt16) throws(NetlinkError) {
        try check(unsafe mnl_attr_put_u16_check(header, Self.capacity, type.attributeNumber, value))
    }

    /// Appends an attribute of four bytes, in the host's order.
    mutating func put(_ type: some AttributeNumber, _ value: UInt32) throws(NetlinkError) {
        try check(unsafe mnl_attr_put_u32_check(header, Self.capacity, type.attributeNumber, value))
    }

    /// Appends a text and a zero byte.
    mutating func put(_ type: some AttributeNumber, _ value: String) throws(NetlinkError) {
        try check(unsafe mnl_attr_put_strz_check(header, Self.capacity, type.attributeNumber, value))
    }

    /// Appends bytes as they are.
    mutating func put(_ type: some AttributeNumber, _ value: Span<UInt8>) throws(NetlinkError) {
        let fits = unsafe value.withUnsafeBytes { bytes in
            unsafe mnl_attr_put_check(header, Self.capacity, type.attributeNumber, bytes.count, bytes.baseAddress)
        }
        try check(fits)
    }

    /// Appends an attribute that holds what `body` appends.
    mutating func nest(
        _ type: some AttributeNumber,
        _ body: (inout MessageBuilder) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        guard let start = unsafe mnl_attr_nest_start_check(header, Self.capacity, type.attributeNumber) else {
            throw .requestTooLarge(request: purpose)
        }
        try body(&self)
        unsafe mnl_attr_nest_end(header, start)
    }

    /// Appends an attribute that holds what `body` appends, or nothing if that does not fit.
    ///
    /// - Returns: Whether it was appended.
    /// - Throws: What `body` throws but ``NetlinkError/requestTooLarge(request:)``.
    mutating func nestIfFits(
        _ type: some AttributeNumber,
        _ body: (inout MessageBuilder) throws(NetlinkError) -> Void
    ) throws(NetlinkError) -> Bool {
        guard let start = unsafe mnl_attr_nest_start_check(header, Self.capacity, type.attributeNumber) else {
            return false
        }
        do throws(NetlinkError) { try body(&self) } catch {
            guard case .requestTooLarge = error else { throw error }
            unsafe mnl_attr_nest_cancel(header, start)
            return false
        }
        unsafe mnl_attr_nest_end(header, start)
        return true
    }

    private func check(_ fits: Bool) throws(NetlinkError) {
        guard fits else { throw .requestTooLarge(request: purpose) }
    }
}
