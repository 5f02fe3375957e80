internal import SystemIO
package import WireGuard

// Times that the clock of this host has shown, whatever it shows now: the file system keeps them.

extension Home {
    /// When a network of this host was last changed.
    ///
    /// - Returns: `nil` if this host is no hub.
    /// - Throws: ``KeystoreError``.
    package borrowing func lastChange() throws(KeystoreError) -> UnixTime? {
        var latest: UnixTime?
        for name in try networkNames() {
            do throws(KeystoreError) {
                let store = try network(name)
                let version = try throwingKeystoreError { () throws(SystemError) in
                    try store.peerDirectory.version()
                }
                latest = max(latest ?? version.modifiedTime, version.modifiedTime)
            } catch .noNetwork {
                // One that another host is the hub of.
            } catch {
                throw error
            }
        }
        return latest
    }
}

extension FreshnessStore {
    /// When a bundle was last accepted.
    ///
    /// - Throws: ``KeystoreError/system(_:)``.
    package borrowing func lastChange() throws(KeystoreError) -> UnixTime {
        try throwingKeystoreError { () throws(SystemError) in try directory.version() }.modifiedTime
    }
}

extension FileVersion {
    fileprivate var modifiedTime: UnixTime { UnixTime(seconds: modified / 1_000_000_000) }
}
