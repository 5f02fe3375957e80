internal import CMnl

/// `NLMSG_HDRLEN`: the length of `nlmsghdr`, a macro that Swift does not import.
private let headerByteCount = 16

/// The reply to one request: a pure reader that is fed datagrams until it is complete.
///
/// Every request asks for an acknowledgement or for a dump, so every reply ends with `NLMSG_ERROR` or `NLMSG_DONE`.
struct Reply {
    /// What was asked, for the errors.
    let request: String
    /// The request's sequence number.
    let sequence: UInt32
    /// The port that asked.
    let portID: UInt32
    /// Whether the end was seen.
    private(set) var isComplete = false
    /// Whether the table changed between the parts of a dump (`NLM_F_DUMP_INTR`), so that some may be missing.
    private(set) var wasInterrupted = false

    init(to request: String, sequence: UInt32, portID: UInt32) {
        self.request = request
        self.sequence = sequence
        self.portID = portID
    }

    /// Reads the next datagram.
    ///
    /// - Parameters:
    ///   - datagram: As received.
    ///   - body: Called once per message with its type and what follows its header.
    /// - Throws: The kernel's refusal, a fault of form, or what `body` throws.
    mutating func read(
        _ datagram: Span<UInt8>,
        _ body: (_ type: UInt16, _ payload: Span<UInt8>) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        guard datagram.count > 0 else { throw .malformedMessage(offset: 0) }
        var offset = 0
        while offset < datagram.count {
            guard !isComplete, datagram.count - offset >= headerByteCount else {
                throw .malformedMessage(offset: offset)
            }
            let length = Int(datagram.uint32(at: offset))
            guard length >= headerByteCount, length <= datagram.count - offset else {
                throw .malformedMessage(offset: offset)
            }
            let message = datagram.extracting(offset..<(offset + length))
            guard message.uint32(at: 8) == sequence, message.uint32(at: 12) == portID else {
                throw .foreignReply(request: request)
            }
            try read(message: message, body)
            offset += (length + 3) & ~3
        }
    }

    private mutating func read(
        message: Span<UInt8>,
        _ body: (_ type: UInt16, _ payload: Span<UInt8>) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        let type = message.uint16(at: 4)
        let flags = Int32(message.uint16(at: 6))
        let payload = message.extracting(headerByteCount...)
        if flags & NLM_F_DUMP_INTR != 0 { wasInterrupted = true }
        switch Int32(type) {
        case NLMSG_NOOP: break
        case NLMSG_OVERRUN: throw .overrun(request: request)
        case NLMSG_ERROR:
            // `nlmsgerr`: the error, the header of the request, then its content unless capped.
            let echoed = headerByteCount
            guard payload.count >= 4 + echoed else { throw .shortMessage(byteCount: payload.count) }
            isComplete = true
            let echoedLength = flags & NLM_F_CAPPED != 0 ? echoed : Int(payload.uint32(at: 4))
            try check(payload, hasText: flags & NLM_F_ACK_TLVS != 0, textOffset: 4 + (echoedLength + 3) & ~3)
        case NLMSG_DONE:
            guard payload.count >= 4 else { throw .shortMessage(byteCount: payload.count) }
            isComplete = true
            try check(payload, hasText: flags & NLM_F_ACK_TLVS != 0, textOffset: 4)
        default: try body(type, payload)
        }
    }

    // The error number is negative, or zero for success.
    private func check(_ payload: Span<UInt8>, hasText: Bool, textOffset: Int) throws(NetlinkError) {
        let status = Int32(bitPattern: payload.uint32(at: 0))
        guard status <= 0 else { throw .malformedStatus(status) }
        guard status < 0 else { return }
        let message = try hasText ? text(in: payload, from: textOffset) : nil
        throw .kernel(request: request, errno: 0 &- status, message: message)
    }

    private func text(in payload: Span<UInt8>, from offset: Int) throws(NetlinkError) -> String? {
        guard offset <= payload.count else { throw .shortMessage(byteCount: payload.count) }
        var message: String?
        try forEachAttribute(in: payload.extracting(offset...)) { (type, value) throws(NetlinkError) in
            if UInt32(type) == NLMSGERR_ATTR_MSG.rawValue { message = try value.string(of: type) }
        }
        return message
    }
}
