internal import CSodium

/// What it costs to try one passphrase: Argon2id, version 1.3, with one lane (RFC 9106).
///
/// There is no cost outside the limits, so what a file asks for is checked before any memory is taken for it.
package struct PassphraseCost: Hashable, Sendable {
    /// How often the memory is passed over: 1 to 8.
    package let passCount: UInt32
    /// The memory, in KiB: 8 to 2,097,152, which are 2 GiB.
    package let memoryKibibytes: UInt32

    /// Three passes over 256 MiB, about half a second (`crypto_pwhash_OPSLIMIT_MODERATE`,
    /// `crypto_pwhash_MEMLIMIT_MODERATE`).
    package static let standard = PassphraseCost(uncheckedPassCount: 3, memoryKibibytes: 262_144)

    /// - Throws: ``CryptoError/passphraseCost(passCount:memoryKibibytes:)`` outside the limits.
    package init(passCount: UInt32, memoryKibibytes: UInt32) throws(CryptoError) {
        guard (1...8).contains(passCount), (8...2_097_152).contains(memoryKibibytes) else {
            throw .passphraseCost(passCount: passCount, memoryKibibytes: memoryKibibytes)
        }
        self.init(uncheckedPassCount: passCount, memoryKibibytes: memoryKibibytes)
    }

    private init(uncheckedPassCount passCount: UInt32, memoryKibibytes: UInt32) {
        self.passCount = passCount
        self.memoryKibibytes = memoryKibibytes
    }

    /// Derives a secret from a passphrase (`crypto_pwhash`).
    ///
    /// - Parameters:
    ///   - byteCount: 16 or more.
    ///   - passphrase: Any bytes.
    ///   - salt: 16 bytes.
    /// - Returns: As many bytes as were asked for.
    /// - Throws: ``CryptoError/outOfMemory(kibibytes:)``, the one thing that can still go wrong; it is never tried again
    ///   with less.
    func derive(
        byteCount: Int,
        from passphrase: borrowing SecretBytes,
        salt: [UInt8]
    ) throws(CryptoError) -> SecretBytes {
        Sodium.initialize()
        precondition(salt.count == Int(crypto_pwhash_SALTBYTES))
        var derived = SecretBytes(count: byteCount)
        let length = passphrase.count
        let status = unsafe derived.withMutablePointer { output in
            unsafe passphrase.withPointer { passphrase in
                unsafe passphrase.withMemoryRebound(to: CChar.self, capacity: length) { passphrase in
                    unsafe crypto_pwhash(
                        output,
                        UInt64(byteCount),
                        passphrase,
                        UInt64(length),
                        salt,
                        UInt64(passCount),
                        Int(memoryKibibytes) * 1024,
                        crypto_pwhash_ALG_ARGON2ID13
                    )
                }
            }
        }
        guard status == 0 else { throw .outOfMemory(kibibytes: memoryKibibytes) }
        return derived
    }
}
