import Testing

@testable import Netlink

@Suite("Netlink session")
struct NetlinkSessionTests {
    private func dump(_ transport: RecordingTransport, times: Int = 1) throws(NetlinkError) -> [[UInt32]] {
        var session = NetlinkSession(transport: transport)
        var results: [[UInt32]] = []
        for _ in 0..<times {
            var request = MessageBuilder(type: 18, flags: 0x300, purpose: "list")
            try results.append(
                session.collect(&request) { (type, payload) throws(NetlinkError) in try payload.uint32(of: type) }
            )
        }
        return results
    }

    private func element(_ value: UInt32, flags: UInt16 = 2, sequence: UInt32 = 1) -> [UInt8] {
        message(type: 16, flags: flags, sequence: sequence, littleEndian(value))
    }

    @Test("numbers its requests")
    func sequence() throws {
        let transport = RecordingTransport(replies: [element(5) + done(), done(sequence: 2)])
        #expect(try dump(transport, times: 2) == [[5], []])
        #expect(
            transport.sent == [
                hex("10000000 1200 0103 01000000 00000000"), hex("10000000 1200 0103 02000000 00000000"),
            ]
        )
    }

    @Test("collects a dump of several datagrams")
    func severalDatagrams() throws {
        #expect(try dump(RecordingTransport(replies: [element(1) + element(2), element(3), done()])) == [[1, 2, 3]])
    }

    @Test("asks again when the table changed meanwhile, and forgets the first answer")
    func interrupted() throws {
        let transport = RecordingTransport(replies: [
            element(1, flags: 0x12) + done(flags: 0x12), element(2, sequence: 2) + done(sequence: 2),
        ])
        #expect(try dump(transport) == [[2]])
    }

    @Test("gives up on a table that changes for ever")
    func alwaysInterrupted() {
        let transport = RecordingTransport(replies: (1...9).map { done(flags: 0x12, sequence: $0) })
        #expect(throws: NetlinkError.interrupted(request: "list")) { try dump(transport) }
        #expect(transport.sent.count == 4)
    }

    @Test("gives up on a reply that does not end")
    func endless() {
        #expect(throws: NetlinkError.endlessReply(request: "list")) {
            try dump(RecordingTransport(thenForEver: message(type: 1, flags: 2)))
        }
    }

    @Test("says which request got no reply")
    func silence() {
        #expect(throws: NetlinkError.timedOut(request: "list")) { try dump(RecordingTransport()) }
    }

    @Test("reads on to the end of a reply that it cannot decode, so that the next one is its own")
    func decodingFails() throws {
        let transport = RecordingTransport(replies: [
            message(type: 16, flags: 2, [1]), element(1), done(), element(7, sequence: 2) + done(sequence: 2),
        ])
        var session = NetlinkSession(transport: transport)
        var request = MessageBuilder(type: 18, flags: 0x300, purpose: "list")
        func collect(_ session: inout NetlinkSession) throws(NetlinkError) -> [UInt32] {
            try session.collect(&request) { (type, payload) throws(NetlinkError) in try payload.uint32(of: type) }
        }
        #expect(throws: NetlinkError.malformedValue(type: 16, byteCount: 1)) { try collect(&session) }
        #expect(try collect(&session) == [7])
    }

    @Test("never takes the rest of an earlier reply for the answer to a later request")
    func leftOver() {
        let transport = RecordingTransport(replies: [message(type: 4), element(1)])
        var session = NetlinkSession(transport: transport)
        var request = MessageBuilder(type: 18, flags: 5, purpose: "change")
        #expect(throws: NetlinkError.overrun(request: "change")) { try session.perform(&request) }
        #expect(throws: NetlinkError.foreignReply(request: "change")) { try session.perform(&request) }
    }

    private static let secret = [UInt8](repeating: 0x5e, count: 32)

    @Test(
        "leaves nothing of a reply in memory, whatever comes of it",
        arguments: [
            (done(), nil),
            (done(-19), .kernel(request: "list", errno: 19, message: nil)),
            (refusal(95, attributes: attribute(1, "no")), .kernel(request: "list", errno: 95, message: "no")),
            (refusal(95, attributes: [0, 0, 1, 0]), .malformedAttribute(offset: 0)),
            (message(type: 4), .overrun(request: "list")),
            (message(type: 16, sequence: 9), .foreignReply(request: "list")),
            (message(type: 16, port: 9), .foreignReply(request: "list")),
            ([0, 0, 0, 0], .malformedMessage(offset: 48)),
            ([], .timedOut(request: "list")),
            (message(type: 3), .shortMessage(byteCount: 0)),
            (message(type: 20) + done(), .malformedValue(type: 20, byteCount: 0)),
        ] as [([UInt8], NetlinkError?)]
    )
    func wiped(end: [UInt8], error: NetlinkError?) {
        let transport = RecordingTransport(replies: [message(type: 16, flags: 2, Self.secret) + end])
        var session = NetlinkSession(transport: transport)
        var request = MessageBuilder(type: 18, flags: 0x300, purpose: "list")
        var seen: [UInt8] = []
        var thrown: NetlinkError?
        do throws(NetlinkError) {
            _ = try session.collect(&request) { (type, payload) throws(NetlinkError) in
                guard type == 16 else { return try payload.uint32(of: type) }
                seen = transport.memory
                return 0
            }
        } catch { thrown = error }
        #expect(thrown == error)
        #expect(seen.dropFirst(16).starts(with: Self.secret))
        #expect(transport.memory == [UInt8](repeating: 0, count: seen.count))
    }
}
