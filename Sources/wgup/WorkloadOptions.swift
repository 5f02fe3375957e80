import ArgumentParser
import CommandSupport
import Containers
import Keystore
import PeerBundle
import Planning
import SystemIO
import WireGuard

/// The options that say what uses the tunnel; each has an environment variable and a line of `workload.conf` beside it.
struct WorkloadOptions: ParsableArguments {
    @Option(help: "What runs the workload: auto, docker, podman, process or none. [WGUP_ENGINE]")
    var engine: EngineKind?

    @Option(help: "The container's image. [WGUP_IMAGE]")
    var image: String?

    @Option(help: "What to call the container, or the network namespace of a process. [WGUP_CONTAINER_NAME]")
    var containerName: String?

    @Option(
        help: ArgumentHelp(
            "With --placement host: ports to publish on the tunnel's address. [WGUP_PUBLISH]",
            valueName: "host:container"
        )
    )
    var publish: [String] = []

    @Option(help: "Where the tunnel's interface lives: container or host. [WGUP_PLACEMENT]")
    var placement: Placement?

    @Option(
        help: ArgumentHelp(
            "Give the tunnel to a container that runs already: its name, label:KEY=VALUE or compose:PROJECT/SERVICE. [WGUP_ATTACH]",
            valueName: "container"
        )
    )
    var attach: String?

    @Flag(help: "The workload has no network but the tunnel. [WGUP_ISOLATE=yes]")
    var isolate = false

    @Option(help: "What the start of the workload waits for: nothing or handshake. [WGUP_WAIT]")
    var wait: WaitKind?

    @Option(help: ArgumentHelp("How long it waits.", valueName: "seconds"))
    var waitTimeout: Int = 60

    @Option(help: "What happens after that time: fail, or start the workload all the same.")
    var waitPolicy = WaitPolicy.fail

    @Option(
        name: .customLong("engine-arg"),
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("One more argument for the engine, before the image.", valueName: "arg")
    )
    var engineArguments: [String] = []

    @Argument(
        parsing: .postTerminator,
        help: "What to run, in place of the image's own command. [WGUP_COMMAND]",
        completion: .nothing
    )
    var command: [String] = []

    /// Decides what holds for this run: of each setting the first that is given on the command line, in the environment,
    /// in the network's `workload.conf`, in the bundle, or else the default of the role.
    func settings(
        role: Role,
        configuration: WorkloadConfiguration,
        request: ContainerRequest? = nil
    ) throws -> WorkloadSettings {
        let nameText = containerName ?? Self.variable("WGUP_CONTAINER_NAME") ?? configuration.containerName
        guard let name = Name(nameText ?? "wgseal-\(role.rawValue)") else {
            throw ValidationError("'\(nameText ?? "")' is not a name: a letter, then letters, digits and hyphens")
        }
        let attached = try attachedContainer(configuration)
        let isIsolated = try isolate || Self.variable("WGUP_ISOLATE", Self.answer) ?? configuration.isIsolated ?? false
        let engine = try engine ?? Self.variable("WGUP_ENGINE", EngineKind.init) ?? configuration.engine ?? .auto
        let placement = try placement ?? Self.variable("WGUP_PLACEMENT", Placement.init) ?? configuration.placement
        if attached != nil {
            guard placement != .host, !isIsolated else {
                throw ValidationError(
                    "a container that is attached to keeps its own network: no --placement host, no --isolate"
                )
            }
        }
        if isIsolated, placement == .host || engine == .none {
            throw ValidationError("--isolate needs a workload in a network namespace of its own")
        }
        guard (1...86_400).contains(waitTimeout) else {
            throw ValidationError("--wait-timeout takes 1 to 86400 seconds")
        }
        let wait = try wait ?? Self.variable("WGUP_WAIT", WaitKind.init) ?? configuration.wait ?? .nothing
        return WorkloadSettings(
            engine: engine,
            attached: attached,
            isIsolated: isIsolated,
            wait: wait == .handshake && attached == nil
                ? HandshakeWait(limit: .seconds(waitTimeout), startsAnyway: waitPolicy == .start) : nil,
            image: image ?? Self.variable("WGUP_IMAGE") ?? configuration.image ?? request?.reference,
            name: name,
            publications: try publications(configuration),
            // Without a workload there is no other place.
            placement: engine == .none ? .host : placement ?? .container,
            engineArguments: engineArguments,
            command: try chosenCommand(configuration)
        )
    }

    private func attachedContainer(_ configuration: WorkloadConfiguration) throws -> ContainerSelector? {
        guard let text = attach ?? Self.variable("WGUP_ATTACH") ?? configuration.attach else { return nil }
        guard let selector = ContainerSelector(text) else {
            throw ValidationError("'\(text)' is not a container's name, label:KEY=VALUE or compose:PROJECT/SERVICE")
        }
        guard image == nil, containerName == nil, publish.isEmpty, engineArguments.isEmpty, command.isEmpty else {
            throw ValidationError("with --attach nothing is started, so there is nothing to say about it")
        }
        return selector
    }

    private static func answer(_ text: String) -> Bool? { ["yes": true, "no": false][text] }

    private func publications(_ configuration: WorkloadConfiguration) throws -> [WorkloadConfiguration.Publication] {
        let texts = publish.isEmpty ? Self.variable("WGUP_PUBLISH").map { [$0] } ?? [] : publish
        guard !texts.isEmpty else { return configuration.publications }
        return try texts.flatMap { $0.split(separator: ",") }.map { text in
            guard let publication = WorkloadConfiguration.Publication(String(text)) else {
                throw ValidationError("'\(text)' is not a pair of ports such as 8080:80")
            }
            return publication
        }
    }

    private func chosenCommand(_ configuration: WorkloadConfiguration) throws -> [String] {
        if !command.isEmpty { return command }
        guard let text = Self.variable("WGUP_COMMAND") else { return configuration.command ?? [] }
        guard let words = CommandWords.split(text) else {
            throw ValidationError("WGUP_COMMAND has an open quote or a backslash at its end")
        }
        return words
    }

    private static func variable(_ name: String) -> String? {
        Environment.value(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func variable<Value>(_ name: String, _ parse: (String) -> Value?) throws -> Value? {
        guard let text = variable(name) else { return nil }
        guard let value = parse(text) else { throw ValidationError("\(name)='\(text)' is not one of its values") }
        return value
    }
}

/// What uses the tunnel, as far as the operator and the defaults say.
struct WorkloadSettings: Sendable {
    let engine: EngineKind
    /// The operator's own container; `nil` to start one.
    let attached: ContainerSelector?
    /// Whether the workload has no network but the tunnel.
    let isIsolated: Bool
    /// `nil` to start the workload at once.
    let wait: HandshakeWait?
    /// `nil` for the default of the role.
    let image: String?
    let name: Name
    let publications: [WorkloadConfiguration.Publication]
    let placement: Placement
    let engineArguments: [String]
    /// Empty for the image's own.
    let command: [String]
}

/// What happens to a workload that has waited in vain.
enum WaitPolicy: String, CaseIterable, ExpressibleByArgument {
    case fail
    case start
}

extension WaitKind: ExpressibleByArgument {}
extension EngineKind: ExpressibleByArgument {}
extension BackendKind: ExpressibleByArgument {}
extension Placement: ExpressibleByArgument {}
