internal import Crypto
internal import SystemIO
package import WireGuard

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
    ///   - name: What to call it.
    ///   - ranges: Which addresses it is to have.
    ///   - routes: The destinations of this host's routes; the new network's range overlaps none of them, and none of
    ///     the other networks.
    ///   - hostName: What this host is called.
    /// - Returns: The network.
    /// - Throws: ``KeystoreError/noFreeRange`` or another error of ``NetworkRanges``, or ``KeystoreError/incompleteNetwork(path:)`` where the settings of a
    ///   network with peers are missing.
    package borrowing func createNetwork(
        _ name: Name,
        _ ranges: NetworkRanges = NetworkRanges(),
        besides routes: [IPPrefix],
        hostName: String
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
        return try store(try newNetwork(name, ranges, besides: routes, hostName: hostName))
    }

    /// Writes a network that is not there, its settings last; the caller holds the lock.
    ///
    /// - Parameters:
    ///   - network: What it is like.
    ///   - plainPeers: Peers that it begins with.
    /// - Returns: The network.
    /// - Throws: ``KeystoreError/incompleteNetwork(path:)`` where the settings of a network with peers are missing.
    borrowing func store(_ network: Network, plainPeers: [PlainPeer] = []) throws(KeystoreError) -> NetworkStore {
        let name = network.name
        let directory = try networkDirectory(name, creating: true)
        let settings = "\(directory.path)/\(NetworkStore.settingsFile)"
        do throws(SystemError) {
            let peers = try directory.subdirectory("peers", creating: true)
            guard try peers.names().isEmpty else { throw SystemError.missing(path: settings) }
            try directory.createIfMissing(NetworkStore.serialFile, "0\n".utf8.span)
            let root = PresharedKeyRoot()
            try root.withBytes { (root) throws(SystemError) -> Void in
                try directory.createIfMissing(NetworkStore.rootFile, root)
            }
            try directory.replacePlainPeers(plainPeers)
            try directory.create(NetworkStore.settingsFile, network.record.span, mode: 0o600)
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
        _ name: Name,
        _ ranges: NetworkRanges,
        besides routes: [IPPrefix],
        hostName: String
    ) throws(KeystoreError) -> Network {
        let others = try networks(besides: name)
        let ports = Set(others.map(\.listenPort))
        let chosen = try ranges.choose(besides: routes + others.flatMap(\.addresses).map(\.prefix))
        guard let port = (Network.defaultPort...UInt16.max).first(where: { !ports.contains($0) }),
            let network = Network(
                name: name,
                interface: InterfaceName(network: name, besides: Set(others.map(\.interface))),
                ranges: chosen,
                listenPort: port,
                hostName: hostName
            )
        else { throw .noFreeRange }
        return network
    }

    /// The networks that this host is the hub of, but for one.
    borrowing func networks(besides name: Name) throws(KeystoreError) -> [Network] {
        var networks: [Network] = []
        for other in try networkNames() where other != name {
            do throws(KeystoreError) {
                networks.append(try self.network(other).network)
            } catch .noNetwork {
                // A directory for the workload settings of a network that another host is the hub of.
            } catch {
                throw error
            }
        }
        return networks
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
