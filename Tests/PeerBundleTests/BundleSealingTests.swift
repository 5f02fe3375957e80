import Crypto
import Testing
import WireGuard

@testable import PeerBundle

@Suite("Bundle sealing")
struct BundleSealingTests {
    @Test("what one host seals, the other opens and verifies")
    func story() throws {
        let sealed = try Sample.sealed()
        let claimed = try ClaimedBundle.open(sealed.span, with: Sample.recipient.openingKey)
        #expect(claimed.claimedIssuer == Sample.issuer.identity)
        let verified = try claimed.verified(trusting: Sample.issuer.identity)
        #expect(verified.issuer == Sample.issuer.identity)
        #expect(try verified.bundle.encoded == Sample.bundle().encoded)
    }

    @Test("the smallest size that holds the content, and nothing in between", arguments: [0, 1, 2, 12, 30, 256])
    func sizes(peerCount: Int) throws {
        let peers = try (0..<peerCount).map { _ in try Sample.server(key: PrivateKey().publicKey, allowed: []) }
        let bundle = try Sample.bundle(peers: peers)
        let plaintext = SignedMessage.payloadOffset + bundle.encoded.count
        let smallest = try #require(BundleHeader.plaintextByteCounts.first { $0 >= plaintext })
        #expect(try bundle.seal(from: Sample.issuer, to: Sample.recipient.identity).count == 8 + 48 + smallest)
    }

    @Test("the sizes are those of the format, and the header says which")
    func sizeList() throws {
        #expect(BundleHeader.plaintextByteCounts.prefix(6) == [384, 512, 1024, 2048, 4096, 8192])
        #expect(BundleHeader.plaintextByteCounts.last == 61_440)
        #expect(BundleHeader.plaintextByteCounts.count == 19)
        for count in [0, 384, 385, 512, 513, 2048, 2049, 61_440] {
            let header = try BundleHeader(holding: count)
            #expect(header.plaintextByteCount == BundleHeader.plaintextByteCounts.first { $0 >= count })
            #expect(header.encoded.count == BundleHeader.byteCount)
        }
        #expect(throws: BundleError.tooLarge(byteCount: 61_441, limit: 61_440)) { try BundleHeader(holding: 61_441) }
    }

    @Test("more content than the largest size is refused, also where a field outgrows its length")
    func tooLarge() throws {
        let arguments = [String](repeating: String(repeating: "x", count: 1024), count: 64)
        let bundle = try Sample.bundle(container: Sample.container("app", arguments: arguments))
        let byteCount = SignedMessage.payloadOffset + bundle.encoded.count
        #expect(throws: BundleError.tooLarge(byteCount: byteCount, limit: 61_440)) {
            try bundle.seal(from: Sample.issuer, to: Sample.recipient.identity)
        }
    }

    @Test("the same content has the same identifier, and other bytes each time")
    func identifier() throws {
        let one = try Sample.sealed()
        let other = try Sample.sealed()
        #expect(one != other)
        let first = try ClaimedBundle.open(one.span, with: Sample.recipient.openingKey).verified(
            trusting: Sample.issuer.identity
        )
        let second = try ClaimedBundle.open(other.span, with: Sample.recipient.openingKey)
            .verified(trusting: Sample.issuer.identity)
        #expect(first.id == second.id)
        #expect(first.id.description == "15d6f38ee36328003cdcddc34bb64ee8")
    }

    @Test("the identifier differs by recipient, by issuer and by content")
    func differentIdentifiers() throws {
        func id(_ bundle: Bundle, from issuer: IdentityKey, to recipient: IdentityKey) throws -> BundleID {
            let sealed = try bundle.seal(from: issuer, to: recipient.identity)
            return try ClaimedBundle.open(sealed.span, with: recipient.openingKey).verified(trusting: issuer.identity)
                .id
        }
        let ids = [
            try id(Sample.bundle(), from: Sample.issuer, to: Sample.recipient),
            try id(Sample.bundle(), from: Sample.issuer, to: Sample.stranger),
            try id(Sample.bundle(), from: Sample.stranger, to: Sample.recipient),
            try id(Sample.bundle(serial: 2), from: Sample.issuer, to: Sample.recipient),
        ]
        #expect(Set(ids).count == 4)
    }
}
