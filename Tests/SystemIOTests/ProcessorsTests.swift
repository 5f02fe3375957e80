internal import SystemIO
internal import Testing

@Suite("Work for all processors")
struct ProcessorsTests {
    private struct Failed: Error, Equatable {
        let number: Int
    }

    @Test("is done once for each of a range, and its results are in order", arguments: [0, 1, 63, 64, 65, 1000])
    func order(count: Int) {
        let range = 7..<(7 + count)
        let results = Processors.divide(range) { (part) -> [Int] in part.map { $0 * $0 } }
        #expect(results.flatMap(\.self) == range.map { $0 * $0 })
        #expect(results.allSatisfy { !$0.isEmpty })
    }

    @Test("throws the first error in the order of the range, whichever comes first")
    func firstError() {
        #expect(throws: Failed(number: 30)) {
            try Processors.divide(0..<1000) { (part) throws(Failed) in
                for number in part where number % 100 == 30 { throw Failed(number: number) }
            }
        }
    }
}
