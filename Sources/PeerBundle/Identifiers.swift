internal import Crypto

/// What tells one network of an issuer from the others: 16 random bytes that never change.
package struct NetworkID: Hashable, Sendable {
    let number: UInt128

    /// The length in bytes.
    package static let byteCount = 16

    /// - Returns: `nil` if `bytes` are not 16.
    package init?(_ bytes: Span<UInt8>) {
        guard let number = UInt128(bigEndian: bytes) else { return nil }
        self.number = number
    }

    /// The 16 bytes.
    package var bytes: [UInt8] { number.bigEndianBytes }
}

/// What tells one bundle from all others: BLAKE2b-128 of the message that its issuer signed.
///
/// The same content for the same recipient has the same identifier, however often it is sealed.
package struct BundleID: Hashable, Sendable {
    let number: UInt128

    /// The length in bytes.
    package static let byteCount = 16

    /// - Returns: `nil` if `bytes` are not 16.
    package init?(_ bytes: Span<UInt8>) {
        guard let number = UInt128(bigEndian: bytes) else { return nil }
        self.number = number
    }

    /// The 16 bytes.
    package var bytes: [UInt8] { number.bigEndianBytes }
}

extension NetworkID: LosslessStringConvertible {
    /// 32 lower-case hexadecimal digits.
    package var description: String { number.hexadecimal }

    /// Reads ``description``.
    package init?(_ text: String) {
        guard let number = UInt128(hexadecimal: text) else { return nil }
        self.number = number
    }
}

extension BundleID: LosslessStringConvertible {
    /// 32 lower-case hexadecimal digits.
    package var description: String { number.hexadecimal }

    /// Reads ``description``.
    package init?(_ text: String) {
        guard let number = UInt128(hexadecimal: text) else { return nil }
        self.number = number
    }
}

extension BundleID {
    init(ofSignedMessage message: Span<UInt8>) {
        let digest = Digest.blake2b128(of: message, personalization: "wgseal.bundle.id")
        number = digest.reduce(0) { $0 << 8 | UInt128($1) }
    }
}
