import Testing

@testable import Netlink

@Suite("Reply")
struct ReplyTests {
    // Reads datagrams until the reply is complete, and returns the types of the messages in it.
    private func read(_ datagrams: [UInt8]...) throws(NetlinkError) -> [UInt16] {
        var reply = Reply(to: "ask", sequence: 1, portID: RecordingTransport.port)
        var types: [UInt16] = []
        for datagram in datagrams {
            try reply.read(datagram.span) { (type, _) throws(NetlinkError) in types.append(type) }
        }
        #expect(reply.isComplete)
        return types
    }

    @Test("is complete with its acknowledgement")
    func acknowledgement() throws {
        #expect(try read(message(type: 16, [1, 2, 3, 4]), refusal(0)) == [16])
    }

    @Test("is complete with the end of a dump, in one datagram or several")
    func dump() throws {
        let part = message(type: 16, flags: 2)
        #expect(try read(part + part + done()) == [16, 16])
        #expect(try read(part, part, done()) == [16, 16])
    }

    @Test("skips messages that say nothing")
    func noOperation() throws {
        #expect(try read(message(type: 1) + done()) == [])
    }

    @Test(
        "rejects a message that belongs to another request",
        arguments: [
            message(type: 16, sequence: 2), message(type: 16, sequence: 0), message(type: 16, port: 9),
            message(type: 16, port: 0), refusal(0, sequence: 7), done(sequence: 3),
        ]
    )
    func foreign(bytes: [UInt8]) {
        #expect(throws: NetlinkError.foreignReply(request: "ask")) { try read(bytes) }
    }

    @Test(
        "rejects a length that lies",
        arguments: [
            ("", 0),  // an empty datagram makes no progress
            ("1000 0000 1000 0000 0100 0000 0403 02", 0),  // cut within the header
            ("0000 0000 1000 0000 0100 0000 0403 0201", 0),  // zero would loop for ever
            ("0f00 0000 1000 0000 0100 0000 0403 0201", 0),  // shorter than its own header
            ("1100 0000 1000 0000 0100 0000 0403 0201", 0),  // runs past the datagram
            ("ffff ffff 1000 0000 0100 0000 0403 0201", 0),
            ("1000 0000 1000 0000 0100 0000 0403 0201 00000000", 16),  // a stub after a whole message
        ]
    )
    func lyingLength(bytes: String, offset: Int) {
        #expect(throws: NetlinkError.malformedMessage(offset: offset)) { try read(hex(bytes)) }
    }

    @Test("rejects what comes after its end")
    func afterTheEnd() {
        #expect(throws: NetlinkError.malformedMessage(offset: 20)) { try read(done() + message(type: 16)) }
        #expect(throws: NetlinkError.malformedMessage(offset: 0)) { try read(done(), message(type: 16)) }
    }

    @Test("carries the kernel's text where there is one")
    func text() {
        #expect(throws: NetlinkError.kernel(request: "ask", errno: 95, message: "Unknown device type")) {
            try read(refusal(95, attributes: attribute(1, "Unknown device type") + attribute(2, [8, 0, 0, 0])))
        }
        #expect(throws: NetlinkError.kernel(request: "ask", errno: 17, message: nil)) { try read(refusal(17)) }
    }

    @Test("finds the text behind a request that was echoed as a whole")
    func echoedRequest() {
        let echo = message(type: 16, [1, 2, 3, 4, 5])  // 21 bytes, padded to 24
        let payload = hex("eaffffff") + echo + [0, 0, 0] + attribute(1, "no")
        #expect(throws: NetlinkError.kernel(request: "ask", errno: 22, message: "no")) {
            try read(message(type: 2, flags: 0x200, payload))
        }
    }

    @Test("rejects an echo that is longer than the message")
    func lyingEcho() {
        let payload = hex("eaffffff  ffffffff 1000 0000 01000000 04030201")
        #expect(throws: NetlinkError.shortMessage(byteCount: 20)) {
            try read(message(type: 2, flags: 0x200, payload))
        }
    }

    @Test(
        "rejects a text whose length lies",
        arguments: [
            ("0000 0100", 0), ("0300 0100", 0), ("0900 0100 61000000", 0), ("ffff 0100", 0),
            ("0600 0200 00000000 0000 0100", 8),
        ]
    )
    func lyingText(bytes: String, offset: Int) {
        let attributes = hex(bytes)
        let error = NetlinkError.malformedAttribute(offset: offset)
        #expect(throws: error) { try read(refusal(95, attributes: attributes)) }
        #expect(throws: error) { try read(done(-95, flags: 0x202, attributes: attributes)) }
    }

    @Test("rejects a text without an end")
    func endlessText() {
        #expect(throws: NetlinkError.malformedValue(type: 1, byteCount: 2)) {
            try read(refusal(95, attributes: attribute(1, [0x6e, 0x6f])))
        }
    }

    @Test("carries the error that ends a dump")
    func failedDump() {
        #expect(throws: NetlinkError.kernel(request: "ask", errno: 19, message: nil)) { try read(done(-19)) }
        #expect(throws: NetlinkError.kernel(request: "ask", errno: 2, message: "gone")) {
            try read(done(-2, flags: 0x202, attributes: attribute(1, "gone")))
        }
    }

    @Test("survives the one error number that has no opposite")
    func extremeError() {
        #expect(throws: NetlinkError.kernel(request: "ask", errno: .min, message: nil)) { try read(done(.min)) }
    }

    @Test("rejects an end that is neither success nor an errno", arguments: [1, 17, .max] as [Int32])
    func positiveStatus(status: Int32) {
        #expect(throws: NetlinkError.malformedStatus(status)) { try read(done(status)) }
        #expect(throws: NetlinkError.malformedStatus(status)) { try read(refusal(-status)) }
    }

    @Test(
        "rejects an end that is cut short",
        arguments: [(message(type: 3, [0, 0, 0]), 3), (message(type: 2, [0, 0, 0, 0]), 4), (message(type: 3), 0)]
    )
    func shortEnd(bytes: [UInt8], count: Int) {
        #expect(throws: NetlinkError.shortMessage(byteCount: count)) { try read(bytes) }
    }

    @Test("says that the kernel dropped something")
    func overrun() {
        #expect(throws: NetlinkError.overrun(request: "ask")) { try read(message(type: 4)) }
    }

    @Test("remembers that any part of a dump was interrupted")
    func interrupted() throws {
        var reply = Reply(to: "ask", sequence: 1, portID: RecordingTransport.port)
        try reply.read((message(type: 16, flags: 0x12) + done()).span) { (_, _) throws(NetlinkError) in }
        #expect(reply.wasInterrupted)
    }
}
