package import Crypto

extension Bundle {
    /// Signs the bundle, then seals it.
    ///
    /// - Returns: What only the recipient can open.
    /// - Throws: ``BundleError/tooLarge(byteCount:limit:)``.
    package func seal(from issuer: IdentityKey, to recipient: Identity) throws(BundleError) -> [UInt8] {
        var message = SecretWriter()
        message.append(SignedMessage.domain)
        let headerOffset = message.count
        message.append([UInt8](repeating: 0, count: BundleHeader.byteCount))
        message.append(recipient.fingerprint.rawValue.bytes + recipient.sealingKey.rawValue.bytes)
        let sharedOffset = message.count
        message.append(issuer.identity.keys + [0, 0])
        let payloadOffset = message.count
        encode(into: &message)

        let sharedByteCount = message.count - sharedOffset
        let header = try BundleHeader(holding: SignedMessage.signatureByteCount + sharedByteCount)
        message.replace(at: headerOffset, with: header.encoded)
        message.replace(at: payloadOffset - 2, with: UInt16(message.count - payloadOffset).bigEndianBytes)

        let signature = message.withBytes { issuer.sign($0) }
        var plaintext = SecretBytes(count: header.plaintextByteCount)
        plaintext.withMutableBytes { target in
            for index in signature.indices { target[index] = signature[index] }
            message.withBytes { message in
                for index in 0..<sharedByteCount { target[signature.count + index] = message[sharedOffset + index] }
            }
        }
        return header.encoded + recipient.sealingKey.seal(plaintext)
    }
}

/// What an issuer signs, and a recipient builds again from its own keys; it is never transmitted as a whole.
///
/// Domain, outer header, recipient's fingerprint and sealing key; then what the plaintext has after its signature too:
/// the issuer's three keys, the payload's length, the payload.
enum SignedMessage {
    static let domain = Array("wgseal/bundle/v1".utf8) + [0]
    static let signatureByteCount = 64
    /// From the start of the plaintext to the payload.
    static let payloadOffset = signatureByteCount + Identity.keysByteCount + 2
}
