package import Crypto

extension Bundle {
    /// Signs the bundle, then seals it.
    ///
    /// - Returns: What only the recipient can open.
    /// - Throws: ``BundleError/tooLarge(byteCount:limit:)``.
    package func seal(from issuer: IdentityKey, to recipient: Identity) throws(BundleError) -> [UInt8] {
        var message = SecretWriter()
        return try seal(from: issuer, to: recipient, with: &message)
    }

    /// Signs the bundle, then seals it, in locked memory that serves one bundle after the other.
    ///
    /// - Parameters:
    ///   - issuer: Whose bundle it is.
    ///   - recipient: Whom it is for.
    ///   - message: Holds the plaintext afterwards.
    /// - Returns: What only the recipient can open.
    /// - Throws: ``BundleError/tooLarge(byteCount:limit:)``.
    package func seal(
        from issuer: IdentityKey,
        to recipient: Identity,
        with message: inout SecretWriter
    ) throws(BundleError) -> [UInt8] {
        message.removeAll()
        // What takes their places is as long as the payload says.
        message.append([UInt8](repeating: 0, count: SignedMessage.prefixByteCount))
        message.append(issuer.identity.keys + [0, 0])
        let payloadStart = message.count
        encode(into: &message)
        let payloadByteCount = message.count - payloadStart
        let header = try BundleHeader(holding: SignedMessage.payloadOffset + payloadByteCount)
        message.replace(at: 0, with: SignedMessage.prefix(header, to: recipient))
        message.replace(at: payloadStart - 2, with: UInt16(payloadByteCount).bigEndianBytes)
        let signature = message.withBytes { issuer.sign($0) }

        // The signature goes over the end of the prefix, which is not transmitted, and so before what is.
        let start = SignedMessage.prefixByteCount - SignedMessage.signatureByteCount
        message.replace(at: start, with: signature)
        let end = start + header.plaintextByteCount
        message.append([UInt8](repeating: 0, count: end - message.count))
        return header.encoded + message.withBytes { recipient.sealingKey.seal($0.extracting(start..<end)) }
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

    private static let domain = Array("wgseal/bundle/v1".utf8) + [0]
    static let prefixByteCount = domain.count + BundleHeader.byteCount + 64

    /// Domain, outer header, recipient: a signature for one purpose, size or host is none for another.
    static func prefix(_ header: BundleHeader, to recipient: Identity) -> [UInt8] {
        domain + header.encoded + recipient.fingerprint.rawValue.bytes
            + recipient.sealingKey.rawValue.bytes
    }
}
