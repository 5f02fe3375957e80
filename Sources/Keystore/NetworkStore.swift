package import Crypto
package import SystemIO
internal import WireGuard

/// The directory of one network: settings, counter of bundles, root of the preshared keys, peers.
///
/// Every file is replaced as a whole; whoever changes something holds ``lock()``.
package struct NetworkStore: ~Copyable, Sendable {
    /// The settings.
    package let network: Network
    let directory: Directory
    let peerDirectory: Directory

    static let settingsFile = "network.conf"
    static let serialFile = "serial"
    static let rootFile = "preshared.key"
    static let peerSuffix = ".peer"
    static let revokedSuffix = ".revoked"
    static let plainPeersFile = "plain.conf"

    /// The path, for messages.
    package var path: String { directory.path }

    /// The directories of what says how the network should be, for whoever watches them.
    package var directories: [String] { [directory.path, peerDirectory.path] }

    /// Whether a file in one of ``directories`` says how the network should be.
    package static func isPart(_ file: String) -> Bool {
        file == settingsFile || file == plainPeersFile || file.hasSuffix(peerSuffix)
    }

    static func open(
        _ directory: consuming Directory,
        name: Name,
        home: String
    ) throws(KeystoreError) -> NetworkStore {
        do throws(KeystoreError) {
            let bytes = try throwingKeystoreError { () throws(SystemError) in
                try directory.read(Self.settingsFile, maximumByteCount: TextRecord.maximumByteCount)
            }
            let file = "\(directory.path)/\(Self.settingsFile)"
            let network = try throwingKeystoreError { () throws(RecordError) in
                try Network(name: name, record: bytes, file: file)
            }
            let peers = try throwingKeystoreError { () throws(SystemError) in
                try directory.subdirectory("peers", creating: false)
            }
            return NetworkStore(network: network, directory: directory, peerDirectory: peers)
        } catch .system(.missing(let path)) {
            throw path.hasSuffix(Self.settingsFile) ? .noNetwork(name, home: home) : .incompleteNetwork(path: path)
        } catch {
            throw error
        }
    }

    /// Waits until no other process changes the network.
    package borrowing func lock() throws(KeystoreError) -> FileLock {
        try throwingKeystoreError { () throws(SystemError) in try directory.lock("lock", wait: true) }
    }

    /// The root of the network's preshared keys.
    ///
    /// - Throws: ``KeystoreError/incompleteNetwork(path:)``; a new root would lock every peer out.
    package borrowing func presharedKeyRoot() throws(KeystoreError) -> PresharedKeyRoot {
        let bytes: SecretBytes
        do throws(SystemError) {
            bytes = try directory.readSecret(Self.rootFile, maximumByteCount: 64)
        } catch .missing {
            throw .incompleteNetwork(path: "\(path)/\(Self.rootFile)")
        } catch {
            throw .system(error)
        }
        do throws(CryptoError) {
            return try PresharedKeyRoot(bytes)
        } catch {
            throw .damagedFile(path: "\(path)/\(Self.rootFile)")
        }
    }

    /// The serial of the network's latest bundle; 0 before the first.
    ///
    /// - Throws: ``KeystoreError/incompleteNetwork(path:)`` or ``KeystoreError/damagedFile(path:)``: a counter that starts
    ///   again makes bundles that no peer accepts.
    package borrowing func lastSerial() throws(KeystoreError) -> UInt64 {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try directory.read(Self.serialFile, maximumByteCount: 32)
        } catch .missing {
            throw .incompleteNetwork(path: "\(path)/\(Self.serialFile)")
        } catch {
            throw .system(error)
        }
        guard bytes.last == UInt8(ascii: "\n"),
            let serial = UInt64(decimal: String(decoding: bytes.dropLast(), as: UTF8.self))
        else { throw .damagedFile(path: "\(path)/\(Self.serialFile)") }
        return serial
    }
}
