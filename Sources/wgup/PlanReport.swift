import ArgumentParser
import CommandSupport
import Crypto
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

/// What a run of `wgup server` or `wgup client` would change, as `wgup plan` shows it.
struct PlanReport {
    private let interface: String
    private let changes: [Change]
    private let pinned: Fingerprint?
    private let isLeftover: Bool

    /// Compares what a request asks for with what is there.
    ///
    /// - Parameters:
    ///   - request: What should be there.
    ///   - backend: What the operator wants to carry the packets.
    ///   - pinned: The issuer whom the run would trust from then on.
    /// - Throws: What keeps us from looking, and what the run itself would be refused for.
    init(_ request: TunnelRequest, backend: BackendKind, pinned: Fingerprint?) async throws {
        let name = request.interface.name
        interface = name.description
        self.pinned = pinned
        guard let directory = try RunDirectory.open(), let journal = try directory.journal(of: name) else {
            var link = try TunnelLink(name)
            try link.requireAbsent()
            if let port = request.interface.listenPort, !UDPPort.isFree(port) { throw TunnelError.portTaken(port) }
            isLeftover = false
            changes = Difference(from: ObservedState(), to: request.desired).changes
            return
        }
        isLeftover = journal.ownerProcess?.isAlive != true
        let isSame = journal.tunnel == request.tunnel
        guard isSame || isLeftover else { throw WgupFailure.alreadyUp(name, as: journal.tunnel) }
        let observation = try await TunnelObservation(journal, notes: directory.notes(of: name))
        let isOtherBackend = backend != .auto && observation.backend.map { $0.kind != backend } ?? false
        changes =
            Difference(from: observation.state, to: request.desired, startsAnew: !isSame || isOtherBackend).changes
    }

    /// Prints the changes.
    ///
    /// - Throws: An exit code of 2 if there are any.
    func print(to output: OutputOptions) throws {
        if isLeftover { Diagnostics(tool: "wgup").note("an earlier wgup was killed and left \(interface) behind") }
        try output.print(text, json)
        if !changes.isEmpty || pinned != nil { throw ExitCode(2) }
    }

    private var text: String {
        let trust = pinned.map { ["+ trust bundles of \($0)"] } ?? []
        return (trust + changes.map { "\($0.kind.mark) \($0)" }).map { "\($0.onOneLine)\n" }.joined()
    }

    private var json: JSON {
        .object([
            "interface": .string(interface),
            "trusts": .optional(pinned),
            "leftover": .bool(isLeftover),
            "changes": .array(changes.map(Self.json)),
        ])
    }

    private static func json(of change: Change) -> JSON {
        .object([
            "kind": .string(change.kind.rawValue),
            "peer": .optional(change.peer?.base64),
            "text": .string(change.description),
        ])
    }
}
