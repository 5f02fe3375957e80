import Crypto
import TestSupport
import Testing
import WireGuard

@testable import PeerBundle

/// Opens and verifies, as the recipient that trusts the issuer.
func failure(_ bytes: [UInt8], with key: IdentityKey = Sample.recipient) -> BundleError? {
    do throws(BundleError) {
        _ = try ClaimedBundle.open(bytes.span, with: key.openingKey).verified(trusting: Sample.issuer.identity)
        return nil
    } catch {
        return error
    }
}

/// What is in the seal.
func plaintext(of sealed: [UInt8]) throws -> [UInt8] {
    try Sample.recipient.openingKey.open(sealed.span.extracting(8...)).withBytes { bytes in
        bytes.indices.map { bytes[$0] }
    }
}

/// A sealed box of any plaintext, behind the header of its length.
func seal(_ plaintext: [UInt8], to recipient: IdentityKey = Sample.recipient) -> [UInt8] {
    let box = recipient.identity.sealingKey.seal(plaintext.span)
    return Array("WGSB".utf8) + [1, 1] + UInt16(box.count).bigEndianBytes + box
}

/// Signs and seals a payload as anybody could who has the issuer's key, with a part of it replaced.
private func forge(
    _ payload: [UInt8],
    domain: String = "wgseal/bundle/v1\0",
    header: [UInt8]? = nil,
    signedRecipient: Identity = Sample.recipient.identity,
    size: Int = 384
) -> [UInt8] {
    let keys = Sample.issuer.identity.keys
    let count = UInt16(payload.count).bigEndianBytes
    let message =
        Array(domain.utf8) + (header ?? Array("WGSB".utf8) + [1, 1] + UInt16(size + 48).bigEndianBytes)
        + signedRecipient.fingerprint.rawValue.bytes + signedRecipient.sealingKey.rawValue.bytes + keys + count
        + payload
    let content = Sample.issuer.sign(message.span) + keys + count + payload
    return seal(content + [UInt8](repeating: 0, count: size - content.count))
}

@Suite("Bundle opening")
struct BundleOpeningTests {
    @Test("takes a bundle that was put together by hand from the format's description")
    func byHand() throws {
        #expect(failure(forge(try Sample.bundle().encoded)) == nil)
    }

    @Test("refuses a bundle for another host, also when the one that it is for seals it again")
    func otherRecipient() throws {
        let sealed = try Sample.sealed()
        #expect(failure(sealed, with: Sample.stranger) == .notForThisHost)
        let resealed = seal(try plaintext(of: sealed), to: Sample.stranger)
        #expect(failure(resealed, with: Sample.stranger) == .notGenuine)
    }

    @Test("refuses an issuer that is not the trusted one, before looking at the signature")
    func otherIssuer() throws {
        let sealed = try Sample.bundle().seal(from: Sample.stranger, to: Sample.recipient.identity)
        #expect(failure(sealed) == .untrustedIssuer(claimed: Sample.stranger.identity.fingerprint))
        var content = try plaintext(of: sealed)
        content[0] ^= 1
        #expect(failure(seal(content)) == .untrustedIssuer(claimed: Sample.stranger.identity.fingerprint))
    }

    @Test("refuses the trusted issuer's keys over somebody else's signature")
    func stolenKeys() throws {
        var content = try plaintext(of: Sample.bundle().seal(from: Sample.stranger, to: Sample.recipient.identity))
        content.replaceSubrange(64..<160, with: Sample.issuer.identity.keys)
        #expect(failure(seal(content)) == .notGenuine)
    }

    @Test("trust in an issuer is trust in all three of its keys")
    func oneKeyOfThree() throws {
        var content = try plaintext(of: Sample.sealed())
        content.replaceSubrange(128..<160, with: Sample.stranger.identity.wireGuardKey.rawValue.bytes)
        guard case .untrustedIssuer = failure(seal(content)) else {
            Issue.record("taken")
            return
        }
    }

    @Test("shows what a bundle claims before there is trust, if it is signed as it claims")
    func inspection() throws {
        let sealed = try Sample.bundle().seal(from: Sample.stranger, to: Sample.recipient.identity)
        let claimed = try ClaimedBundle.open(sealed.span, with: Sample.recipient.openingKey)
        #expect(try claimed.verified(trusting: claimed.claimedIssuer).issuer == Sample.stranger.identity)
        var content = try plaintext(of: sealed)
        content[200] ^= 1
        let changed = try ClaimedBundle.open(seal(content).span, with: Sample.recipient.openingKey)
        #expect(throws: BundleError.notGenuine) { try changed.verified(trusting: changed.claimedIssuer) }
    }

    @Test("refuses a signature of another domain, header or recipient")
    func otherMessages() throws {
        let payload = try Sample.bundle().encoded
        #expect(failure(forge(payload, domain: "wgseal/bundle/v2\0")) == .notGenuine)
        #expect(failure(forge(payload, domain: "wgseal/rotate/v1\0")) == .notGenuine)
        #expect(failure(forge(payload, domain: "wgseal/bundle/v1")) == .notGenuine)
        #expect(failure(forge(payload, domain: "")) == .notGenuine)
        // Whatever else this package hashes or derives begins with one of these.
        let sources = try SourceTree.files(under: "Sources").map(\.text)
        let domains = Set(sources.flatMap { $0.matches(of: #/"(wgseal[a-z0-9.\/]+)"/#).map { String($0.1) } })
        #expect(domains.isSuperset(of: ["wgseal/bundle/v1", "wgseal.bundle.id", "wgseal.fprint.v1", "wgsealid"]))
        for domain in domains.subtracting(["wgseal/bundle/v1"]) {
            #expect(failure(forge(payload, domain: domain)) == .notGenuine)
            #expect(failure(forge(payload, domain: domain + "\0")) == .notGenuine)
        }
        print("signed under another domain: \(2 * domains.count + 2) refused")
        #expect(failure(forge(payload, header: Array("WGSB".utf8) + [2, 1, 1, 0xb0])) == .notGenuine)
        #expect(failure(forge(payload, header: Array("WGSB".utf8) + [1, 2, 1, 0xb0])) == .notGenuine)
        #expect(failure(forge(payload, signedRecipient: Sample.stranger.identity)) == .notGenuine)
    }

    @Test("refuses more padding than needed, even if it is signed")
    func longPadding() throws {
        #expect(failure(forge(try Sample.bundle().encoded, size: 512)) == .notGenuine)
    }

    @Test("refuses a payload longer than the plaintext, and keys that are none")
    func lyingFrames() throws {
        let content = try plaintext(of: Sample.sealed())
        for count in [0, 223, 350, 61_278, 65_535] {
            var changed = content
            changed.replaceSubrange(160..<162, with: UInt16(count).bigEndianBytes)
            #expect(failure(seal(changed)) == .notGenuine)
        }
        for key in 0..<3 {
            var changed = content
            changed.replaceSubrange(64 + 32 * key..<96 + 32 * key, with: [UInt8](repeating: 0, count: 32))
            #expect(failure(seal(changed)) == .notGenuine)
        }
    }

    @Test("names the field once the issuer is known to be genuine")
    func genuineNonsense() throws {
        #expect(failure(forge([0x99, 0, 0])) == .field("tag 153", .unknown))
        #expect(failure(forge([])) == .field("network-id", .missing))
        #expect(failure(forge(try Sample.bundle().encoded + [0x41, 0, 0])) == .field("tag 65", .unknown))
    }

    @Test(
        "errors read as one line",
        arguments: [
            (.notABundle, "not a bundle"), (.armor(line: 3), "the bundle's text is damaged in line 3"),
            (.base64, "the bundle's text is damaged"),
            (.base45(position: 4), "the bundle's text is damaged at character 4 after WGS1:"),
            (.version(2), "bundle version 2 is not known to this release"),
            (.suite(2), "the bundle is sealed in way 2, which is not known to this release"),
            (.length(expected: 440, actual: 100), "the bundle is cut off: 100 of 440 bytes"),
            (.length(expected: 440, actual: 441), "the bundle has 441 bytes where it should end after 440"),
            (.header, "the bundle's header is damaged"),
            (.notForThisHost, "the bundle is sealed to another host, or damaged"),
            (.notGenuine, "the bundle is not genuine"),
            (
                .untrustedIssuer(claimed: Sample.issuer.identity.fingerprint),
                "the bundle's issuer is not trusted: it claims to be \(Sample.issuer.identity.fingerprint)"
            ),
            (.field("mtu", .value(mustBe: "1280 to 9000")), "bundle field mtu: must be 1280 to 9000"),
            (.field("peer", .count(limit: 256)), "bundle field peer: more than 256"),
            (.field("epoch", .missing), "bundle field epoch: missing"),
            (.field("epoch", .repeated), "bundle field epoch: more than once"),
            (.field("epoch", .order), "bundle field epoch: out of order"),
            (.field("tag 9", .unknown), "bundle field tag 9: not known to this version"),
            (.field("epoch", .length), "bundle field epoch: wrong length"),
            (.tooLarge(byteCount: 70_000, limit: 61_440), "the bundle would hold 70000 bytes, more than 61440"),
        ] as [(BundleError, String)]
    )
    func texts(error: BundleError, text: String) {
        #expect("\(error)" == text)
    }
}
