import Crypto
import TestSupport
import Testing

@testable import PeerBundle

// In numbers that leave nothing to chance; beside the refusals, as they take the processors for as long.
extension ExhaustiveRefusalTests {
    @Test("random bundles, a hundred thousand in full, are read as they were written, and written as they were read")
    func roundTrips() async throws {
        try await withThrowingTaskGroup { group in
            for seed in UInt64(0)..<4 {
                group.addTask {
                    var bundles = RandomBundles(seed: seed)
                    for number in 0..<(TestScale.isFull ? 25_000 : 2_500) {
                        let encoded = try bundles.next().encoded
                        let again = try Bundle(decoding: encoded.span).encoded
                        if again != encoded { Issue.record("bundle \(number) of seed \(seed)") }
                        if number.isMultiple(of: 100) { await Task.yield() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("bundles of every length that a code holds have the smallest size that holds them")
    func everyLength() throws {
        var counts: [Int: Int] = [:]
        for count in 1...1900 {
            let lengths = [min(count, 1000), max(0, count - 1000)].filter { $0 > 0 }
            let arguments = lengths.map { String(repeating: "a", count: $0) }
            let bundle = try Sample.bundle(container: Sample.container("app", arguments: arguments))
            let plaintext = SignedMessage.payloadOffset + bundle.encoded.count
            let size = try bundle.seal(from: Sample.issuer, to: Sample.recipient.identity).count - 56
            #expect(size == [384, 512, 1024, 2048, 4096].first { $0 >= plaintext })
            counts[size, default: 0] += 1
        }
        let list = counts.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
        print("bundles of every length: \(list.joined(separator: ", "))")
        #expect(counts.keys.sorted().suffix(3) == [1024, 2048, 4096])
    }

    @Test("of identities with one, two or three characters changed, a million in full, none is one")
    func substitutions() async throws {
        let characters = Array(Sample.issuer.identity.text.utf8)
        let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
        try await withThrowingTaskGroup { group in
            for seed in UInt64(0)..<4 {
                group.addTask {
                    var generator = SplitMix64(seed: seed)
                    for number in 0..<(TestScale.isFull ? 250_000 : 25_000) {
                        var changed = characters
                        for _ in 0...(number % 3) {
                            let position = 5 + Int(generator.next() % UInt64(characters.count - 5))
                            changed[position] = alphabet[Int(generator.next() % 32)]
                        }
                        guard changed != characters else { continue }
                        let text = String(decoding: changed, as: UTF8.self)
                        if (try? Identity(text: text)) != nil { Issue.record("\(text)") }
                        if number.isMultiple(of: 1000) { await Task.yield() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
