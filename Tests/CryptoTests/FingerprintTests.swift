import Crypto
import TestSupport
import Testing

@Suite("Fingerprint")
struct FingerprintTests {
    // Python: hashlib.blake2b(b"\x01" + keys, digest_size=32, person=b"wgseal.fprint.v1"), the first 125 bits as one
    // number in base 32. The seed is 32 times the first byte, the WireGuard private key 32 times the second.
    @Test(
        "is BLAKE2b of the identity, 25 characters of it",
        arguments: [
            (1, 65, "5Z3ZF-7HT3P-04YK2-7CQ8X-TSN5R"), (2, 66, "YC0GP-H4EWV-VEZCQ-83Z0T-6WXB4"),
            (3, 67, "AV144-G8JJ3-PQ195-X2HEG-65BWW"),
        ] as [(UInt8, UInt8, String)]
    )
    func isKnown(seed: UInt8, wireGuardKey: UInt8, expected: String) throws {
        let encoded = [1] + [UInt8](repeating: seed, count: 32) + [UInt8](repeating: wireGuardKey, count: 32)
        #expect(try IdentityKey(encoded: encoded.span).identity.fingerprint.description == expected)
    }

    @Test("has 32 bytes behind its 25 characters")
    func isKnownInFull() throws {
        let fingerprint = try Sample.identityKey().identity.fingerprint
        #expect(fingerprint.rawValue.bytes == Sample.fingerprint)
        #expect(fingerprint.description == Sample.fingerprintText)
    }

    // The third of the known fingerprints has ones, the sample zeros.
    @Test(
        "is found in what people type",
        arguments: [
            "AV144-G8JJ3-PQ195-X2HEG-65BWW", "av144-g8jj3-pq195-x2heg-65bww", "AV144G8JJ3PQ195X2HEG65BWW",
            "AVI44-G8JJ3-PQl95-X2HEG-65BWW", "avL44 g8jj3 pqi95 x2heg 65bww", " AV14-4G8JJ3PQ195X2HEG6-5BWW- ",
        ]
    )
    func matchesOnesAsTyped(text: String) throws {
        let encoded = [1] + [UInt8](repeating: 3, count: 32) + [UInt8](repeating: 67, count: 32)
        #expect(try IdentityKey(encoded: encoded.span).identity.fingerprint.matches(text))
        #expect(Fingerprint.isFingerprint(text))
    }

    @Test("takes O for zero", arguments: ["Y93WC-HP3O2-MNCPT-FZ4M3-ZP4Y2", "y93wc-hp3o2-mncpt-fz4m3-zp4y2"])
    func matchesZerosAsTyped(text: String) throws {
        #expect(try Sample.identityKey().identity.fingerprint.matches(text))
    }

    @Test(
        "is not found in less, more or other characters",
        arguments: [
            "", "Y93WC", "Y93WC-HP302-MNCPT-FZ4M3-ZP4Y", "Y93WC-HP302-MNCPT-FZ4M3-ZP4Y22",
            "Y93WC-HP302-MNCPT-FZ4M3-ZP4YU", "Y93WC_HP302_MNCPT_FZ4M3_ZP4Y2", "Y93WC-HP302-MNCPT-FZ4M3-ZP4Y\u{FF12}",
            "Y93WC\nHP302-MNCPT-FZ4M3-ZP4Y2",
        ]
    )
    func refusesOtherText(text: String) throws {
        #expect(try !Sample.identityKey().identity.fingerprint.matches(text))
        #expect(!Fingerprint.isFingerprint(text))
    }

    @Test("notices each single wrong character", arguments: 0..<25)
    func noticesTypos(position: Int) throws {
        let fingerprint = try Sample.identityKey().identity.fingerprint
        let right = Array(Sample.fingerprintText.filter { $0 != "-" })
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" where other != right[position] {
            var wrong = right
            wrong[position] = other
            #expect(!fingerprint.matches(String(wrong)))
            #expect(Fingerprint.isFingerprint(String(wrong)))
        }
    }
}
