import ArgumentParser
import CommandSupport
import Keystore
import PeerBundle
import Planning
import SystemIO
import WireGuard

/// The options that say what uses the tunnel; each has an environment variable and a line of `workload.conf` beside it.
struct WorkloadOptions: ParsableArguments {
    @Option(help: "What runs the workload: auto, docker, process or none. [WGUP_ENGINE]")
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
        name: .customLong("engine-arg"),
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("One more argument for the engine, before the image.", valueName: "arg")
    )
    var engineArguments: [String] = []

    @Argument(parsing: .postTerminator, help: "What to run, in place of the image's own command. [WGUP_COMMAND]")
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
        let engine = try engine ?? Self.variable("WGUP_ENGINE", EngineKind.init) ?? configuration.engine ?? .auto
        let placement = try placement ?? Self.variable("WGUP_PLACEMENT", Placement.init) ?? configuration.placement
        return WorkloadSettings(
            engine: engine,
            image: image ?? Self.variable("WGUP_IMAGE") ?? configuration.image ?? request?.reference,
            name: name,
            publications: try publications(configuration),
            // Without a workload there is no other place.
            placement: engine == .none ? .host : placement ?? .container,
            engineArguments: engineArguments,
            command: try chosenCommand(configuration)
        )
    }

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
    /// `nil` for the default of the role.
    let image: String?
    let name: Name
    let publications: [WorkloadConfiguration.Publication]
    let placement: Placement
    let engineArguments: [String]
    /// Empty for the image's own.
    let command: [String]
}

extension EngineKind: ExpressibleByArgument {}
extension BackendKind: ExpressibleByArgument {}
extension Placement: ExpressibleByArgument {}
