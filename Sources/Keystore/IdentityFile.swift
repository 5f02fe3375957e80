package import Crypto
internal import PeerBundle
internal import SystemIO
package import WireGuard

/// An identity key as it is stored: in the clear, or under a passphrase.
package enum StoredIdentityKey: Sendable {
    case plain(IdentityKey)
    case encrypted(EncryptedIdentityKey)

    /// The public half, for which no passphrase is needed.
    package var identity: Identity {
        switch self {
        case .plain(let key): key.identity
        case .encrypted(let key): key.identity
        }
    }
}

/// A file that holds an identity key: comment lines, and one line of text.
package struct IdentityFile: ~Copyable, Sendable {
    /// Where it was read, for messages.
    package let path: String
    /// What it holds.
    package let key: StoredIdentityKey
    // All of it, so that the comments outlive a new passphrase.
    private let contents: SecretBytes
    private let keyRange: Range<Int>

    /// The longest file that is read, in bytes.
    package static let maximumByteCount = 4096

    /// Reads a file's contents.
    ///
    /// - Throws: ``KeystoreError/damagedIdentity(path:_:)``, which holds no character of a secret.
    package init(_ contents: consuming SecretBytes, path: String) throws(KeystoreError) {
        let range = contents.withBytes { Self.onlyLine(of: $0) }
        do throws(IdentityTextError) {
            key = try contents.withBytes { (bytes) throws(IdentityTextError) in
                let text = bytes.extracting(range)
                return EncryptedIdentityKey.isMeant(by: text)
                    ? .encrypted(try EncryptedIdentityKey(text: text))
                    : .plain(try IdentityKey.read(secretText: text))
            }
        } catch {
            throw .damagedIdentity(path: path, error)
        }
        self.path = path
        self.contents = contents
        keyRange = range
    }

    /// Decrypts a key that this file holds.
    ///
    /// - Throws: ``KeystoreError/lockedIdentity(path:_:)``, if the passphrase is wrong or there is no memory to try it.
    package borrowing func open(
        _ key: EncryptedIdentityKey,
        passphrase: borrowing SecretBytes
    ) throws(KeystoreError) -> IdentityKey {
        do throws(CryptoError) {
            return try key.open(passphrase)
        } catch {
            throw .lockedIdentity(path: path, error)
        }
    }

    /// Writes a new file's contents.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - now: Stands in a comment.
    /// - Returns: Some lines of text.
    package static func contents(of key: StoredIdentityKey, now: UnixTime) -> SecretBytes {
        var file = SecretWriter()
        file.append(
            Array(
                """
                # wgseal identity key: who has it is this host. Keep it secret, and keep a copy.
                # written: \(now)
                # public identity: \(key.identity.text)

                """.utf8
            )
        )
        file.append(key)
        file.append([UInt8(ascii: "\n")])
        return file.withBytes { SecretBytes(copying: $0) }
    }

    /// The contents of this file with the key stored in another way.
    borrowing func contents(replacingKeyBy key: StoredIdentityKey) -> SecretBytes {
        var file = SecretWriter()
        contents.withBytes { bytes in
            file.append(bytes.extracting(0..<keyRange.lowerBound))
            file.append(key)
            file.append(bytes.extracting(keyRange.upperBound..<bytes.count))
        }
        return file.withBytes { SecretBytes(copying: $0) }
    }

    /// The range of the one line that is neither a comment nor empty; an empty range if there are more or none.
    private static func onlyLine(of bytes: Span<UInt8>) -> Range<Int> {
        var found: Range<Int>?
        var start = 0
        while start < bytes.count {
            let end = (start..<bytes.count).first { bytes[$0] == UInt8(ascii: "\n") } ?? bytes.count
            if start < end, bytes[start] != UInt8(ascii: "#") {
                guard found == nil else { return 0..<0 }
                found = start..<end
            }
            start = end + 1
        }
        return found ?? 0..<0
    }
}

extension SecretWriter {
    fileprivate mutating func append(_ key: StoredIdentityKey) {
        switch key {
        case .plain(let key):
            let text = key.secretText()
            text.withBytes { append($0) }
        case .encrypted(let key): append(Array(key.text.utf8))
        }
    }
}
