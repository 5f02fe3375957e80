import Crypto
import Testing

@testable import PeerBundle

/// Every damage of its kind, to a bundle of each size; `make test` runs this beside no other test.
@Suite("Exhaustive refusals")
struct ExhaustiveRefusalTests {
    /// The sizes that a QR code can hold.
    private static let sizes = [384, 512, 1024, 2048]

    /// A bundle whose plaintext has one of these sizes.
    private static func sealed(size: Int) throws -> [UInt8] {
        let arguments = [String](repeating: String(repeating: "a", count: size / 4), count: size > 512 ? 2 : 0)
        let container = size > 384 ? try Sample.container("registry.example/app", arguments: arguments) : nil
        let sealed = try Sample.bundle(container: container).seal(from: Sample.issuer, to: Sample.recipient.identity)
        try #require(sealed.count == 56 + size)
        return sealed
    }

    @Test("refuses every single changed bit", arguments: sizes)
    func everyBit(size: Int) throws {
        let sealed = try Self.sealed(size: size)
        for position in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[position] ^= 1 << bit
                #expect(failure(changed) == expectation(of: changed, at: position))
            }
        }
        print("every bit of \(sealed.count) bytes: \(8 * sealed.count) refused")
    }

    @Test("refuses every other value of every byte of the header", arguments: sizes)
    func everyHeader(size: Int) throws {
        let sealed = try Self.sealed(size: size)
        for position in 0..<8 {
            for value in 0...UInt8.max where value != sealed[position] {
                var changed = sealed
                changed[position] = value
                #expect(failure(changed) == expectation(of: changed, at: position))
            }
        }
        print("every header of \(sealed.count) bytes: \(8 * 255) refused")
    }

    /// What is wrong with a bundle in which one byte is another.
    private func expectation(of changed: [UInt8], at position: Int) -> BundleError {
        switch position {
        case 0..<4: return .notABundle
        case 4: return .version(changed[4])
        case 5: return .suite(changed[5])
        case 6..<8:
            let count = Int(changed[6]) << 8 | Int(changed[7])
            let isSize = BundleHeader.plaintextByteCounts.contains(count - 48)
            return isSize ? .length(expected: 8 + count, actual: changed.count) : .header
        default: return .notForThisHost
        }
    }

    @Test("refuses every truncation and extension", arguments: sizes)
    func everyLength(size: Int) throws {
        let sealed = try Self.sealed(size: size)
        for count in sealed.indices {
            let error = failure(Array(sealed.prefix(count)))
            switch count {
            case ..<4: #expect(error == .notABundle)
            case ..<8: #expect(error == .length(expected: 8, actual: count))
            default: #expect(error == .length(expected: sealed.count, actual: count))
            }
        }
        for count in 1...64 {
            let longer = sealed + [UInt8](repeating: 0, count: count)
            #expect(failure(longer) == .length(expected: sealed.count, actual: longer.count))
        }
        print("every length of \(sealed.count) bytes: \(sealed.count) truncations and 64 extensions refused")
    }

    @Test("refuses every changed byte behind the seal, without telling which", arguments: sizes)
    func everyPlaintextByte(size: Int) throws {
        let original = try plaintext(of: Self.sealed(size: size))
        for number in 0..<2 * size {
            let position = number / 2
            var changed = original
            changed[position] ^= [0x01, 0xff][number % 2]
            let error = try #require(failure(seal(changed)))
            if case .untrustedIssuer(let claimed) = error {
                #expect((64..<160).contains(position))
                #expect(claimed != Sample.issuer.identity.fingerprint)
            } else {
                #expect(error == .notGenuine)
            }
        }
        print("every byte behind the seal of \(size + 56) bytes: \(2 * size) refused")
    }

    @Test("refuses what a recipient seals again to somebody else, for 100 pairs of hosts")
    func everyOtherRecipient() throws {
        for _ in 0..<100 {
            let (first, second) = (IdentityKey(), IdentityKey())
            let sealed = try Sample.bundle().seal(from: Sample.issuer, to: first.identity)
            #expect(failure(sealed, with: first) == nil)
            let content = try first.openingKey.open(sealed.span.extracting(8...))
            let resealed = seal(content.withBytes { bytes in bytes.indices.map { bytes[$0] } }, to: second)
            #expect(failure(resealed, with: second) == .notGenuine)
        }
        print("sealed again to somebody else: 100 refused")
    }
}
