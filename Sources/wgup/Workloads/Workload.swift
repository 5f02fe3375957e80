import CommandSupport
import Containers
import Crypto
import Planning
import Processes
import SystemIO
import WireGuard

/// What uses the tunnel, ready to be started: a container of an engine, a command, or less than that.
protocol Workload: Sendable {
    /// The workload as a plan sees it.
    var desired: DesiredState.Workload { get }

    /// All that it is started with; empty for what is not started.
    var words: [String] { get }

    /// The operator's own container, as a journal has it.
    var attachment: Journal.Attachment? { get }

    /// The engine's container in whose network namespace the tunnel is, and which takes that along when it ends.
    var place: (engine: any ContainerEngine, container: ContainerSelector)? { get }

    /// Makes what everything in its network namespace is to find, once that is there.
    ///
    /// - Parameter site: What takes down each thing that is about to be made.
    /// - Throws: What keeps it from being made.
    func prepareNamespace(at site: WorkloadSite) async throws

    /// Starts it.
    ///
    /// - Parameter site: What takes down each thing that is about to be made.
    /// - Returns: `nil` for what is not started.
    /// - Throws: What keeps it from being started; what was recorded may have been made.
    func start(at site: WorkloadSite) async throws -> StartedWorkload?

    /// What is reached from it without the tunnel, where a bundle is applied that may not take that.
    ///
    /// - Parameter tunnel: The tunnel's link, which does not count.
    /// - Returns: Blocks of addresses.
    /// - Throws: What looking for them meets.
    func prefixes(besides tunnel: InterfaceName) async throws -> [IPPrefix]

    /// What to call it when it has ended, for people.
    func name(on interface: InterfaceName) -> String

    /// The words before a command that is to run in it, for people; `nil` where there is no need.
    var entrance: String? { get }
}

/// Where a workload is started.
struct WorkloadSite: Sendable {
    let interface: InterfaceName
    let directory: RunDirectory
    let diagnostics: Diagnostics
    /// Writes into the journal what is about to be made.
    let record: @Sendable (Resource) async throws -> Void
}

/// A workload that runs.
struct StartedWorkload: Sendable {
    /// The container's first process, or the command.
    let process: ProcessIdentity?
    /// The command, whose end this process learns of.
    var command: StartedProcess?
    /// Whether its network namespace has come into being with it.
    var isPlace = false
}

extension Workload {
    var words: [String] { [] }
    var attachment: Journal.Attachment? { nil }
    var place: (engine: any ContainerEngine, container: ContainerSelector)? { nil }
    var entrance: String? { nil }

    func prepareNamespace(at site: WorkloadSite) async throws {}
    func start(at site: WorkloadSite) async throws -> StartedWorkload? { nil }
    func prefixes(besides tunnel: InterfaceName) async throws -> [IPPrefix] { [] }
    func name(on interface: InterfaceName) -> String { "the workload" }

    /// Differs where anything differs of how it is started; `nil` for what is not started.
    var check: CheckValue? {
        guard !words.isEmpty else { return nil }
        let bytes: [UInt8] = words.flatMap { Array($0.utf8) + [0] }
        return CheckValue(of: bytes.span, personalization: "wgseal.workloads")
    }

    /// A line that shows the operator of a client how to use the tunnel from the workload; `nil` where there is no need.
    func example(hub: IPAddress) -> String? {
        entrance.map { "\($0) curl http://\(hub.family == .v6 ? "[\(hub)]" : "\(hub)")" }
    }
}
