import Testing

@testable import Netlink

@Suite("Wiped buffer")
struct WipedBufferTests {
    private func sum(_ buffer: borrowing WipedBuffer) -> Int {
        buffer.withBytes(buffer.byteCount) { bytes in bytes.indices.reduce(0) { $0 + Int(bytes[$1]) } }
    }

    @Test("is zero when it is made, and after it was wiped")
    func wipe() {
        var buffer = WipedBuffer(byteCount: 1000)
        #expect(sum(buffer) == 0)
        buffer.withMutableBytes { bytes in for index in bytes.indices { bytes[index] = 1 } }
        #expect(sum(buffer) == 1000)
        buffer.wipe()
        #expect(sum(buffer) == 0)
    }

    @Test("lends no more than it has")
    func bounds() {
        let buffer = WipedBuffer(byteCount: 8)
        #expect(buffer.withBytes(9) { $0.count } == 8)
        #expect(buffer.withBytes(-1) { $0.count } == 0)
    }
}
