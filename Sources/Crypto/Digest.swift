internal import CSodium

/// BLAKE2b digests of public or signed messages, one personalisation for each use.
package enum Digest {
    /// BLAKE2b-128 (`crypto_generichash_blake2b_salt_personal`).
    ///
    /// - Parameters:
    ///   - message: Any length.
    ///   - personalization: 16 ASCII characters, which set this use apart from all others.
    /// - Returns: 16 bytes.
    package static func blake2b128(of message: Span<UInt8>, personalization: String) -> [UInt8] {
        let personalization = Array(personalization.utf8)
        precondition(personalization.count == Int(crypto_generichash_blake2b_PERSONALBYTES))
        Sodium.initialize()
        return unsafe [UInt8](count: 16) { output in
            unsafe message.withPointer { bytes in
                _ = unsafe crypto_generichash_blake2b_salt_personal(
                    output,
                    16,
                    bytes,
                    UInt64(message.count),
                    nil,
                    0,
                    nil,
                    personalization
                )
            }
        }
    }
}
