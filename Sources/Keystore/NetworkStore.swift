package import Crypto
package import SystemIO
package import WireGuard

private let configurationFile = "network.conf"
private let serialFile = "serial"
private let rootFile = "preshared.key"
private let peerSuffix = ".peer"

/// The directory of one network: settings, counter of bundles, root of the preshared keys, peers.
///
/// Every file is replaced as a whole, so reading needs no lock; whoever changes something holds ``lock()``.
package struct NetworkStore: ~Copyable, Sendable {
    /// The settings.
    package let network: Network
    private let directory: Directory
    private let peerDirectory: Directory

    /// The path, for messages.
    package var path: String { directory.path }

    fileprivate static func open(
        _ directory: consuming Directory, name: Name, home: String
    ) throws(KeystoreError) -> NetworkStore {
        do throws(KeystoreError) {
            let bytes = try throwingKeystoreError { () throws(SystemError) in
                try directory.read(configurationFile, maximumByteCount: TextRecord.maximumByteCount)
            }
            let file = "\(directory.path)/\(configurationFile)"
            let network = try throwingKeystoreError { () throws(RecordError) in
                try Network(name: name, record: bytes, file: file)
            }
            let peers = try throwingKeystoreError { () throws(SystemError) in
                try directory.subdirectory("peers", creating: false)
            }
            return NetworkStore(network: network, directory: directory, peerDirectory: peers)
        } catch .system(.missing(let path)) {
            throw path.hasSuffix(configurationFile) ? .noNetwork(name, home: home) : .incompleteNetwork(path: path)
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
            bytes = try directory.readSecret(rootFile, maximumByteCount: 64)
        } catch .missing {
            throw .incompleteNetwork(path: "\(path)/\(rootFile)")
        } catch {
            throw .system(error)
        }
        do throws(CryptoError) {
            return try PresharedKeyRoot(bytes)
        } catch {
            throw .damagedFile(path: "\(path)/\(rootFile)")
        }
    }

    /// All peers, by name.
    package borrowing func peers() throws(KeystoreError) -> [PeerRecord] {
        var peers: [PeerRecord] = []
        let names = try throwingKeystoreError { () throws(SystemError) in try peerDirectory.names() }
        for file in names where file.hasSuffix(peerSuffix) {
            guard let name = Name(String(file.dropLast(peerSuffix.count))) else {
                throw .damagedFile(path: "\(peerDirectory.path)/\(file)")
            }
            let bytes = try throwingKeystoreError { () throws(SystemError) in
                try peerDirectory.read(file, maximumByteCount: TextRecord.maximumByteCount)
            }
            peers.append(
                try throwingKeystoreError { () throws(RecordError) in
                    try PeerRecord(name: name, record: bytes, file: "\(peerDirectory.path)/\(file)")
                })
        }
        return peers
    }

    /// The serial of the network's latest bundle; 0 before the first.
    ///
    /// - Throws: ``KeystoreError/incompleteNetwork(path:)`` or ``KeystoreError/damagedFile(path:)``: a counter that starts
    ///   again makes bundles that no peer accepts.
    package borrowing func lastSerial() throws(KeystoreError) -> UInt64 {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try directory.read(serialFile, maximumByteCount: 32)
        } catch .missing {
            throw .incompleteNetwork(path: "\(path)/\(serialFile)")
        } catch {
            throw .system(error)
        }
        guard bytes.last == UInt8(ascii: "\n"),
            let serial = UInt64(decimal: String(decoding: bytes.dropLast(), as: UTF8.self))
        else { throw .damagedFile(path: "\(path)/\(serialFile)") }
        return serial
    }

    /// Records that a bundle with the peer's serial is about to leave, and the peer itself.
    ///
    /// The counter is on the disk before the peer is, so that no serial is used twice, whatever fails. The caller holds
    /// the lock, and has found the serial to be greater than ``lastSerial()``.
    borrowing func record(_ peer: PeerRecord, isNew: Bool) throws(KeystoreError) {
        let serial = Array("\(peer.serial)\n".utf8)
        let record = peer.record
        let file = "\(peer.name)\(peerSuffix)"
        try throwingKeystoreError { () throws(SystemError) in
            try directory.replace(serialFile, serial.span, mode: 0o600)
            if isNew {
                try peerDirectory.create(file, record.span, mode: 0o600)
            } else {
                try peerDirectory.replace(file, record.span, mode: 0o600)
            }
        }
    }
}

extension Home {
    /// The names of all networks.
    package borrowing func networkNames() throws(KeystoreError) -> [Name] {
        do throws(SystemError) {
            return try directory.subdirectory("networks", creating: false).names().compactMap { Name($0) }
        } catch .missing {
            return []
        } catch {
            throw .system(error)
        }
    }

    /// Opens a network that exists.
    ///
    /// - Throws: ``KeystoreError/noNetwork(_:home:)``.
    package borrowing func network(_ name: Name) throws(KeystoreError) -> NetworkStore {
        let directory: Directory
        do throws(KeystoreError) {
            directory = try networkDirectory(name, creating: false)
        } catch .system(.missing) {
            throw .noNetwork(name, home: path)
        } catch {
            throw error
        }
        return try NetworkStore.open(directory, name: name, home: path)
    }

    /// Makes a network with the defaults, or opens the one that another process has just made.
    ///
    /// The settings are written last: until then there is no network, and the next call completes what is there.
    ///
    /// - Parameters:
    ///   - routes: The destinations of this host's routes; the new network's range overlaps none of them, and none of
    ///     the other networks.
    ///   - hostName: What this host is called.
    /// - Throws: ``KeystoreError/noFreeRange``, or ``KeystoreError/incompleteNetwork(path:)`` where the settings of a
    ///   network with peers are missing.
    package borrowing func createNetwork(
        _ name: Name, besides routes: [IPPrefix], hostName: String
    ) throws(KeystoreError) -> NetworkStore {
        let lock = try lock()
        defer { _ = lock }
        do throws(KeystoreError) {
            return try network(name)
        } catch .noNetwork {
            // What follows makes it.
        } catch {
            throw error
        }
        let network = try newNetwork(name, besides: routes, hostName: hostName)
        let directory = try networkDirectory(name, creating: true)
        let settings = "\(directory.path)/\(configurationFile)"
        do throws(SystemError) {
            let peers = try directory.subdirectory("peers", creating: true)
            guard try peers.names().isEmpty else { throw SystemError.missing(path: settings) }
            try directory.createIfMissing(serialFile, "0\n".utf8.span)
            let root = PresharedKeyRoot()
            try root.withBytes { (root) throws(SystemError) in try directory.createIfMissing(rootFile, root) }
            try directory.create(configurationFile, network.record.span, mode: 0o600)
        } catch .missing(settings) {
            throw .incompleteNetwork(path: settings)
        } catch {
            throw .system(error)
        }
        return try NetworkStore.open(directory, name: name, home: path)
    }

    borrowing func networkDirectory(_ name: Name, creating: Bool) throws(KeystoreError) -> Directory {
        do throws(SystemError) {
            let networks = try directory.subdirectory("networks", creating: creating)
            return try networks.subdirectory(name.description, creating: creating)
        } catch {
            throw .system(error)
        }
    }

    private borrowing func newNetwork(
        _ name: Name, besides routes: [IPPrefix], hostName: String
    ) throws(KeystoreError) -> Network {
        var routes = routes
        var ports: Set<UInt16> = []
        for other in try networkNames() where other != name {
            let store = try network(other)
            routes += store.network.addresses.map(\.prefix)
            ports.insert(store.network.listenPort)
        }
        guard let range = IPPrefix.freeRange(besides: routes),
            let port = (Network.defaultPort...UInt16.max).first(where: { !ports.contains($0) }),
            let network = Network(name: name, range: range, listenPort: port, hostName: hostName)
        else { throw .noFreeRange }
        return network
    }
}

extension Directory {
    /// Writes a file of mode 0600, and leaves one that is there as it is.
    fileprivate borrowing func createIfMissing(_ name: String, _ contents: Span<UInt8>) throws(SystemError) {
        do throws(SystemError) {
            try create(name, contents, mode: 0o600)
        } catch .exists {
            // Left by a process that died before it was done, and as good as new.
        } catch {
            throw error
        }
    }
}
