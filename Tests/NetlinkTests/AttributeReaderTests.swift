import Testing
import WireGuard

@testable import Netlink

@Suite("Attribute reader")
struct AttributeReaderTests {
    private func read(_ bytes: [UInt8]) throws(NetlinkError) -> [UInt16: [UInt8]] {
        var values: [UInt16: [UInt8]] = [:]
        try forEachAttribute(in: bytes.span) { (type, value) throws(NetlinkError) in
            values[type] = value.indices.map { value[$0] }
        }
        return values
    }

    @Test("finds every attribute, with or without padding after the last")
    func everyAttribute() throws {
        #expect(try read(hex("0500 0100 aa 000000  0600 0200 bbcc")) == [1: [0xaa], 2: [0xbb, 0xcc]])
        #expect(try read(hex("0500 0100 aa 000000  0600 0200 bbcc 0000")) == [1: [0xaa], 2: [0xbb, 0xcc]])
    }

    @Test("finds nothing in nothing")
    func nothing() throws {
        #expect(try read([]).isEmpty)
    }

    @Test("takes an attribute without a value")
    func noValue() throws {
        #expect(try read(hex("0400 0700")) == [7: []])
    }

    @Test("removes the bits that say nested and network byte order")
    func flagBits() throws {
        #expect(try read(hex("0400 07c0")) == [7: []])
    }

    @Test(
        "rejects a length that lies",
        arguments: [
            ("0000 0100", 0),  // zero would loop for ever
            ("0300 0100", 0),  // shorter than its own header
            ("0900 0100 01020304", 0),  // runs past the payload
            ("0500 0100 09 000000 0400", 8),  // header cut short
            ("ffff 0100 01020304", 0),
        ]
    )
    func lyingLength(bytes: String, offset: Int) {
        #expect(throws: NetlinkError.malformedAttribute(offset: offset)) { try read(hex(bytes)) }
    }

    @Test("rejects a value of another size than its type", arguments: [0, 1, 2, 3, 5, 8, 16])
    func wrongSize(count: Int) {
        let value = [UInt8](repeating: 1, count: count)
        let error = NetlinkError.malformedValue(type: 9, byteCount: count)
        if count != 1 { #expect(throws: error) { try value.span.uint8(of: 9) } }
        if count != 2 { #expect(throws: error) { try value.span.uint16(of: 9) } }
        #expect(throws: error) { try value.span.uint32(of: 9) }
    }

    @Test("rejects a text that does not end with its only zero byte", arguments: ["", "61", "6100 61", "6100 00"])
    func text(bytes: String) {
        let value = hex(bytes)
        #expect(throws: NetlinkError.malformedValue(type: 3, byteCount: value.count)) {
            try value.span.string(of: 3)
        }
    }

    @Test("rejects an address of another family")
    func family() {
        #expect(throws: NetlinkError.malformedValue(type: 1, byteCount: 4)) {
            try [10, 0, 0, 1].span.address(of: 1, family: .v6)
        }
    }
}
