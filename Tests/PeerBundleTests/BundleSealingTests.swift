import Crypto
import PeerBundle
import Testing
import WireGuard

@Suite("Bundle sealing")
struct BundleSealingTests {
    @Test("what one host seals, the other opens, and nobody else")
    func story() throws {
        let issuer = IdentityKey()
        let recipient = IdentityKey()
        let bundle = try Bundle(
            networkID: #require(NetworkID("000102030405060708090a0b0c0d0e0f")),
            networkName: #require(Name("default")),
            epoch: 0,
            serial: 1,
            created: UnixTime(seconds: 1_767_225_600),
            notAfter: UnixTime(seconds: 1_767_225_600 + 90 * 86_400),
            addresses: [#require(InterfaceAddress("10.0.0.2/24"))],
            peers: [
                PeerConfiguration(
                    publicKey: issuer.identity.wireGuardKey,
                    name: #require(Name("server")),
                    presharedKey: PresharedKey(SecretBytes.random(count: 32)),
                    endpoints: [#require(Endpoint("192.0.2.1", defaultPort: 51820))],
                    allowedAddresses: [#require(IPPrefix("10.0.0.0/24"))],
                    keepaliveSeconds: 25
                )
            ]
        )
        let sealed = try bundle.seal(from: issuer, to: Identity(text: recipient.identity.text))
        #expect(sealed.count == 8 + 48 + 384)
        let bytes = try BundleText.decode(Array(BundleText.armor(sealed.span).utf8))
        let claimed = try ClaimedBundle.open(bytes.span, with: recipient)
        #expect(claimed.claimedIssuer == issuer.identity)
        let verified = try claimed.verified(trusting: issuer.identity)
        #expect(verified.bundle.networkName == bundle.networkName)
        let secret = recipient.secretText()
        let again = try secret.withBytes { try IdentityKey.read(secretText: $0) }
        #expect(again.identity == recipient.identity)
    }
}
