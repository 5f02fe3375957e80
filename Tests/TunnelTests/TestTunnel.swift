import Crypto
import Foundation
import Planning
import Processes
import SystemIO
import TestSupport
import Testing
import Tunnel
import WireGuard

/// A tunnel that a test makes in this process's network namespace, and what was written down of it.
final class TestTunnel {
    let name: InterfaceName
    let backend: any TunnelBackend
    private(set) var journal: Journal

    /// Makes nothing yet; the number tells links of one test apart, as the processes that make them do elsewhere.
    init(_ kind: BackendKind, _ name: String = "wg-test", number: Int32 = 2) throws {
        let interface = try #require(InterfaceName(name))
        self.name = interface
        let record = LinkRecord(interface, madeBy: number, startTime: 1)
        backend = try TunnelBackends.choose(kind, link: record, log: "/run/\(name).\(number).log")
        journal = Journal(
            interface: interface,
            tunnel: .server(of: try #require(Name("default"))),
            owner: .process(.wgup, pid: number, startTime: 1),
            placement: .container,
            backend: kind,
            addresses: [],
            notAfter: nil
        )
    }

    /// Makes a tunnel, and removes it, whatever becomes of `body`; afterwards nothing of it is where it was last.
    static func with(
        _ kind: BackendKind,
        _ name: String = "wg-test",
        number: Int32 = 2,
        _ body: (TestTunnel) async throws -> Void
    ) async throws {
        let tunnel = try TestTunnel(kind, name, number: number)
        do {
            try await tunnel.create()
            try await body(tunnel)
        } catch {
            try? await tunnel.remove()
            throw error
        }
        try await tunnel.remove()
        #expect(!tunnel.backend.isAlive)
    }

    /// Makes the link; `look` is called before each record is taken down.
    func create(_ look: (Resource) throws -> Void = { _ in }) async throws {
        try await backend.create { resource in
            try look(resource)
            journal.add(Journal.Entry(.link, resource))
        }
    }

    /// Moves the link to another namespace.
    func move(to place: Place) throws {
        try backend.move(to: place.open(), at: place.recorded) { journal.add(Journal.Entry(.link, $0)) }
    }

    func remove() async throws { try await backend.remove(grace: .seconds(2)) }

    /// What a process that was started later finds of what a journal names.
    static func recorded(in journal: Journal) throws -> (any TunnelBackend)? {
        try TunnelBackends.recorded(in: try #require(Journal(text: journal.text)))
    }

    /// Whether a process that was started later finds something that carries packets.
    static func isThere(_ journal: Journal) throws -> Bool { try recorded(in: journal)?.isAlive ?? false }
}

/// A network namespace of a test's own.
enum Place {
    case here
    case namespace(Name)
    case process(ProcessIdentity)

    /// As the journal has it.
    var recorded: LinkRecord.Place {
        switch self {
        case .here: .own
        case .namespace(let name): .namespace(name)
        case .process(let process): .process(pid: process.pid, startTime: process.startTime)
        }
    }

    func open() throws -> NetworkNamespace {
        switch self {
        case .here: try .current()
        case .namespace(let name): try .open(named: name)
        case .process(let process): try .ofProcess(process.pid)
        }
    }

    /// Makes a named namespace for as long as `body` takes.
    static func withNamespace(_ name: String, _ body: (Place) async throws -> Void) async throws {
        try await here.run("ip netns add \(name)")
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(.namespace(try #require(Name(name))))) } catch {
            outcome = .failure(error)
        }
        try await here.run("ip netns delete \(name)")
        try outcome.get()
    }

    /// Starts a process that has a namespace to itself, for as long as `body` takes.
    static func withProcess(_ body: (Place) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = ["--net", "sleep", "1000"]
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        func namespace(_ process: String) throws -> String {
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
        }
        while try namespace("\(process.processIdentifier)") == namespace("self") {
            try await Task.sleep(for: .milliseconds(1))
        }
        try await body(.process(try #require(ProcessIdentity(running: process.processIdentifier))))
    }
}

// What `ip`, `wg` and the files of the kernel say in a namespace: independent witnesses.
extension Place {
    private var words: [String] {
        switch self {
        case .here: []
        case .namespace(let name): ["nsenter", "--net=\(NetworkNamespace.path(of: name))"]
        case .process(let process): ["nsenter", "--net=/proc/\(process.pid)/ns/net"]
        }
    }

    /// Runs a command that has to succeed.
    @discardableResult
    func run(_ line: String) async throws -> String {
        let words = words + line.split(separator: " ").map(String.init)
        let result = try await Tool(words[0]).run(Array(words.dropFirst()))
        try #require(result.status == 0, "\(line): \(result.error)\(result.text)")
        return result.text
    }

    /// The line that `ip` has for a link; `nil` if there is none of that name.
    func link(_ name: InterfaceName) async throws -> String? {
        let links = try await run("ip -details -oneline link").split(separator: "\n")
        return links.first { $0.contains(" \(name): ") }.map(String.init)
    }

    /// What `wg show` has of a device.
    func device(_ name: InterfaceName) async throws -> DeviceDump {
        try DeviceDump(try await run("wg show \(name) dump"))
    }
}

/// The output of `wg show INTERFACE dump`.
struct DeviceDump {
    /// Without the secrets.
    let state: DeviceState
    /// In base64.
    let privateKey: String?
    /// In base64.
    let presharedKeys: [PublicKey: String]

    init(_ text: String) throws {
        var lines = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        try #require(!lines.isEmpty)
        let device = lines.removeFirst()
        try #require(device.count == 4)
        func unless(_ nothing: String, _ word: String) -> String? { word == nothing ? nil : word }
        var presharedKeys: [PublicKey: String] = [:]
        let peers = try lines.map { words in
            try #require(words.count == 8)
            let key = try PublicKey(base64: words[0])
            presharedKeys[key] = unless("(none)", words[1])
            return PeerState(
                publicKey: key,
                endpoint: try unless("(none)", words[2]).map { try #require(SocketAddress($0)) },
                latestHandshake: try unless("0", words[4]).map { UnixTime(seconds: try #require(UInt64($0))) },
                receivedByteCount: try #require(UInt64(words[5])),
                sentByteCount: try #require(UInt64(words[6])),
                keepaliveSeconds: try unless("off", words[7]).map { try #require(UInt16($0)) },
                allowedAddresses: try (unless("(none)", words[3]) ?? "").split(separator: ",").map {
                    try #require(IPPrefix(String($0)))
                }
            )
        }
        privateKey = unless("(none)", device[0])
        self.presharedKeys = presharedKeys
        state = DeviceState(
            publicKey: try unless("(none)", device[1]).map { try PublicKey(base64: $0) },
            listenPort: try #require(UInt16(device[2])),
            peers: peers
        )
    }
}

extension DeviceState {
    /// The peer of that key.
    func peer(_ key: PublicKey) -> PeerState? { peers.first { $0.publicKey == key } }

    /// What somebody has set, without what traffic has done since, in an order that does not depend on the backend.
    var settings: DeviceState {
        var state = self
        state.peers = peers.map { peer in
            PeerState(
                publicKey: peer.publicKey,
                endpoint: peer.endpoint,
                keepaliveSeconds: peer.keepaliveSeconds,
                allowedAddresses: peer.allowedAddresses.sorted()
            )
        }
        state.peers.sort { $0.publicKey < $1.publicKey }
        return state
    }

    /// What differs in the settings, a line each, and no more lines than somebody would read.
    func differences(from other: DeviceState) -> [String] {
        let (own, other) = (settings, other.settings)
        var lines: [String] = []
        if own.publicKey != other.publicKey { lines.append("another key") }
        if own.listenPort != other.listenPort { lines.append("port \(own.listenPort) and not \(other.listenPort)") }
        let peers = (Set(own.peers.map(\.description)), Set(other.peers.map(\.description)))
        lines += peers.0.subtracting(peers.1).sorted().prefix(5).map { "+ \($0.prefix(500))" }
        lines += peers.1.subtracting(peers.0).sorted().prefix(5).map { "- \($0.prefix(500))" }
        return lines
    }
}

extension PeerState {
    fileprivate var description: String {
        let addresses = allowedAddresses.map(\.description).joined(separator: " ")
        return "\(publicKey.base64) at \(endpoint?.description ?? "?") every \(keepaliveSeconds ?? 0) s: \(addresses)"
    }
}
