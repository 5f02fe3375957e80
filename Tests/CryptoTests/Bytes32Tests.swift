import Crypto
import TestSupport
import Testing

@Suite("Thirty-two bytes")
struct Bytes32Tests {
    @Test("are taken and given back in order")
    func roundTrip() throws {
        let source = [UInt8](100..<132)
        let value = try bytes32(source)
        #expect(value.bytes == source)
        #expect((0..<32).map { value[$0] } == source)
    }

    @Test("are 32 and nothing else", arguments: [0, 1, 31, 33, 64])
    func refuseOtherLengths(count: Int) {
        #expect(Bytes32([UInt8](repeating: 1, count: count).span) == nil)
    }

    @Test("are zero by default")
    func defaultToZero() {
        #expect(Bytes32().bytes == [UInt8](repeating: 0, count: 32))
    }

    @Test("are ordered as their bytes are, wherever the first difference lies")
    func orderBytewise() throws {
        var generator = SplitMix64(seed: 32)
        for _ in 0..<500 {
            // A common start of random length, then bytes from a set small enough to repeat.
            let start = generator.bytes(count: Int.random(in: 0...32, using: &generator))
            let (left, right) = (completed(start, by: &generator), completed(start, by: &generator))
            let (one, other) = (try bytes32(left), try bytes32(right))
            #expect((one < other) == left.lexicographicallyPrecedes(right), "\(left) \(right)")
            #expect((one == other) == (left == right), "\(left) \(right)")
        }
    }

    @Test("differ, and hash differently, when one bit does")
    func noticeEachBit() throws {
        let source = [UInt8](0..<32)
        let all = try (0..<256).map { try bytes32(source.flipping(bit: $0)) }
        #expect(Set(all).count == 256)
        #expect(Set(all.map(\.hashValue)).count == 256)
        #expect(Set(all + all).count == 256)
    }

    private func completed(_ start: [UInt8], by generator: inout SplitMix64) -> [UInt8] {
        let choice: [UInt8] = [0, 1, 127, 128, 255]
        return start + (start.count..<32).compactMap { _ in choice.randomElement(using: &generator) }
    }
}
