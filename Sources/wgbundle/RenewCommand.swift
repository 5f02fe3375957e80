import ArgumentParser
import CommandSupport
import Keystore
import SystemIO
import WireGuard

struct RenewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        _superCommandName: "wgbundle",
        abstract: "Seal fresh bundles to peers, which replace those that they have.",
        discussion: "A bundle for one peer goes to a file, those for several to a directory."
    )

    @Argument(help: "Peers, each by name, fingerprint, identity, WireGuard key or address.", completion: .peers)
    var peer: [String] = []

    @Option(
        help: ArgumentHelp(
            "All whose bundles expire within this time, in m, h, d or w, or have expired.",
            valueName: "time"
        )
    )
    var expiring: Lifetime?

    @Flag(help: "All that are in the mesh.")
    var mesh = false

    @Flag(help: "All.")
    var all = false

    @Flag(help: "Change the preshared keys, too: a peer is cut off until it has its new bundle.")
    var rekey = false

    @OptionGroup var output: BundleOutput
    @OptionGroup var options: SealingOptions

    @Flag(help: "Print what was recorded, as JSON.")
    var json = false

    private var isSeries: Bool { peer.count != 1 || expiring != nil || mesh || all }

    func validate() throws {
        guard [!peer.isEmpty, expiring != nil, mesh, all].count(where: \.self) == 1 else {
            throw ValidationError("name peers, or give one of --expiring, --mesh and --all")
        }
        if isSeries { try output.requireDirectory() } else if json { try output.requireFile() }
    }

    func run() throws {
        if !isSeries { try output.check() }
        let home = try options.home.open()
        let key = try options.key(of: home)
        let store = try home.network(options.network.name)
        let sealing = options.sealing(key, routes: try HostRoutes.read(), port: store.network.listenPort)
        let requests = try chosen(from: store).map { peer in
            var request = EnrolmentRequest(identity: peer.identity)
            request.isRekeyed = rekey
            return request
        }
        if isSeries {
            guard !requests.isEmpty else { return diagnostics.say("there is no bundle to renew") }
            let series = try BundleSeries(output)
            let listed: [(line: Int?, request: EnrolmentRequest)] = requests.map { (nil, $0) }
            let sealed = try series.seal(listed, of: store, sealing, isRecorded: json)
            if json { try StandardStream.writeOutput(JSON.array(sealed).text) }
        } else {
            let sealed = try store.seal(requests[0], sealing)
            try output.deliver(sealed, json: json)
        }
    }

    private func chosen(from store: borrowing NetworkStore) throws -> [PeerRecord] {
        if !peer.isEmpty { return try store.peers(meantBy: peer) }
        let end = expiring.map { WallClock.now().adding(seconds: $0.seconds) }
        return try store.peers().filter { peer in
            if let end { peer.notAfter.map { $0 <= end } ?? true } else { all || peer.isInMesh }
        }
    }
}
