import CSodium
import Crypto
import TestSupport
import Testing

/// `Tests/Interop/primitives.py`, which knows the specifications, and no library.
@Suite("Primitives")
struct PrimitiveTests {
    @Test("do at every edge what their specifications say")
    func edges() async throws {
        let program = "\(SourceTree.root)/Tests/Interop/primitives.py"
        let result = try await Tool("/usr/bin/python3").run([program])
        try #require(result.status == 0, "\(result.error)")
        var counts: [String: Int] = [:]
        for line in result.text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let (outcome, inputCount) = try outcome(of: words)
            let expected = words[(1 + inputCount)...].joined(separator: " ")
            if outcome != expected { Issue.record("\(outcome), which is not so: \(line)") }
            counts["\(words[0]) \(expected == "refused" ? "refused" : "taken")", default: 0] += 1
        }
        let version = unsafe String(cString: sodium_version_string())
        let list = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        print("edges with libsodium \(version): \(list)")
        // As many as there are, so that none is lost, and none becomes another.
        #expect(
            counts == [
                "key refused": 82, "key taken": 4, "open refused": 3626, "open taken": 607, "public taken": 40,
                "sign taken": 13, "verify refused": 12_752, "verify taken": 6,
            ]
        )
    }

    /// What comes of a case here, and how many of its words say what is done.
    private func outcome(of words: [String]) throws -> (outcome: String, inputCount: Int) {
        func bytes(_ index: Int) -> [UInt8] { words[index] == "-" ? [] : [UInt8](hex: words[index]) }
        switch words[0] {
        case "key":
            let key = try bytes32(bytes(1))
            return ((try? VerificationKey(key)) == nil ? "refused" : "taken", 1)
        case "sign":
            let key = try IdentityKey(encoded: bytes(1).span)
            return ("\(key.identity.verificationKey.rawValue.hexadecimal) \(key.sign(bytes(2)).hex)", 2)
        case "verify":
            let key = try bytes32(bytes(1))
            do throws(CryptoError) {
                try VerificationKey(key).verify(bytes(3), of: bytes(2))
                return ("taken", 3)
            } catch {
                return ("refused", 3)
            }
        case "public":
            return (try PrivateKey(SecretBytes(bytes(1))).publicKey.rawValue.hexadecimal, 1)
        case "open":
            let key = try IdentityKey(encoded: bytes(1).span).openingKey
            do throws(CryptoError) {
                let plaintext = try key.open(bytes(2)).withBytes(array).hex
                return (plaintext.isEmpty ? "-" : plaintext, 2)
            } catch {
                return ("refused", 2)
            }
        default: throw CryptoError.encoding
        }
    }
}
