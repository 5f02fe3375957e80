internal import CSodium

/// Base64 and hexadecimal, by libsodium's encoders, whose time does not depend on the bytes.
package enum KeyEncoding {
    /// The 44 characters of standard base64 for 32 public bytes.
    package static func base64(_ key: Bytes32) -> String { base64(key.bytes.span) }

    /// Standard base64 for public bytes, in one line (`sodium_bin2base64`).
    package static func base64(_ bytes: Span<UInt8>) -> String {
        let terminatedCount = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
        let characters = unsafe [UInt8](count: terminatedCount) { output in
            unsafe bytes.withPointer { source in
                _ = unsafe output.withMemoryRebound(to: CChar.self, capacity: terminatedCount) { output in
                    unsafe sodium_bin2base64(
                        output,
                        terminatedCount,
                        source,
                        bytes.count,
                        sodium_base64_VARIANT_ORIGINAL
                    )
                }
            }
        }
        return String(decoding: characters.dropLast(), as: UTF8.self)
    }

    /// Reads canonical standard base64 of public bytes, in one line.
    ///
    /// - Throws: ``CryptoError/encoding`` (`sodium_base642bin`).
    package static func bytes(base64 text: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        guard isASCII(text) else { throw .encoding }
        let capacity = text.count / 4 * 3
        var written = 0
        var status: CInt = 0
        // At least one byte of room, as an array of none has no address.
        let output = unsafe [UInt8](count: capacity + 1) { output in
            status = unsafe text.withPointer { characters in
                unsafe characters.withMemoryRebound(to: CChar.self, capacity: text.count) { characters in
                    unsafe sodium_base642bin(
                        output,
                        capacity,
                        characters,
                        text.count,
                        nil,
                        &written,
                        nil,
                        sodium_base64_VARIANT_ORIGINAL
                    )
                }
            }
        }
        guard status == 0 else { throw .encoding }
        return Array(output.prefix(written))
    }

    /// Reads 44 characters of canonical standard base64 of public bytes.
    ///
    /// - Throws: ``CryptoError/encoding``.
    package static func bytes32(base64 text: String) throws(CryptoError) -> Bytes32 {
        let text = Array(text.utf8)
        let bytes = try bytes(base64: text.span)
        guard let key = Bytes32(bytes.span) else { throw .encoding }
        return key
    }

    /// Reads 44 characters of canonical standard base64 without leaving a copy of the key.
    ///
    /// - Parameter text: Exactly 44 ASCII characters.
    /// - Returns: 32 bytes.
    /// - Throws: ``CryptoError/encoding`` (`sodium_base642bin`, which refuses stray bits after the last byte).
    package static func secretBytes(base64 text: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        guard text.count == 44, isASCII(text) else { throw .encoding }
        var output = SecretBytes(count: 32)
        var written = 0
        let status = unsafe output.withMutablePointer { output in
            unsafe text.withPointer { characters in
                unsafe characters.withMemoryRebound(to: CChar.self, capacity: text.count) { characters in
                    unsafe sodium_base642bin(
                        output,
                        32,
                        characters,
                        text.count,
                        nil,
                        &written,
                        nil,
                        sodium_base64_VARIANT_ORIGINAL
                    )
                }
            }
        }
        guard status == 0, written == 32 else { throw .encoding }
        return output
    }

    /// Reads 64 hexadecimal characters without leaving a copy of the key.
    ///
    /// - Parameter text: Exactly 64 ASCII characters, of either case.
    /// - Returns: 32 bytes.
    /// - Throws: ``CryptoError/encoding`` (`sodium_hex2bin`).
    package static func secretBytes(hexadecimal text: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        guard text.count == 64, isASCII(text) else { throw .encoding }
        var output = SecretBytes(count: 32)
        var written = 0
        let status = unsafe output.withMutablePointer { output in
            unsafe text.withPointer { characters in
                unsafe characters.withMemoryRebound(to: CChar.self, capacity: text.count) { characters in
                    unsafe sodium_hex2bin(output, 32, characters, text.count, nil, &written, nil)
                }
            }
        }
        guard status == 0, written == 32 else { throw .encoding }
        return output
    }

    /// `sodium_base642bin` of libsodium 1.0.18 takes some bytes above 127 for characters of the alphabet.
    private static func isASCII(_ text: Span<UInt8>) -> Bool {
        text.indices.reduce(0) { $0 | text[$1] } < 0x80
    }
}
