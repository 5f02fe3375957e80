package import Crypto
internal import PeerBundle
internal import SystemIO
package import WireGuard

private let keyFile = "identity.key"
private let publicFile = "identity.pub"
private let maximumByteCount = 4096

extension Home {
    /// Makes this host's identity key, and `identity.pub` beside it.
    ///
    /// - Parameter now: Stands in a comment of the file.
    /// - Returns: The new key.
    /// - Throws: ``KeystoreError/identityExists(path:)``; the key there is left as it is.
    package borrowing func createIdentityKey(now: UnixTime) throws(KeystoreError) -> IdentityKey {
        let key = IdentityKey()
        let comment = """
            # wgseal identity key: who has it is this host. Keep it secret, and keep a copy.
            # created: \(now)
            # public identity: \(key.identity.text)

            """
        let file = key.secretText().withBytes { SecretBytes(lines: Array(comment.utf8).span, $0) }
        do throws(SystemError) {
            try file.withBytes { (bytes) throws(SystemError) in try directory.create(keyFile, bytes, mode: 0o600) }
        } catch .exists {
            throw .identityExists(path: "\(path)/\(keyFile)")
        } catch {
            throw .system(error)
        }
        let publicText = Array("\(key.identity.text)\n".utf8)
        try throwingKeystoreError { () throws(SystemError) in
            try directory.replace(publicFile, publicText.span, mode: 0o644)
        }
        return key
    }

    /// Reads this host's identity key.
    ///
    /// - Throws: ``KeystoreError/noIdentity(home:)``, ``KeystoreError/damagedIdentity(path:_:)``, or
    ///   ``KeystoreError/system(_:)`` if others than its owner may read the file.
    package borrowing func identityKey() throws(KeystoreError) -> IdentityKey {
        let file: SecretBytes
        do throws(SystemError) {
            file = try directory.readSecret(keyFile, maximumByteCount: maximumByteCount)
        } catch .missing {
            throw .noIdentity(home: path)
        } catch {
            throw .system(error)
        }
        do throws(IdentityTextError) {
            return try file.withBytes { (bytes) throws(IdentityTextError) in
                try IdentityKey.read(secretText: bytes.extracting(Self.onlyLine(of: bytes)))
            }
        } catch {
            throw .damagedIdentity(path: "\(path)/\(keyFile)", error)
        }
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

extension SecretBytes {
    /// Comment lines, one line of text, a line feed.
    fileprivate init(lines comment: Span<UInt8>, _ text: Span<UInt8>) {
        self.init(count: comment.count + text.count + 1)
        withMutableBytes { target in
            for index in comment.indices { target[index] = comment[index] }
            for index in text.indices { target[comment.count + index] = text[index] }
            target[target.count - 1] = UInt8(ascii: "\n")
        }
    }
}
