import CLinux
import Glibc
import TestSupport
import Testing
import WireGuard

@testable import Netlink
@testable import SystemIO

/// An empty network namespace of one test; it goes with the value.
struct Host: ~Copyable {
    let namespace: NetworkNamespace
    /// A socket in the namespace.
    var netlink: RouteNetlink

    /// Makes a namespace, or cancels the test where that is not permitted.
    init() throws {
        let namespace = try Self.makeNamespace()
        netlink = try namespace.run { () throws(NetlinkError) in try RouteNetlink.open() }.get()
        self.namespace = namespace
    }

    private static func makeNamespace() throws -> NetworkNamespace {
        let made = try FreshThread.run { () -> Result<NetworkNamespace, SystemError> in
            let error = clinux_unshare_network_namespace()
            guard error == 0 else { return .failure(.call("unshare", path: nil, errno: error)) }
            do throws(SystemError) { return .success(try .current()) } catch { return .failure(error) }
        }
        do throws(SystemError) { return try made.get() } catch {
            guard error == .call("unshare", path: nil, errno: EPERM) else { throw error }
            try Test.cancel("making a network namespace needs root, or `unshare --user --map-root-user`")
        }
    }

    /// The namespace, as `changeLink` and `createLink` take it.
    var descriptor: Int32 { namespace.descriptor.rawValue }

    /// What iproute2 says in the namespace: an independent witness.
    func ip(_ arguments: String) async throws -> String {
        let path = "--net=/proc/\(getpid())/fd/\(descriptor)"
        let result = try await Tool("nsenter").run([path, "ip"] + arguments.split(separator: " ").map(String.init))
        try #require(result.status == 0, "\(result.error)")
        return result.text
    }

    /// Lays a cable between two new links, both up.
    mutating func connect(_ near: InterfaceName = "near", _ far: InterfaceName = "far") throws -> (
        near: Link, far: Link
    ) {
        try netlink.createLink(near, kind: .veth(peer: far))
        for name in [near, far] { try netlink.changeLink(find(name), isUp: true) }
        return try (find(near), find(far))
    }

    /// The link of that name, which must be there.
    mutating func find(_ name: InterfaceName) throws -> Link { try #require(try netlink.link(named: name)) }
}
