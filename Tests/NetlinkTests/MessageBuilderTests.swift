import Testing

@testable import Netlink

@Suite("Message builder")
struct MessageBuilderTests {
    private func bytes(_ request: borrowing MessageBuilder) -> [UInt8] {
        request.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    @Test("pads every attribute to four bytes, with zeros")
    func padding() throws {
        var request = MessageBuilder(type: 0x1234, flags: 4, purpose: "test")
        try request.put(header: UInt32(0xddcc_bbaa))
        try request.put(1, UInt8(0xff))
        try request.put(2, UInt16(0x0201))
        try request.put(3, UInt32(0x0403_0201))
        try request.put(4, "abcd")
        try request.put(5, [9, 8, 7].span)
        #expect(
            bytes(request)
                == hex(
                    """
                    40000000 3412 0500 00000000 00000000  # nlmsghdr: length, type, request and ack
                    aabbccdd                              # the family's header
                    0500 0100 ff 000000
                    0600 0200 0102 0000
                    0800 0300 01020304
                    0900 0400 61626364 00 000000
                    0700 0500 090807 00
                    """
                )
        )
    }

    @Test("gives a nest the length of what is in it")
    func nest() throws {
        var request = MessageBuilder(type: 16, flags: 0, purpose: "test")
        try request.nest(18) { (request) throws(NetlinkError) in
            try request.nest(2) { (request) throws(NetlinkError) in try request.put(1, UInt8(7)) }
        }
        #expect(
            bytes(request)
                == hex(
                    """
                    20000000 1000 0100 00000000 00000000
                    1000 1280      # nested
                      0c00 0280    # nested
                        0500 0100 07 000000
                    """
                )
        )
    }

    @Test("refuses what does not fit, and names the request")
    func tooLarge() throws {
        var request = MessageBuilder(type: 16, flags: 0, purpose: "change everything")
        let half = [UInt8](repeating: 1, count: MessageBuilder.capacity / 2)
        try request.put(1, half.span)
        let error = NetlinkError.requestTooLarge(request: "change everything")
        #expect(throws: error) { try request.put(1, half.span) }
        #expect(throws: error) {
            while true { try request.nest(1) { (request) throws(NetlinkError) in try request.put(1, UInt32(0)) } }
        }
        #expect(throws: error) { while true { try request.put(header: UInt64(0)) } }
    }

    @Test("can hold no attribute that outgrows its 16-bit length")
    func capacity() {
        #expect(MessageBuilder.capacity <= Int(UInt16.max))
    }
}
