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

    @Test("reads the hexadecimal digits that it writes, and nothing else")
    func hexadecimal() {
        let sequence = [UInt8](0xf0...0xff) + [UInt8](0..<16)
        let bytes = Bytes32(sequence.span)
        let text = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f"
        #expect(bytes?.hexadecimal == text)
        #expect(Bytes32(hexadecimal: text) == bytes)
        for other in [
            "", String(text.dropLast()), text + "0", text.uppercased(), "+" + text.dropFirst(),
            "\u{e9}" + text.dropFirst(2),
        ] {
            #expect(Bytes32(hexadecimal: other) == nil)
        }
    }
}
