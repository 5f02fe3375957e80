import Crypto
import PeerBundle
import TestSupport
import Testing
import WireGuard

/// Everything that a trusted issuer could sign to do harm, on the way that a bundle takes.
@Suite("Hostile payloads")
struct HostilePayloadTests {
    private let target = HostilePayload.Target(
        ownKey: Sample.recipient.identity.wireGuardKey.rawValue.bytes,
        now: Sample.created.seconds
    )
    private let hostPrefixes: [IPPrefix]

    init() throws { hostPrefixes = [try #require(IPPrefix(HostilePayload.hostPrefix))] }

    /// Signs and seals, then opens, verifies and checks.
    ///
    /// - Returns: Why it is refused.
    private func refusal(_ payload: [UInt8], _ issuer: HostilePayload.Issuer) throws -> String? {
        let sealed = Sample.issuer.sealRaw(payload, to: Sample.recipient.identity)
        do {
            let claimed = try ClaimedBundle.open(sealed.span, with: Sample.recipient.openingKey)
            let verified = try claimed.verified(trusting: Sample.issuer.identity)
            _ = try Freshness.check(verified.bundle, id: verified.id, against: nil, now: Sample.created)
            try ContentPolicy.check(
                verified.bundle,
                limits: limits(issuer),
                ownKey: Sample.recipient.identity.wireGuardKey,
                hostPrefixes: hostPrefixes
            )
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func limits(_ issuer: HostilePayload.Issuer) throws -> IssuerLimits {
        switch issuer {
        case .narrow: IssuerLimits()
        case .unlimited: IssuerLimits(shortestPrefixLengthV4: 0, shortestPrefixLengthV6: 0)
        case .wide:
            IssuerLimits(
                shortestPrefixLengthV4: 0,
                shortestPrefixLengthV6: 0,
                allowsDefaultRoute: true,
                allowedImages: [try #require(ImagePattern("nginx"))]
            )
        }
    }

    @Test("are each refused, with a valid signature, by the rule that they break")
    func refused() throws {
        for hostile in HostilePayload.all(for: target) {
            let refusal = try refusal(hostile.payload, hostile.issuer)
            #expect(refusal?.hasPrefix(hostile.refusal) == true, "\(hostile.name): \(refusal ?? "passes")")
        }
    }

    @Test("differ from what is harmless, and from each other, and are at least 300")
    func different() throws {
        for issuer in HostilePayload.Issuer.allCases {
            #expect(try refusal(HostilePayload.harmless(for: target), issuer) == nil)
        }
        let all = HostilePayload.all(for: target)
        #expect(all.count >= 300)
        let signed = Set(all.map { [UInt8($0.issuer.rawValue.utf8.count)] + $0.payload })
        #expect(signed.count == all.count)
        print("hostile payloads: \(all.count)")
    }
}
