internal import SystemIO

/// The directory of a host's keys, trusted issuers and networks; its path comes from ``HomeLocation``.
package struct Home: ~Copyable, Sendable {
    let directory: Directory

    /// The path, for messages.
    package var path: String { directory.path }

    /// Opens a home that is there.
    ///
    /// - Throws: ``KeystoreError/noIdentity(home:)`` if there is none, ``KeystoreError/system(_:)`` if others than its
    ///   owner may read or change it.
    package static func open(_ path: String) throws(KeystoreError) -> Home {
        do throws(SystemError) {
            return Home(directory: try Directory.open(path, privacy: .secret))
        } catch .missing {
            throw .noIdentity(home: path)
        } catch {
            throw .system(error)
        }
    }

    /// Opens a home, and makes it (0700) if it is not there.
    ///
    /// - Throws: ``KeystoreError/system(_:)``.
    package static func create(_ path: String) throws(KeystoreError) -> Home {
        Home(directory: try throwingKeystoreError { () throws(SystemError) in try Directory.create(path) })
    }

    /// Waits until no other process makes a network or changes whom this host trusts.
    borrowing func lock() throws(KeystoreError) -> FileLock {
        try throwingKeystoreError { () throws(SystemError) in try directory.lock("lock", wait: true) }
    }
}
