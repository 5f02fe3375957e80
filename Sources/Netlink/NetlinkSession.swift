/// One socket's conversation with the kernel: numbers the requests and reads each reply to its end.
///
/// After an error that is neither a refusal by the kernel nor about an attribute, a part of the reply may still be queued;
/// the next request then throws ``NetlinkError/foreignReply(request:)`` instead of taking it for its own.
struct NetlinkSession: ~Copyable, Sendable {
    private let transport: any NetlinkTransport
    private var sequence: UInt32 = 0
    // The kernel fills up to 32 KiB per read, and never more unless a single message is longer.
    private var buffer = WipedBuffer(byteCount: 32_768)

    // Each holds several hundred objects: a reply that has not ended by then never will.
    private static let maximumDatagramCount = 65_536
    private static let maximumAttemptCount = 4

    init(transport: any NetlinkTransport) { self.transport = transport }

    /// Sends a request that has `NLM_F_ACK` set and waits for its acknowledgement.
    mutating func perform(_ request: inout MessageBuilder) throws(NetlinkError) {
        _ = try exchange(&request) { (_, _) throws(NetlinkError) in }
    }

    /// Sends a request and collects what its reply holds, again if a table changed meanwhile.
    ///
    /// - Parameters:
    ///   - request: Has `NLM_F_ACK` or `NLM_F_DUMP` set.
    ///   - decode: Makes an element of a message's type and content; `nil` leaves the message out.
    /// - Returns: The elements in the kernel's order.
    /// - Throws: What the kernel or the reply's form refuses, or `decode`.
    mutating func collect<Element>(
        _ request: inout MessageBuilder,
        _ decode: (_ type: UInt16, _ payload: Span<UInt8>) throws(NetlinkError) -> Element?
    ) throws(NetlinkError) -> [Element] {
        for _ in 0..<Self.maximumAttemptCount {
            var elements: [Element] = []
            let isConsistent = try exchange(&request) { (type, payload) throws(NetlinkError) in
                if let element = try decode(type, payload) { elements.append(element) }
            }
            if isConsistent { return elements }
        }
        throw .interrupted(request: request.purpose)
    }

    // A reply is read to its end even when `body` throws, so that the next request finds an empty queue.
    private mutating func exchange(
        _ request: inout MessageBuilder,
        _ body: (UInt16, Span<UInt8>) throws(NetlinkError) -> Void
    ) throws(NetlinkError) -> Bool {
        sequence &+= 1
        request.setSequence(sequence)
        try request.withBytes { (bytes) throws(NetlinkError) in try transport.send(bytes) }
        // A dump of a WireGuard device holds its private key.
        defer { buffer.wipe() }
        var reply = Reply(to: request.purpose, sequence: sequence, portID: transport.portID)
        var failure: NetlinkError?
        for _ in 0..<Self.maximumDatagramCount {
            let count = try buffer.withMutableBytes { (bytes) throws(NetlinkError) in
                try transport.receive(into: &bytes, for: request.purpose)
            }
            try buffer.withBytes(count) { (datagram) throws(NetlinkError) in
                try reply.read(datagram) { (type, payload) throws(NetlinkError) in
                    guard failure == nil else { return }
                    do throws(NetlinkError) { try body(type, payload) } catch { failure = error }
                }
            }
            if reply.isComplete {
                if let failure { throw failure }
                return !reply.wasInterrupted
            }
        }
        throw .endlessReply(request: request.purpose)
    }
}
