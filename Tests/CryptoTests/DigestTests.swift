import Crypto
import TestSupport
import Testing

@Suite("Digest")
struct DigestTests {
    // hashlib.blake2b(message, digest_size=16, person=b"wgseal.bundle.id") of Python.
    @Test(
        "is BLAKE2b-128 with a personalisation",
        arguments: [([], "8ffda3931dee4ac67bf2cbdb58db5b07"), (Sample.message, "aaa58eb5d422160023546e9cf789557e")]
    )
    func isKnown(message: [UInt8], expected: String) {
        #expect(Digest.blake2b128(of: message.span, personalization: "wgseal.bundle.id") == [UInt8](hex: expected))
    }

    @Test("is another one for another use")
    func separatesUses() {
        let message = Sample.message
        let digests = ["wgseal.bundle.id", "wgseal.bundle.ie"].map {
            Digest.blake2b128(of: message.span, personalization: $0)
        }
        #expect(digests[0] != digests[1])
    }
}
