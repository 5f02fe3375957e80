internal import Crypto
internal import PeerBundle
internal import SystemIO
package import WireGuard

private let keyFile = "identity.key"
private let publicFile = "identity.pub"
private let credential = "wgseal.identity"

extension Home {
    /// Where the home keeps its identity key.
    package var identityPath: String { "\(path)/\(keyFile)" }

    /// Stores this host's identity key, and `identity.pub` beside it.
    ///
    /// - Parameters:
    ///   - key: By default a fresh one, in the clear.
    ///   - now: Stands in a comment of the file.
    /// - Throws: ``KeystoreError/identityExists(path:)``; the key there is left as it is.
    package borrowing func createIdentity(
        _ key: StoredIdentityKey = .plain(IdentityKey()),
        now: UnixTime
    ) throws(KeystoreError) {
        let file = IdentityFile.contents(of: key, now: now)
        do throws(SystemError) {
            try file.withBytes { (bytes) throws(SystemError) in
                _ = try directory.create(keyFile, bytes, mode: 0o600)
            }
        } catch .exists {
            throw .identityExists(path: identityPath)
        } catch {
            throw .system(error)
        }
        let publicText = Array("\(key.identity.text)\n".utf8)
        try throwingKeystoreError { () throws(SystemError) in
            try directory.replace(publicFile, publicText.span, mode: 0o644)
        }
    }

    /// Finds out, before anybody is asked for a passphrase, what would keep ``createIdentity(_:now:)`` from its work.
    ///
    /// - Throws: ``KeystoreError/identityExists(path:)``.
    package borrowing func requireNoIdentity() throws(KeystoreError) {
        guard try !throwingKeystoreError({ () throws(SystemError) in try directory.contains(keyFile) }) else {
            throw .identityExists(path: identityPath)
        }
    }

    /// Stores the home's identity key in another way; the file has the old bytes or the new ones at any time.
    ///
    /// - Throws: ``KeystoreError/identityChanged(path:)`` if another key is there by now.
    package borrowing func replaceIdentity(_ key: StoredIdentityKey) throws(KeystoreError) {
        let lock = try lock()
        defer { _ = lock }
        let current = try storedIdentity()
        guard current.key.identity == key.identity else { throw .identityChanged(path: identityPath) }
        let file = current.contents(replacingKeyBy: key)
        try throwingKeystoreError { () throws(SystemError) in
            try file.withBytes { (bytes) throws(SystemError) in try directory.replace(keyFile, bytes, mode: 0o600) }
        }
    }

    /// Reads the home's identity key.
    ///
    /// - Throws: ``KeystoreError/noIdentity(home:)``, ``KeystoreError/damagedIdentity(path:_:)``, or
    ///   ``KeystoreError/system(_:)`` if others than its owner may read the file.
    package borrowing func storedIdentity() throws(KeystoreError) -> IdentityFile {
        let file: SecretBytes
        do throws(SystemError) {
            file = try directory.readSecret(keyFile, maximumByteCount: IdentityFile.maximumByteCount)
        } catch .missing {
            throw .noIdentity(home: path)
        } catch {
            throw .system(error)
        }
        return try IdentityFile(file, path: identityPath)
    }

    /// Reads this host's identity key: the credential `wgseal.identity` of the service that this process is, where there
    /// is one, else the home's.
    ///
    /// - Throws: As ``storedIdentity()``.
    package borrowing func identity() throws(KeystoreError) -> IdentityFile {
        guard let path = Credential.path(of: credential) else { return try storedIdentity() }
        let file = try throwingKeystoreError { () throws(SystemError) in
            try Credential.read(path, maximumByteCount: IdentityFile.maximumByteCount)
        }
        guard let file else { return try storedIdentity() }
        return try IdentityFile(file, path: path)
    }
}
