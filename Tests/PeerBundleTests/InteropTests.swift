import Crypto
import TestSupport
import Testing

@testable import PeerBundle

@Suite("Another implementation of the format", .timeLimit(.minutes(5)))
struct InteropTests {
    private static let secret = Sample.recipient.secretText().withBytes { text in
        String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
    }
    private static let issuer = Sample.issuer.identity.text

    private static func opening(_ input: [UInt8]) -> String { "open \(secret) \(issuer) \(input.hex)" }

    private static func verdict(on input: [UInt8]) -> String {
        OtherImplementation.verdict(on: input, for: Sample.recipient, from: Sample.issuer.identity)
    }

    @Test("opens 1,000 random bundles in each of their forms, and finds in them what is in them")
    func opens() async throws {
        var bundles = RandomBundles(seed: 61)
        var requests: [String] = []
        var expected: [String] = []
        for number in 0..<1_000 {
            let bundle = try bundles.next()
            let sealed = try bundle.seal(from: Sample.issuer, to: Sample.recipient.identity)
            let forms = [
                sealed, Array(BundleText.armor(sealed.span).utf8), Array(BundleText.code(sealed.span).utf8),
                Array(BundleText.codes(sealed, count: 2 + number % 98).reversed().joined(separator: "\n").utf8),
            ]
            requests.append(Self.opening(forms[number % 4]))
            expected.append(bundle.words.joined(separator: " "))
        }
        let answers = try await OtherImplementation.answers(to: requests)
        #expect(answers.map { $0.split(separator: " ", maxSplits: 1).last.map(String.init) } == expected)
    }

    @Test("seals 1,000 random bundles, which are what they were made of")
    func seals() async throws {
        var bundles = RandomBundles(seed: 62)
        let words = try (0..<1_000).map { _ in try bundles.next().words.joined(separator: " ") }
        let secret = Sample.issuer.secretText().withBytes { text in
            String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
        }
        let answers = try await OtherImplementation.answers(
            to: words.map { "seal \(secret) \(Sample.recipient.identity.text) \($0)" }
        )
        try #require(answers.count == words.count)
        for (answer, words) in zip(answers, words) {
            let verdict = Self.verdict(on: [UInt8](hex: answer))
            #expect(verdict.split(separator: " ", maxSplits: 1).last.map(String.init) == words)
        }
    }

    @Test("writes the same text, and shows the same fingerprint")
    func text() async throws {
        let sealed = try Sample.sealed()
        let answers = try await OtherImplementation.answers(to: [
            "armor \(sealed.hex)", "code \(sealed.hex)", "fingerprint \(Self.issuer)", "parts 7 \(sealed.hex)",
            "parts 99 \(sealed.hex)",
        ])
        let parts = [7, 99].map { Array(BundleText.codes(sealed, count: $0).joined(separator: "\n").utf8).hex }
        #expect(
            answers == [
                Array(BundleText.armor(sealed.span).utf8).hex,
                Array(BundleText.code(sealed.span).utf8).hex, "\(Sample.issuer.identity.fingerprint)",
            ] + parts
        )
    }

    @Test("takes and refuses the same of 100,000 damaged inputs, for reasons of the same class")
    func agrees() async throws {
        let counts = try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for part in 0..<20 { group.addTask { try await Self.compare(5_000, seed: 1_000 + UInt64(part)) } }
            return try await group.reduce(into: [:]) { total, counts in total.merge(counts, uniquingKeysWith: +) }
        }
        print(
            "damaged inputs: \(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))"
        )
        #expect(counts.values.reduce(0, +) == 100_000)
        // Each class was met, but that of what is too large, which nobody reads.
        let classes = [
            "armor", "base45", "base64", "field", "header", "identity", "length", "not-a-bundle", "not-genuine",
            "parts",
            "seal", "suite", "taken", "untrusted", "version",
        ]
        #expect(counts.keys.sorted() == classes)
    }

    /// - Returns: How many inputs of a seed ended in what.
    private static func compare(_ count: Int, seed: UInt64) async throws -> [String: Int] {
        var damage = try BundleDamage(seed: seed)
        var requests: [String] = []
        var expected: [String] = []
        for _ in 0..<count {
            switch try damage.next() {
            case .bundle(let input):
                requests.append(opening(input))
                expected.append(verdict(on: input))
            case .identity(let text):
                requests.append("identity \(text.hex)")
                let isTaken = (try? Identity(text: String(decoding: text, as: UTF8.self))) != nil
                expected.append(isTaken ? "ok" : "refused identity")
            }
        }
        let answers = try await OtherImplementation.answers(to: requests)
        try #require(answers.count == count)
        for (index, answer) in answers.enumerated() where answer != expected[index] {
            Issue.record("\(requests[index]): \(answer), and here \(expected[index])")
        }
        return answers.reduce(into: [:]) { counts, answer in
            let word = answer.hasPrefix("refused ") ? String(answer.dropFirst("refused ".count)) : "taken"
            counts[word, default: 0] += 1
        }
    }
}
