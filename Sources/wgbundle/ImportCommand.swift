import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        _superCommandName: "wgbundle",
        abstract: "Make a network of the file that a hub has for wg-quick, and keep its peers.",
        discussion: """
            The peers go on as they are: the network has the file's private key, addresses and port. One by one, they can \
            be sealed bundles.
            """
    )

    @Argument(help: "The file, such as /etc/wireguard/wg0.conf; - is standard input.", completion: .file())
    var file: String

    @Option(help: "What to call the interface. Default: what the file is called, without .conf.")
    var interface: InterfaceName?

    @OptionGroup var network: NetworkOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
        let path = file == "-" ? "standard input" : file
        let interface = try interfaceName()
        let text = try InputFile.readSecret(file, maximumByteCount: QuickConfiguration.maximumByteCount)
        let configuration = try text.withBytes { (text) throws(QuickError) in
            try QuickConfiguration(text: text, file: path)
        }
        let (privateKey, listenPort) = try configuration.requireHub(file: path)

        let name = network.name
        let home = try home.create()
        try home.requireRoom(for: name, interface: interface, listenPort: listenPort)
        try settleIdentity(of: home, with: privateKey, path: path)
        _ = try home.importNetwork(
            name,
            interface: interface,
            from: configuration,
            listenPort: listenPort,
            hostName: HostRoutes.hostName
        )
        report(configuration, as: name, interface: interface)
    }

    private func interfaceName() throws -> InterfaceName {
        if let interface { return interface }
        let name = file.split(separator: "/").last.map { $0.hasSuffix(".conf") ? $0.dropLast(5) : $0 } ?? ""
        guard let interface = InterfaceName(String(name)) else {
            throw CommandFailure(
                .usage,
                "\(file.printable): the name of the file is none for an interface",
                hint: "give one with --interface, such as --interface wg0"
            )
        }
        return interface
    }

    /// The peers know the hub by the key of the file, so that has to be the one of this host.
    private func settleIdentity(of home: borrowing Home, with privateKey: PrivateKey, path: String) throws {
        let identity: Identity
        do throws(KeystoreError) {
            identity = try home.identity().key.identity
        } catch .noIdentity {
            try home.createIdentity(.plain(IdentityKey(wireGuardKey: privateKey)), now: WallClock.now())
            diagnostics.say("made this host's identity of the private key; 'wgkey show' prints it")
            return
        } catch {
            throw error
        }
        guard identity.wireGuardKey == privateKey.publicKey else {
            throw CommandFailure(
                .refused,
                "\(path.printable): has another private key than this host, and its peers know that one alone",
                hint: "keep it in a home of its own: wgbundle import --home DIRECTORY \(file.printable)"
            )
        }
    }

    private func report(_ configuration: QuickConfiguration, as name: Name, interface: InterfaceName) {
        let count = configuration.peers.count
        diagnostics.say(
            "made network '\(name)' of \(file == "-" ? "standard input" : file.printable): interface \(interface), "
                + count.counted("plain peer")
        )
        if !configuration.dns.isEmpty { diagnostics.note("DNS is left out: this host looks up names as it did") }
        if configuration.isWithoutRoutes {
            diagnostics.note("Table = off is left out: wgup makes routes to all that the peers may use")
        }
        if diagnostics.isInteractive {
            diagnostics.say("take \(interface) down before 'wgup server': sudo wg-quick down \(interface)")
        }
    }
}
