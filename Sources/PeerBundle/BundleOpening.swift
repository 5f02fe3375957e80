package import Crypto

/// A bundle whose seal opened with this host's key.
///
/// Nobody has shown yet who made it.
package struct ClaimedBundle: ~Copyable, Sendable {
    /// Whom the bundle claims to be from.
    ///
    /// Whether that is true, and whether this host trusts it, is not known.
    package let claimedIssuer: Identity

    private let header: BundleHeader
    private let recipient: Identity
    private let plaintext: SecretBytes
    private let payloadByteCount: Int

    /// Checks the header and the length, opens the seal, and checks the shape of what was in it.
    ///
    /// - Parameters:
    ///   - bytes: A bundle as bytes, see ``BundleText/decode(_:)``.
    ///   - key: The recipient's.
    /// - Returns: What can say whom it claims to be from.
    /// - Throws: Any ``BundleError`` but those of text, issuer and fields.
    package static func open(_ bytes: Span<UInt8>, with key: IdentityKey) throws(BundleError) -> ClaimedBundle {
        let header = try BundleHeader(of: bytes)
        let plaintext: SecretBytes
        do throws(CryptoError) {
            plaintext = try key.open(bytes.extracting(BundleHeader.byteCount...))
        } catch {
            throw .notForThisHost
        }
        let (issuer, payloadByteCount) = try plaintext.withBytes { (bytes) throws(BundleError) in
            try readFrame(of: bytes)
        }
        return ClaimedBundle(
            claimedIssuer: issuer,
            header: header,
            recipient: key.identity,
            plaintext: plaintext,
            payloadByteCount: payloadByteCount
        )
    }

    private static func readFrame(of plaintext: Span<UInt8>) throws(BundleError) -> (Identity, Int) {
        let keysEnd = SignedMessage.signatureByteCount + Identity.keysByteCount
        let count = Int(plaintext[keysEnd]) << 8 | Int(plaintext[keysEnd + 1])
        let end = SignedMessage.payloadOffset + count
        // The shortest plaintext that holds the payload, and zeros after it: one payload has one length.
        guard let shortest = try? BundleHeader(holding: end), shortest.plaintextByteCount == plaintext.count,
            (end..<plaintext.count).allSatisfy({ plaintext[$0] == 0 }),
            let issuer = try? Identity(keys: plaintext.extracting(SignedMessage.signatureByteCount..<keysEnd))
        else { throw .notGenuine }
        return (issuer, count)
    }

    /// Checks that `issuer` made this bundle for this host, then reads it.
    ///
    /// To look into a bundle before there is trust, pass ``claimedIssuer``: that shows the bundle to be signed by the
    /// keys that it carries, and nothing about whose they are. What comes of it must not be applied.
    ///
    /// - Throws: ``BundleError/untrustedIssuer(claimed:)``, ``BundleError/notGenuine``, or, from a genuine issuer,
    ///   ``BundleError/field(_:_:)``.
    package borrowing func verified(trusting issuer: Identity) throws(BundleError) -> VerifiedBundle {
        guard claimedIssuer == issuer else { throw .untrustedIssuer(claimed: claimedIssuer.fingerprint) }
        let payloadByteCount = payloadByteCount
        let prefix =
            SignedMessage.domain + header.encoded + recipient.fingerprint.rawValue.bytes
            + recipient.sealingKey.rawValue.bytes
        return try plaintext.withBytes { (plaintext) throws(BundleError) in
            var message = SecretWriter()
            message.append(prefix)
            message.append(
                plaintext.extracting(
                    SignedMessage.signatureByteCount..<(SignedMessage.payloadOffset + payloadByteCount)
                )
            )
            let id = try message.withBytes { (message) throws(BundleError) in
                do throws(CryptoError) {
                    try issuer.verificationKey.verify(
                        plaintext.extracting(0..<SignedMessage.signatureByteCount),
                        of: message
                    )
                } catch {
                    throw .notGenuine
                }
                return BundleID(ofSignedMessage: message)
            }
            let payload = plaintext.extracting(
                SignedMessage.payloadOffset..<(SignedMessage.payloadOffset + payloadByteCount)
            )
            return VerifiedBundle(bundle: try Bundle(decoding: payload), issuer: issuer, id: id)
        }
    }
}

/// A bundle that `issuer` made for this host; only ``ClaimedBundle/verified(trusting:)`` makes one.
package struct VerifiedBundle: Sendable {
    /// What the issuer signed.
    package let bundle: Bundle
    /// Whose signature it is.
    package let issuer: Identity
    /// What the freshness record remembers.
    package let id: BundleID

    fileprivate init(bundle: Bundle, issuer: Identity, id: BundleID) {
        self.bundle = bundle
        self.issuer = issuer
        self.id = id
    }
}
