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
        let network = try newNetwork(name, ranges, besides: routes, hostName: hostName)
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
        var routes = routes
        var ports: Set<UInt16> = []
        var interfaces: Set<InterfaceName> = []
        for other in try networkNames() where other != name {
            do throws(KeystoreError) {
                let other = try self.network(other).network
                routes += other.addresses.map(\.prefix)
                ports.insert(other.listenPort)
                interfaces.insert(other.interface)
            } catch .noNetwork {
                // A directory for the workload settings of a network that another host is the hub of.
            } catch {
                throw error
            }
        }
        let chosen = try ranges.choose(besides: routes)
        guard let port = (Network.defaultPort...UInt16.max).first(where: { !ports.contains($0) }),
            let network = Network(
                name: name,
                interface: InterfaceName(network: name, besides: interfaces),
                ranges: chosen,
                listenPort: port,
                hostName: hostName
            )
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
