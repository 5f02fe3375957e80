import ArgumentParser
import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

struct SealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Make a host a peer of a network, and seal a bundle to it.",
        discussion: """
            A new host gets the lowest free address. A known one keeps its name and address, and what was set for it \
            before; its new bundle replaces the old one. The network is made on first use.
            """
    )

    @Option(
        help: ArgumentHelp(
            "Whom for: an identity as 'wgkey show' prints it, a known peer's name, a file, or - for standard input.",
            valueName: "identity"
        )
    )
    var to: String

    @Option(help: "What to call a new peer. Default: peer- and the start of its fingerprint.")
    var name: Name?

    @Option(
        help: ArgumentHelp(
            "Where this peer reaches this host, the preferred one first. Repeatable. Default: that of the network, "
                + "else the address towards the default route.",
            valueName: "host[:port]"
        )
    )
    var endpoint: [String] = []

    @Option(help: "The peer's address in the network. Repeatable, once for each range.")
    var address: [IPAddress] = []

    @Option(help: ArgumentHelp("What else the peer reaches through this host. Repeatable.", valueName: "range"))
    var allowedIps: [IPPrefix] = []

    @Option(help: "How long the bundle may be applied, in m, h, d or w; at most 400d. Default: 90d.")
    var expires: Lifetime?

    @Option(
        help: ArgumentHelp("What the peer is asked to run, where it allows that.", valueName: "image@sha256:digest")
    )
    var container: ContainerRequest?

    @Option(
        help: ArgumentHelp("A service of this host that the peer is told of. Repeatable.", valueName: "name:port[/udp]")
    )
    var service: [ServiceRequest] = []

    @OptionGroup var output: BundleOutput
    @OptionGroup var network: NetworkOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var home: HomeOptions

    @Flag(help: "Print what was recorded, as JSON.")
    var json = false

    func validate() throws {
        for text in endpoint where Endpoint(text, defaultPort: Network.defaultPort) == nil {
            throw ValidationError("The value '\(text)' is invalid for '--endpoint <host[:port]>'")
        }
        if json, output.qr || output.file == "-" {
            throw ValidationError("--json needs standard output, so the bundle must go to a file")
        }
    }

    func run() throws {
        try output.check()
        let home = try home.open()
        let key = try passphrase.identityKey(of: home)
        let name = try network.name
        let identity = try Recipient.identity(
            to,
            peers: Self.knownPeers(of: name, in: home),
            issuers: home.trustedIssuers()
        )
        let routes = try HostRoutes.read()
        let store = try openNetwork(name, in: home, routes: routes)
        let port = store.network.listenPort
        let sealed = try store.seal(
            request(for: identity, port: port),
            from: key,
            defaultEndpoint: routes.defaultSource.flatMap { Endpoint(host: .address($0), port: port) },
            now: WallClock.now(),
            lifetimeSeconds: (expires ?? .standard).seconds
        )
        try output.write(sealed.bundle)
        try report(sealed)
    }

    private static func knownPeers(of name: Name, in home: borrowing Home) throws(KeystoreError) -> [PeerRecord] {
        do throws(KeystoreError) {
            return try home.network(name).peers()
        } catch .noNetwork {
            return []
        } catch {
            throw error
        }
    }

    private func openNetwork(
        _ name: Name,
        in home: borrowing Home,
        routes: HostRoutes
    ) throws(KeystoreError) -> NetworkStore {
        do throws(KeystoreError) {
            return try home.network(name)
        } catch .noNetwork {
            // It is made below.
        } catch {
            throw error
        }
        guard !endpoint.isEmpty || routes.defaultSource != nil else { throw .noEndpoint }
        let store = try home.createNetwork(name, besides: routes.destinations, hostName: HostRoutes.hostName)
        for address in store.network.addresses {
            diagnostics.note("new network '\(name)': \(address.prefix), this host is \(address.address)")
            if let usual = IPPrefix("10.0.0.0/24"), routes.destinations.contains(where: usual.overlaps) {
                diagnostics.note("10.0.0.0/24 overlaps a route of this host")
            }
        }
        return store
    }

    private func request(for identity: Identity, port: UInt16) -> EnrolmentRequest {
        var request = EnrolmentRequest(identity: identity)
        request.name = name
        request.addresses = address
        request.endpoints = endpoint.compactMap { Endpoint($0, defaultPort: port) }
        request.routes = allowedIps
        request.services = service
        request.container = container
        return request
    }

    private func report(_ sealed: SealedPeer) throws {
        let peer = sealed.peer
        let addresses = peer.addresses.map(\.description).joined(separator: ", ")
        let file = output.file.map { $0 == "-" ? "a bundle" : $0.printable } ?? "a bundle"
        diagnostics.say(
            "sealed \(file) to \(sealed.isNew ? "new peer " : "")\(peer.name), \(addresses), valid until \(sealed.notAfter)"
        )
        for case .address(let address) in sealed.endpoints.map(\.host) where address.isPrivate {
            diagnostics.note("\(address) is a private address: only hosts that reach it can call")
        }
        if diagnostics.isInteractive, let file = output.file, file != "-" {
            diagnostics.say("take the file to that host, over any channel, and run: sudo wgup client \(file.printable)")
        }
        guard json else { return }
        try StandardStream.writeOutput(
            JSON.object([
                "peer": .string(peer.name.description),
                "new": .bool(sealed.isNew),
                "identity": .string(peer.identity.text),
                "fingerprint": .string(peer.identity.fingerprint.description),
                "addresses": .strings(peer.addresses),
                "endpoints": .strings(sealed.endpoints),
                "serial": .number(peer.serial),
                "not_after": .number(sealed.notAfter.seconds),
                "file": .optional(output.file),
            ]).text
        )
    }
}

extension IPAddress {
    /// Addresses that only a part of the world can reach (RFC 1918, RFC 6598, RFC 4193).
    fileprivate var isPrivate: Bool {
        let blocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]
        return isReserved || blocks.compactMap { IPPrefix($0) }.contains { $0.contains(self) }
    }
}
