import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import Planning
import SystemIO
import WireGuard

struct ClientCommand: AsyncParsableCommand, PreparedCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        _superCommandName: "wgup",
        abstract: "Apply a bundle: bring up its tunnel, until ^C.",
        usage: "wgup client <bundle> [<options>] [-- <command> ...]"
    )

    @Argument(help: "The bundle: a file in any of its forms, or - for standard input.", completion: .file())
    var bundle: String

    @Option(
        help: ArgumentHelp(
            "The issuer to expect, trusted from now on; needed at first contact without a terminal.",
            valueName: "identity|fingerprint"
        )
    )
    var from: String?

    @Option(help: "What carries the packets: auto, kernel or userspace (wireguard-go).")
    var backend = BackendKind.auto

    @OptionGroup var workload: WorkloadOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var home: HomeOptions

    func prepare() throws { try BundleOpener.prepare() }

    func run() async throws {
        try Privilege.require(for: "wgup client \(bundle)")
        let diagnostics = Diagnostics(tool: "wgup")

        let home = try home.open()
        let key = try passphrase.identityKey(of: home)
        let (opener, path) = (try BundleOpener.take(), home.path)
        let acceptance = BundleAcceptance(home: home, key: key, opener: opener, now: WallClock.now())
        let issuer: TrustedIssuer?
        let verified: VerifiedBundle
        do {
            let claimed = try acceptance.open(bundle)
            issuer = try acceptance.issuer(claimed.claimedIssuer, expected: from)
            verified = try acceptance.verified(claimed)
        }
        let request = try await request(verified, from: issuer, acceptance: acceptance, key: key)
        let workload = request.workload
        let renewal = BundleRenewal(
            bundle: bundle,
            expected: from,
            home: path,
            key: key,
            opener: opener,
            diagnostics: diagnostics
        )
        let session = try Session(
            request,
            source: renewal.source(of: request),
            backend: backend,
            diagnostics: diagnostics
        )
        // Until here a signal ends the process as usual, since nothing has been changed.
        let signals = try TerminationSignals.watch()
        try acceptance.accept(verified, from: issuer, placement: request.placement, diagnostics: diagnostics)
        if let warning = Expiry(verified.bundle.notAfter, now: acceptance.now).warning(verified.bundle.notAfter) {
            diagnostics.note("the bundle \(warning)")
        }

        try await session.run(until: signals) { report in
            report.tell(diagnostics)
            let interface = report.request.interface
            let watch = PeerWatch(report, diagnostics: diagnostics)
            if let last = watch.latestHandshake, report.wasUp {
                let words = "\(interface.name) is up; the last handshake was at \(last)"
                ServiceManager.notify(.ready(words))
                diagnostics.say(words)
            } else {
                let words = "\(interface.name) is up; waiting for the handshake with \(watch.peerNames)"
                ServiceManager.notify(.ready(words))
                diagnostics.say(words)
                if let duration = try await watch.waitForHandshake(since: report.configured ?? .now) {
                    ServiceManager.notify(.status("\(interface.name) is up, and \(watch.peerNames) has answered"))
                    diagnostics.say("handshake with \(watch.peerNames) after \(duration.inMilliseconds) ms")
                }
            }
            if !report.isRepair {
                if let hub = interface.peers.first?.allowedAddresses.first?.address,
                    let line = workload.example(hub: hub)
                {
                    diagnostics.say("try: \(line)")
                }
                diagnostics.say("press ctrl-c to take everything down")
            }
            try await watch.keepReachable()
        }
    }

    /// Settles what a genuine bundle and the options ask for, if the bundle may ask for it; nothing is remembered.
    func request(
        _ verified: VerifiedBundle,
        from issuer: TrustedIssuer?,
        acceptance: borrowing BundleAcceptance,
        key: IdentityKey
    ) async throws -> TunnelRequest {
        let settings = try workload.settings(
            role: .client,
            configuration: acceptance.home.workloadConfiguration(network: verified.bundle.networkName),
            request: verified.bundle.container
        )
        // Before names are looked up and engines are asked: neither is done for a bundle that is refused.
        try acceptance.check(verified, from: issuer, placement: settings.placement)
        let interface = try verified.bundle.interface(key: key, issuer: verified.issuer)
        let workload = try await Workloads.choose(
            settings,
            role: .client,
            interface: interface,
            hosts: verified.bundle.hosts
        )
        try await acceptance.check(interface, for: workload, of: verified.bundle, placement: settings.placement)
        return TunnelRequest(
            tunnel: .client(of: verified.bundle.networkName, issuer: verified.issuer.fingerprint),
            interface: interface,
            placement: settings.placement,
            workload: workload,
            wait: settings.wait,
            notAfter: verified.bundle.notAfter,
            currentEndpoints: { [bundle = verified.bundle] in bundle.currentEndpoints(placement: settings.placement) }
        )
    }
}
