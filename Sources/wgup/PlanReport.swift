import ArgumentParser
import CommandSupport
import Crypto
import Planning
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
        let observation = try await TunnelObservation.take(of: request.interface)
        let isOtherBackend = backend != .auto && observation.backend.map { $0 != backend } ?? false
        interface = request.interface.name.description
        isLeftover = observation.isLeftover
        changes =
            Difference(
                from: observation.state,
                to: request.desired,
                startsAnew: observation.isLeftover || isOtherBackend
            ).changes
        self.pinned = pinned
    }

    /// Prints the changes.
    ///
    /// - Throws: An exit code of 2 if there are any.
    func print(to output: OutputOptions) throws {
        if isLeftover {
            Diagnostics(tool: "wgup").note("an earlier wgup left \(interface) behind; all of it would be made anew")
        }
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
