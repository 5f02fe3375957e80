import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import Planning
import SystemIO
import Tunnel
import WireGuard

struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        _superCommandName: "wgup",
        abstract: "Bring up the hub of a network, until ^C.",
        usage: "wgup server [<options>] [-- <command> ...]"
    )

    @Option(help: "The network.", completion: .networks)
    var network = Network.defaultName

    @Option(help: "What carries the packets: auto, kernel or userspace (wireguard-go).")
    var backend = BackendKind.auto

    @OptionGroup var workload: WorkloadOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        try Privilege.require(for: "wgup server")
        let diagnostics = Diagnostics(tool: "wgup")

        let home = try home.open()
        let key = try passphrase.identityKey(of: home)
        let store = try store(in: home)
        let request = try await request(store, home: home, key: key)
        let session = try Session(
            request,
            source: Self.source(of: request, store, home: home.path, key: key),
            backend: backend,
            diagnostics: diagnostics
        )
        // Until here a signal ends the process as usual, since nothing has been changed.
        try await session.run(until: TerminationSignals.watch()) { report in
            report.tell(diagnostics)
            let (name, count) = (report.request.interface.name, report.request.interface.peers.count)
            let words = "\(name) is up for \(count.counted("peer"))"
            ServiceManager.notify(.ready(words))
            diagnostics.say(report.isRepair ? words : "\(words); press ctrl-c to take everything down")
            try await PeerWatch(report, diagnostics: diagnostics)
                .nameEachPeerOnce(wasUp: report.wasUp)
        }
    }

    /// Settles what a network and the options ask for.
    func request(_ store: borrowing NetworkStore, home: borrowing Home, key: IdentityKey) async throws -> TunnelRequest
    {
        let name = store.network.name
        let interface = try Self.interface(of: store, key: key)
        let settings = try workload.settings(role: .server, configuration: home.workloadConfiguration(network: name))
        let request = TunnelRequest(
            tunnel: .server(of: name),
            interface: interface,
            placement: settings.placement,
            workload: try await Workloads.choose(settings, role: .server, interface: interface),
            wait: settings.wait,
            notAfter: nil,
            // The peers of a hub call it.
            currentEndpoints: { [:] }
        )
        try request.requireRoom()
        return request
    }

    /// The network's settings and peers.
    private static func source(
        of request: TunnelRequest,
        _ store: borrowing NetworkStore,
        home: String,
        key: IdentityKey
    ) -> TunnelSource {
        let name = store.network.name
        return TunnelSource(directories: store.directories, isPart: NetworkStore.isPart) {
            try request.with(interface(of: Home.open(home).network(name), key: key), notAfter: nil) { [:] }
        }
    }

    /// The hub's interface, with the names of the endpoints of plain peers looked up.
    ///
    /// A name without an address keeps nobody else out, and its own peer may still call.
    private static func interface(
        of store: borrowing NetworkStore,
        key: IdentityKey
    ) throws(KeystoreError) -> InterfaceConfiguration {
        var interface = try store.hubInterface(key: key)
        for index in interface.peers.indices {
            let peer = interface.peers[index]
            interface.peers[index].endpoints = peer.endpoints.flatMap { endpoint in
                do { return try endpoint.lookedUp() } catch {
                    Diagnostics(tool: "wgup").note("\(error), so \(peer.name) is not called until it calls")
                    return []
                }
            }
        }
        return interface
    }

    /// Opens the network.
    func store(in home: borrowing Home) throws -> NetworkStore {
        try home.network(network)
    }
}
