import Crypto
import Foundation
import TestSupport
import Testing

@testable import PeerBundle

/// The files below `Tests/Vectors`, which say what becomes of one bundle each.
@Suite("Test vectors")
struct VectorTests {
    private static let directory = "\(SourceTree.root)/Tests/Vectors"

    @Test("end here as they say, at least 120 of them refused for one reason each, and every reason among them")
    func verdicts() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.directory).sorted()
        var words: [String: Int] = [:]
        for name in names {
            let vector = try Vector(String(contentsOfFile: "\(Self.directory)/\(name)", encoding: .utf8))
            let verdict = OtherImplementation.verdict(on: vector.input, for: vector.recipient, from: vector.issuer)
            #expect(verdict == vector.verdict, "\(name)")
            words[verdict.hasPrefix("refused ") ? verdict : "accepted", default: 0] += 1
        }
        print("vectors: \(words.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))")
        #expect(names.count - words["accepted", default: 0] >= 120)
        // All but "too-large", which nobody reads.
        let reasons = [
            "armor", "base45", "base64", "field", "header", "length", "not-a-bundle", "not-genuine", "parts", "seal",
            "suite", "untrusted", "version",
        ]
        #expect(words.keys.sorted() == ["accepted"] + reasons.map { "refused \($0)" })
    }

    @Test("are what their program writes")
    func reproducible() async throws {
        let temporary = try TemporaryDirectory()
        let program = "\(SourceTree.root)/Tests/Interop/vectors"
        let result = try await Tool("/usr/bin/python3").run([program, "\(temporary.path)/again"])
        try #require(result.status == 0, "\(result.error)")
        let comparison = try await Tool("diff").run(["--recursive", Self.directory, "\(temporary.path)/again"])
        #expect(comparison.status == 0, "\(comparison.text)")
    }
}

private struct Vector {
    let recipient: IdentityKey
    let issuer: Identity
    let verdict: String
    let input: [UInt8]

    init(_ text: String) throws {
        let values = try text.split(separator: "\n").map { line in
            String(try #require(line.split(separator: ": ", maxSplits: 1).last))
        }
        recipient = try IdentityKey.read(secretText: Array(values[0].utf8).span)
        issuer = try Identity(text: values[1])
        verdict = values[2]
        input = text.hasSuffix("input: \n") ? [] : [UInt8](hex: values[3])
    }
}
