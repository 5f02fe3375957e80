package import Crypto

extension Bundle {
    /// Signs the bundle, then seals it.
    ///
    /// - Returns: What only the recipient can open.
    /// - Throws: ``BundleError/tooLarge(byteCount:limit:)``.
    package func seal(from issuer: IdentityKey, to recipient: Identity) throws(BundleError) -> [UInt8] {
        var payload = SecretWriter()
        encode(into: &payload)
        let header = try BundleHeader(holding: SignedMessage.payloadOffset + payload.count)

        var message = SecretWriter()
        message.append(SignedMessage.prefix(header, to: recipient))
        let transmitted = message.count
        message.append(issuer.identity.keys + UInt16(payload.count).bigEndianBytes)
        payload.withBytes { message.append($0) }
        let signature = message.withBytes { issuer.sign($0) }

        var plaintext = SecretBytes(count: header.plaintextByteCount)
        plaintext.withMutableBytes { target in
            for index in signature.indices { target[index] = signature[index] }
            message.withBytes { message in
                for index in transmitted..<message.count {
                    target[signature.count + index - transmitted] = message[index]
                }
            }
        }
        return header.encoded + recipient.sealingKey.seal(plaintext)
    }
}

/// What an issuer signs, and a recipient builds again from its own keys.
///
/// First the prefix, which is not transmitted; then what follows the signature in the plaintext: the issuer's three keys,
/// the payload's length, the payload.
enum SignedMessage {
    static let signatureByteCount = 64
    static let keys = signatureByteCount..<(signatureByteCount + Identity.keysByteCount)
    /// From the start of the plaintext, in bytes.
    static let payloadOffset = keys.upperBound + 2

    /// Domain, outer header, recipient: a signature for one purpose, size or host is none for another.
    static func prefix(_ header: BundleHeader, to recipient: Identity) -> [UInt8] {
        Array("wgseal/bundle/v1".utf8) + [0] + header.encoded + recipient.fingerprint.rawValue.bytes
            + recipient.sealingKey.rawValue.bytes
    }
}
