import ArgumentParser
import CommandSupport
import Keystore
import Planning
import SystemIO
import Tunnel
import WireGuard

struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Apply a bundle: bring up its tunnel, until ^C.",
        usage: "wgup client <bundle> [<options>] [-- <command> ...]")

    @Argument(help: "The bundle: a file in any of its forms, or - for standard input.", completion: .file())
    var bundle: String

    @Option(
        help: ArgumentHelp(
            "Trust this issuer from now on; needed at first contact without a terminal.",
            valueName: "identity|fingerprint"))
    var from: String?

    @OptionGroup var workload: WorkloadOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        TerminationSignals.block()
        let signals = try TerminationSignals.watch()
        try Privilege.require(for: "wgup client \(bundle)")
        let diagnostics = Diagnostics(tool: "wgup")

        let home = try home.open()
        let key = try home.identityKey()
        let acceptance = BundleAcceptance(home: home, key: key, now: WallClock.now(), diagnostics: diagnostics)
        let (accepted, settings) = try acceptance.accept(
            bundle, from: from, signals: signals
        ) { bundle in
            try workload.settings(
                role: .client, configuration: home.workloadConfiguration(network: bundle.networkName),
                request: bundle.container)
        }

        let interface = try accepted.interface(key: key)
        let workload = try await Workload.choose(settings, role: .client, interface: interface)
        let session = Session(
            role: .client, network: accepted.networkName, interface: interface, settings: settings,
            workload: workload, notAfter: accepted.notAfter, diagnostics: diagnostics)
        try await session.run(until: signals) {
            session.announce()
            try await PeerWatch(interface, diagnostics: diagnostics).waitForHandshake()
        }
    }
}
