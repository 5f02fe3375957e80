import SystemIO
import WireGuard

extension Endpoint {
    /// The endpoints that this one stands for now: itself, or one for each address of its name.
    ///
    /// - Throws: ``WgupFailure/unknownHost(_:)``.
    func lookedUp() throws -> [Endpoint] {
        guard case .name(let name) = host else { return [self] }
        let addresses = Resolver.addresses(of: name)
        guard !addresses.isEmpty else { throw WgupFailure.unknownHost(name) }
        return addresses.compactMap { Endpoint(host: .address($0), port: port) }
    }
}
