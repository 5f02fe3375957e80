import Crypto
import TestSupport
import Testing

@Suite("Private key")
struct PrivateKeyTests {
    @Test("is fresh each time, and clamped as wg genkey clamps")
    func isFresh() {
        let keys = (0..<20).map { _ in PrivateKey() }
        #expect(Set(keys.map(\.publicKey)).count == 20)
        for key in keys {
            key.withBytes { bytes in
                #expect(bytes[0] & 7 == 0)
                #expect(bytes[31] & 0xc0 == 0x40)
            }
        }
    }

    @Test("lends what it took over")
    func lends() throws {
        let key = try PrivateKey(SecretBytes([UInt8](1...32)))
        #expect(key.withBytes(array) == [UInt8](1...32))
    }

    @Test("has 32 bytes", arguments: [0, 31, 33])
    func refusesOtherLengths(count: Int) {
        #expect(throws: CryptoError.length(expected: 32, actual: count)) {
            try PrivateKey(SecretBytes.random(count: count))
        }
    }

    @Test("is not zero, which the kernel takes as no key")
    func refusesZero() {
        #expect(throws: CryptoError.zeroKey) { try PrivateKey(SecretBytes(count: 32)) }
    }
}
