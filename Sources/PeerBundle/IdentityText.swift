package import Crypto

private let identityPrefix = "wgid"
private let secretPrefix = "wgid-secret-"
private let encryptedPrefix = "wgid-encrypted-"

extension Identity {
    /// The identity as one string: `wgid1…`, 171 characters of bech32m over ``encoded``.
    ///
    /// In upper case it is as valid, and takes less room in a QR code.
    package var text: String {
        var characters = [UInt8](
            repeating: 0,
            count: Bech32m.characterCount(prefix: identityPrefix, byteCount: Self.encodedByteCount)
        )
        var target = characters.mutableSpan
        Bech32m.encode(encoded.span, prefix: identityPrefix, into: &target)
        return String(decoding: characters, as: UTF8.self)
    }

    /// Reads ``text``, in lower or upper case, with nothing before or after it.
    ///
    /// - Parameters:
    ///   - text: From whomever.
    ///   - isRecorded: Whether this host has read it before, and kept it where nobody else can write.
    /// - Throws: Where the text is something else that people mix up with an identity, an error that says what it is.
    package init(text: String, isRecorded: Bool = false) throws(IdentityTextError) {
        var encoded = [UInt8](repeating: 0, count: Self.encodedByteCount)
        do throws(Bech32mError) {
            var target = encoded.mutableSpan
            try Bech32m.decode(Array(text.utf8).span, prefix: identityPrefix, into: &target)
        } catch {
            // The name of a file with a 1 in it could be a damaged text with another prefix, but is not.
            let isMeant = text.lowercased().contains("\(identityPrefix)1")
            throw IdentityTextError(recognising: text) ?? (isMeant ? IdentityTextError(error) : .notAnIdentity)
        }
        do throws(CryptoError) {
            try self.init(encoded: encoded.span, isRecorded: isRecorded)
        } catch {
            throw .content(error)
        }
    }
}

extension IdentityKey {
    /// The secret half as one string: `WGID-SECRET-1…`, 123 characters of bech32m in upper case.
    package func secretText() -> SecretBytes {
        let count = Bech32m.characterCount(prefix: secretPrefix, byteCount: Self.encodedByteCount)
        var text = SecretBytes(count: count)
        withEncoded { encoded in
            text.withMutableBytes { target in
                Bech32m.encode(encoded, prefix: secretPrefix, into: &target)
                for index in target.indices { target[index] = target[index].uppercased }
            }
        }
        return text
    }

    /// Reads ``secretText()``, in upper or lower case, with nothing before or after it.
    ///
    /// - Throws: An error that holds no character of the text.
    package static func read(secretText text: Span<UInt8>) throws(IdentityTextError) -> IdentityKey {
        var encoded = SecretBytes(count: encodedByteCount)
        do throws(Bech32mError) {
            try encoded.withMutableBytes { (target) throws(Bech32mError) in
                try Bech32m.decode(text, prefix: secretPrefix, into: &target)
            }
        } catch {
            throw error == .prefix ? .notASecretIdentity : IdentityTextError(error)
        }
        do throws(CryptoError) {
            return try encoded.withBytes { (bytes) throws(CryptoError) in try IdentityKey(encoded: bytes) }
        } catch {
            throw .content(error)
        }
    }
}

extension EncryptedIdentityKey {
    /// The encrypted secret half as one string: `WGID-ENCRYPTED-1…`, 443 characters of bech32m in upper case.
    package var text: String {
        var characters = [UInt8](
            repeating: 0,
            count: Bech32m.characterCount(prefix: encryptedPrefix, byteCount: Self.encodedByteCount)
        )
        var target = characters.mutableSpan
        Bech32m.encode(encoded.span, prefix: encryptedPrefix, into: &target)
        return String(decoding: characters.map(\.uppercased), as: UTF8.self)
    }

    /// Reads ``text``, in upper or lower case, with nothing before or after it.
    ///
    /// - Throws: ``IdentityTextError/notASecretIdentity`` for a text that starts otherwise.
    package init(text: Span<UInt8>) throws(IdentityTextError) {
        var encoded = [UInt8](repeating: 0, count: Self.encodedByteCount)
        do throws(Bech32mError) {
            var target = encoded.mutableSpan
            try Bech32m.decode(text, prefix: encryptedPrefix, into: &target)
        } catch {
            throw error == .prefix ? .notASecretIdentity : IdentityTextError(error)
        }
        do throws(CryptoError) {
            try self.init(encoded: encoded.span)
        } catch {
            throw .content(error)
        }
    }

    /// Tells whether a text is meant to be ``text``, or is one that is damaged.
    package static func isMeant(by text: Span<UInt8>) -> Bool {
        let start = Array("\(encryptedPrefix)1".utf8)
        return text.count >= start.count && start.indices.allSatisfy { text[$0].lowercased == start[$0] }
    }
}

/// Why a text is not an identity.
///
/// No case carries a part of the text, which may be a secret pasted by mistake.
package enum IdentityTextError: Error, Equatable {
    /// A bare WireGuard key, public or private: it can't check a signature, and nothing tells a mistyped one.
    case wireGuardKey
    case fingerprint
    case ageKey
    case sshKey
    /// The secret half of an identity.
    case secretIdentity
    case notAnIdentity
    /// Expected the secret half.
    case notASecretIdentity
    case mixedCase
    case length
    /// The position of a character that no identity has, from 1.
    case character(Int)
    case checksum
    /// The checksum is right, and what it protects is not an identity of this version.
    case content(CryptoError)
}

extension IdentityTextError {
    fileprivate init(_ error: Bech32mError) {
        switch error {
        case .prefix: self = .notAnIdentity
        case .character(let index): self = .character(index + 1)
        case .mixedCase: self = .mixedCase
        case .length: self = .length
        case .checksum, .padding: self = .checksum
        }
    }

    fileprivate init?(recognising text: String) {
        let lowercased = text.lowercased()
        if lowercased.hasPrefix("\(secretPrefix)1") || lowercased.hasPrefix("\(encryptedPrefix)1") {
            self = .secretIdentity
        } else if (try? KeyEncoding.bytes32(base64: text)) != nil {
            self = .wireGuardKey
        } else if Fingerprint.isFingerprint(text) {
            self = .fingerprint
        } else if lowercased.hasPrefix("age1") || lowercased.hasPrefix("age-secret-key-") {
            self = .ageKey
        } else if ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].contains(where: lowercased.hasPrefix) {
            self = .sshKey
        } else {
            return nil
        }
    }
}

extension IdentityTextError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wireGuardKey: "a WireGuard key is not an identity"
        case .fingerprint: "a fingerprint is not an identity"
        case .ageKey: "an age key is not an identity"
        case .sshKey: "an SSH key is not an identity"
        case .secretIdentity: "the secret half of an identity was given where the public half belongs"
        case .notAnIdentity: "not an identity, which starts with wgid1"
        case .notASecretIdentity:
            "not the secret half of an identity, which starts with WGID-SECRET-1 or WGID-ENCRYPTED-1"
        case .mixedCase: "the identity mixes upper and lower case"
        case .length: "the identity has the wrong length"
        case .character(let position): "the identity has a wrong character at position \(position)"
        case .checksum: "the identity has a wrong character somewhere: its checksum does not match"
        case .content(let error): "the identity is not usable: \(error)"
        }
    }
}
