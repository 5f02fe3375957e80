import ArgumentParser
import CommandSupport
import Keystore
import Planning
import SystemIO
import Tunnel
import WireGuard

struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Bring up the hub of a network, until ^C.",
        usage: "wgup server [<options>] [-- <command> ...]"
    )

    @Option(help: "The network.")
    var network = Network.defaultName

    @Option(help: "What carries the packets: auto, kernel or userspace (wireguard-go).")
    var backend = BackendKind.auto

    @OptionGroup var workload: WorkloadOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        try Privilege.require(for: "wgup server")
        let diagnostics = Diagnostics(tool: "wgup")

        let request = try await request()
        let interface = request.interface
        let session = try Session(request, backend: backend, diagnostics: diagnostics)
        // Until here a signal ends the process as usual, since nothing has been changed.
        try await session.run(until: TerminationSignals.watch()) { report in
            report.tell(diagnostics, interface.name)
            let count = interface.peers.count == 1 ? "1 peer" : "\(interface.peers.count) peers"
            diagnostics.say("\(interface.name) is up for \(count); press ctrl-c to take everything down")
            try await PeerWatch(report.backend, interface, diagnostics: diagnostics)
                .nameEachPeerOnce(wasUp: report.wasUp)
        }
    }

    /// Settles what the home and the options ask for.
    func request() async throws -> TunnelRequest {
        let name = try Self.parse(network)
        let home = try home.open()
        let key = try passphrase.identityKey(of: home)
        let store = try home.network(name)
        let interface = try store.hubInterface(key: key)
        let settings = try workload.settings(role: .server, configuration: home.workloadConfiguration(network: name))
        let request = TunnelRequest(
            tunnel: .server(of: name),
            interface: interface,
            placement: settings.placement,
            workload: try await Workload.choose(settings, role: .server, interface: interface),
            notAfter: nil
        )
        try request.requireRoom()
        return request
    }

    private static func parse(_ text: String) throws -> Name {
        guard let name = Name(text) else { throw ValidationError("'\(text)' is not the name of a network") }
        return name
    }
}
