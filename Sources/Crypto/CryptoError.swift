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
    /// The passphrase is not the one that the key was encrypted with.
    case passphrase
    /// A new passphrase of no characters.
    case emptyPassphrase
    /// The encrypted key was changed, though the passphrase is right.
    case container
    /// The encrypted key has a version that this one does not know.
    case containerVersion(UInt8)
    /// The passphrase is to be turned into a key in a way that this version does not know.
    case keyDerivation(UInt8)
    /// To try a passphrase would take more time or memory than anybody has a reason to ask for, or too little.
    case passphraseCost(passCount: UInt32, memoryKibibytes: UInt32)
    /// There is no memory to try a passphrase with.
    case outOfMemory(kibibytes: UInt32)
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
        case .passphrase: "the passphrase is wrong"
        case .emptyPassphrase: "the new passphrase is empty"
        case .container: "the encrypted key is damaged"
        case .containerVersion(let version): "version \(version) of encrypted keys is not known to this version"
        case .keyDerivation(let number): "key derivation \(number) is not known to this version"
        case .passphraseCost(let passCount, let memory):
            "the passphrase would take \(passCount) passes over \(memory) KiB, and the limits are 1 to 8 over 8 to 2097152"
        case .outOfMemory(let memory): "no memory to try the passphrase with, which takes \(memory) KiB"
        }
    }
}
