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
        _superCommandName: "wgbundle",
        abstract: "Make hosts peers of a network, and seal a bundle to each.",
        discussion: """
            A new host gets the lowest free address. A known one keeps its name and address, and what was set for it \
            before; its new bundle replaces the old one. The network is made on first use.
            """
    )

    @Option(
        help: ArgumentHelp(
            "Whom for: an identity as 'wgkey show' prints it, a known peer's name, a file, or - for standard input.",
            valueName: "identity"
        ),
        completion: .recipients
    )
    var to: String?

    @Option(
        help: ArgumentHelp("Many hosts: a list as CSV or JSON Lines, or - for standard input.", valueName: "file"),
        completion: .file()
    )
    var batch: String?

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

    @Option(
        help: ArgumentHelp("What the peer is asked to run, where it allows that.", valueName: "image@sha256:digest")
    )
    var container: ContainerRequest?

    @Option(
        help: ArgumentHelp("A service of this host that the peer is told of. Repeatable.", valueName: "name:port[/udp]")
    )
    var service: [ServiceRequest] = []

    @Flag(help: "Make it a peer of all peers that are in the mesh, too.")
    var mesh = false

    @Option(
        help: ArgumentHelp(
            "Where the others of the mesh reach this peer, which listens at the first one's port. Repeatable.",
            valueName: "host[:port]"
        )
    )
    var ownEndpoint: [String] = []

    @Option(help: "Write this down about the peer.")
    var note: Note?

    @Option(help: "The addresses of a new network. Repeatable, one of IPv4 and one of IPv6. Default: 10.0.0.0/24.")
    var range: [IPPrefix] = []

    @Flag(name: .customLong("ipv6"), help: "Give a new network a random range of local IPv6 addresses, too.")
    var hasIPv6 = false

    @OptionGroup var output: BundleOutput
    @OptionGroup var options: SealingOptions

    @Flag(help: "Print what was recorded, as JSON.")
    var json = false

    func validate() throws {
        guard (to == nil) != (batch == nil) else { throw ValidationError("give either --to or --batch") }
        for (option, texts) in [("endpoint", endpoint), ("own-endpoint", ownEndpoint)] {
            for text in texts where Endpoint(text, defaultPort: Network.defaultPort) == nil {
                throw ValidationError("The value '\(text)' is invalid for '--\(option) <host[:port]>'")
            }
        }
        guard ownEndpoint.isEmpty || mesh else { throw ValidationError("--own-endpoint is for a peer of the --mesh") }
        let families = range.map(\.address.family)
        guard Set(families).count == families.count else { throw ValidationError("give one --range of each family") }
        if batch != nil {
            guard name == nil, address.isEmpty, ownEndpoint.isEmpty, note == nil else {
                throw ValidationError("--name, --address, --own-endpoint and --note are columns of the --batch list")
            }
            try output.requireDirectory()
        } else if json {
            try output.requireFile()
        }
    }

    func run() throws {
        if let batch { try seal(batch: batch) } else if let to { try seal(to: to) }
    }

    private func seal(to recipient: String) throws {
        try output.check()
        let home = try options.home.open()
        let key = try options.key(of: home)
        let identity = try Recipient.identity(recipient, in: home, network: options.network.name)
        let routes = try HostRoutes.read()
        let store = try openNetwork(in: home, routes: routes)
        let sealing = options.sealing(key, routes: routes, port: store.network.listenPort)
        let sealed = try store.seal(
            request(EnrolmentRequest(identity: identity), port: store.network.listenPort),
            sealing
        )
        try output.deliver(sealed, json: json)
    }

    private func seal(batch path: String) throws {
        let home = try options.home.open()
        // Before the list: both may come from standard input.
        let key = try options.key(of: home)
        let bytes = try InputFile.read(path, maximumByteCount: BatchFile.maximumByteCount)
        let series = try BundleSeries(output)
        do {
            let routes = try HostRoutes.read()
            let requests = try BatchFile(bytes).requests(defaultPort: Network.defaultPort)
            let store = try openNetwork(in: home, routes: routes, hostCount: 2 * requests.count)
            let port = store.network.listenPort
            let sealed = try series.seal(
                requests.map { (line: $0.line as Int?, request: request($0.request, port: port)) },
                of: store,
                options.sealing(key, routes: routes, port: port),
                isRecorded: json
            )
            guard json else { return }
            try StandardStream.writeOutput(JSON.array(sealed).text)
        } catch let error as BatchError {
            throw CommandFailure(
                error.exitStatus,
                "\(path.printable): \(error)",
                hint: error.hint ?? "mend the line, and run the same command again"
            )
        }
    }

    private func openNetwork(
        in home: borrowing Home,
        routes: HostRoutes,
        hostCount: Int = 1
    ) throws(KeystoreError) -> NetworkStore {
        let name = options.network.name
        do throws(KeystoreError) {
            return try home.network(name)
        } catch .noNetwork {
            // It is made below.
        } catch {
            throw error
        }
        guard !endpoint.isEmpty || routes.defaultSource != nil else { throw .noEndpoint }
        var ranges = NetworkRanges()
        ranges.given = range
        ranges.hasIPv6 = hasIPv6
        ranges.hostCount = hostCount
        let hostName = HostRoutes.hostName
        let store = try home.createNetwork(name, ranges, besides: routes.destinations, hostName: hostName)
        for address in store.network.addresses {
            diagnostics.note("new network '\(name)': \(address.prefix), this host is \(address.address)")
        }
        if range.isEmpty, let usual = IPPrefix("10.0.0.0/24"), routes.destinations.contains(where: usual.overlaps) {
            diagnostics.note("10.0.0.0/24 overlaps a route of this host")
        }
        return store
    }

    /// What the options ask for all that it leaves open.
    private func request(_ request: EnrolmentRequest, port: UInt16) -> EnrolmentRequest {
        var request = request
        request.name = request.name ?? name
        request.addresses += address
        if request.endpoints.isEmpty { request.endpoints = endpoint.compactMap { Endpoint($0, defaultPort: port) } }
        if request.routes.isEmpty { request.routes = allowedIps }
        if request.services.isEmpty { request.services = service }
        request.container = request.container ?? container
        request.isInMesh = request.isInMesh || mesh
        request.ownEndpoints += ownEndpoint.compactMap { Endpoint($0, defaultPort: Network.defaultPort) }
        request.note = request.note ?? note
        return request
    }
}

extension BatchFile {
    /// What the rows ask for, read on all cores: to check an identity takes as long as to make a key.
    fileprivate func requests(
        defaultPort: UInt16
    ) throws -> [(line: Int, request: EnrolmentRequest)] {
        let requests = try Processors.divide(rows.indices) { (part) throws(BatchError) in
            var requests: [EnrolmentRequest] = []
            for row in rows[part] { requests.append(try row.request(defaultPort: defaultPort)) }
            return requests
        }.flatMap(\.self)
        var identities: [PublicKey: Int] = [:]
        var names: [Name: Int] = [:]
        for (row, request) in zip(rows, requests) {
            if let other = identities.updateValue(row.line, forKey: request.identity.wireGuardKey) {
                throw BatchError(row.line, .again(.identity, line: other))
            }
            if let name = request.name, let other = names.updateValue(row.line, forKey: name) {
                throw BatchError(row.line, .again(.name, line: other))
            }
        }
        return zip(rows, requests).map { ($0.line, $1) }
    }
}
