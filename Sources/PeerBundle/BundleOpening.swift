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
    private let payload: Range<Int>

    /// Checks the header and the length, opens the seal, and checks the shape of what was in it.
    ///
    /// - Parameters:
    ///   - bytes: A bundle as bytes, see ``BundleText/decode(_:)``.
    ///   - key: The recipient's.
    /// - Returns: What can say whom it claims to be from.
    /// - Throws: Any ``BundleError`` but those of text, issuer and fields.
    package static func open(_ bytes: Span<UInt8>, with key: OpeningKey) throws(BundleError) -> ClaimedBundle {
        _ = try BundleHeader(of: bytes)
        let plaintext: SecretBytes
        do throws(CryptoError) {
            plaintext = try key.open(bytes.extracting(BundleHeader.byteCount...))
        } catch {
            throw .notForThisHost
        }
        return try ClaimedBundle(plaintext: plaintext, recipient: key.identity)
    }

    /// Takes what was in the seal of a bundle, and checks its shape.
    ///
    /// - Parameters:
    ///   - plaintext: What another process opened with the recipient's key, and lent by ``withPlaintext(_:)``.
    ///   - recipient: Whose key opened it.
    /// - Throws: ``BundleError/notGenuine``, or ``BundleError/tooLarge(byteCount:limit:)``.
    package init(plaintext: consuming SecretBytes, recipient: Identity) throws(BundleError) {
        let header = try BundleHeader(holding: plaintext.count)
        let frame = try plaintext.withBytes { (bytes) throws(BundleError) in try Self.readFrame(of: bytes) }
        self.header = header
        (claimedIssuer, payload) = frame
        self.recipient = recipient
        self.plaintext = plaintext
    }

    /// Lends what was in the seal.
    package borrowing func withPlaintext<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try plaintext.withBytes(body)
    }

    private static func readFrame(of plaintext: Span<UInt8>) throws(BundleError) -> (Identity, Range<Int>) {
        let start = SignedMessage.payloadOffset
        guard plaintext.count >= start else { throw .notGenuine }
        let end = start + (Int(plaintext[start - 2]) << 8 | Int(plaintext[start - 1]))
        // The shortest plaintext that holds the payload, and zeros after it: one payload has one length.
        guard let shortest = try? BundleHeader(holding: end), shortest.plaintextByteCount == plaintext.count,
            (end..<plaintext.count).allSatisfy({ plaintext[$0] == 0 }),
            let issuer = try? Identity(keys: plaintext.extracting(SignedMessage.keys))
        else { throw .notGenuine }
        return (issuer, start..<end)
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
        let payload = payload
        let prefix = SignedMessage.prefix(header, to: recipient)
        return try plaintext.withBytes { (plaintext) throws(BundleError) in
            var message = SecretWriter()
            message.append(prefix)
            message.append(plaintext.extracting(SignedMessage.keys.lowerBound..<payload.upperBound))
            let signature = plaintext.extracting(0..<SignedMessage.signatureByteCount)
            let id = try message.withBytes { (message) throws(BundleError) in
                do throws(CryptoError) {
                    try issuer.verificationKey.verify(signature, of: message)
                } catch {
                    throw .notGenuine
                }
                return BundleID(ofSignedMessage: message)
            }
            let bundle = try Bundle(decoding: plaintext.extracting(payload))
            return VerifiedBundle(bundle: bundle, issuer: issuer, id: id)
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
