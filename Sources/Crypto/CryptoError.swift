/// What this module refuses.
///
/// No case carries key material.
package enum CryptoError: Error, Equatable {
    /// The input does not have the length of what it should be, in bytes.
    case length(expected: Int, actual: Int)
    /// The text is not canonical base64 or hexadecimal of the right length.
    case encoding
    /// A public key that is not the one encoding of a point, or of a point of low order: any secret would do with it.
    case weakKey(KeyRole)
    /// A private or preshared key of 32 zero bytes, which WireGuard takes as "no key".
    case zeroKey
    /// The sealed box was not made for this key, or was changed.
    case notForThisKey
    /// The signature was not made by this key over this message.
    case signature
    /// The three check bytes of an identity do not belong to its keys.
    case fingerprint
    /// The identity has a type that this version does not know.
    case identityType(UInt8)
}

/// What a key is for: each role has a key pair of its own.
package enum KeyRole: String, Sendable {
    /// Ed25519, for signatures.
    case signing
    /// X25519, for sealed boxes.
    case sealing
    /// X25519, for tunnels.
    case wireGuard = "WireGuard"
}

extension CryptoError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .length(let expected, let actual): "expected \(expected) bytes, found \(actual)"
        case .encoding: "not the canonical encoding of a key"
        case .weakKey(let role): "the \(role.rawValue) key is not a usable public key"
        case .zeroKey: "a key of zero bytes is no key"
        case .notForThisKey: "sealed to another host, or damaged"
        case .signature: "the signature does not match"
        case .fingerprint: "the check bytes do not match the keys"
        case .identityType(let type): "identity type \(type) is not known to this version"
        }
    }
}
