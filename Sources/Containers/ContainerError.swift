package import Processes
internal import SystemIO
package import WireGuard

/// What an engine refuses, or what stands in the way of a workload.
package enum ContainerError: Error, Equatable {
    /// Why an engine cannot be used at all.
    package enum Obstacle: Hashable, Sendable {
        /// Its tool is nowhere where programs are looked for.
        case notInstalled
        /// Its daemon does not run.
        case notRunning
        /// Its daemon does not talk to us.
        case permissionDenied
        /// It did not answer within a probe's few seconds.
        case silent
        /// This version of ours cannot talk to it.
        case unsupported
        /// The engine's own words.
        case other(String)
    }

    /// There is no engine of this name, or it is of no use.
    case unavailable(engine: String, Obstacle)
    /// The image is not here, and cannot be had; `reason` is the engine's.
    case imageUnavailable(ImageReference, reason: String)
    /// A container of this name exists that is not ours.
    case foreign(Name)
    /// A container of this name serves another tunnel of this host.
    case inUse(Name, interface: InterfaceName)
    /// Several containers that run are meant, and a tunnel is for one.
    case ambiguous(ContainerSelector, count: Int)
    /// The container that is meant was made by us, and serves a tunnel already.
    case attachedIsOurs(ContainerSelector, interface: InterfaceName)
    /// As ``elsewhere(_:engine:)``, for a container of the operator's own.
    case attachedElsewhere(ContainerSelector, engine: String)
    /// There is no container that is meant.
    case noContainer(ContainerSelector, engine: String)
    /// The container shares this host's network, so the tunnel would be on the host.
    case onHostNetwork(ContainerSelector)
    /// The container has ended by itself; with the last line that it wrote, if it wrote any.
    case ended(Name, status: Int32, lastLine: String?)
    /// The container is gone.
    case missing(Name)
    /// The container's processes are not processes of this host, so it has no network namespace here.
    case elsewhere(Name, engine: String)
    /// The engine did not do what it was told; `reason` is its own.
    case refused(engine: String, verb: String, reason: String)
    /// The engine was told something, and did not answer in time.
    case silent(engine: String, verb: String)
    /// The engine answered with something that cannot be understood.
    case malformedReply(engine: String, verb: String)
    /// There is no such program where programs are looked for.
    case noProgram(String)
    /// There is no command to run, and no default for one.
    case noCommand
    /// The engine's tool could not be run.
    case process(ProcessError)
}

extension ContainerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let engine, let obstacle): "\(engine): \(obstacle)"
        case .imageUnavailable(let image, let reason): "image \(image) is not to be had: \(reason)"
        case .foreign(let name): "container \(name) exists, and was not made by wgup"
        case .inUse(let name, let interface): "container \(name) serves \(interface)"
        case .ambiguous(let selector, let count): "\(selector) means \(count) containers that run"
        case .attachedIsOurs(let selector, let interface):
            "container \(selector) is wgup's own, and serves \(interface)"
        case .attachedElsewhere(let selector, let engine):
            "container \(selector) does not run on this host: \(engine) is a remote one, or in a virtual machine"
        case .noContainer(let selector, let engine): "\(engine) has no container \(selector)"
        case .onHostNetwork(let selector): "container \(selector) shares the network of this host"
        case .ended(let name, let status, let line?): "container \(name) ended with status \(status): \(line)"
        case .ended(let name, let status, nil): "container \(name) ended with status \(status), and wrote nothing"
        case .missing(let name): "container \(name) is gone"
        case .elsewhere(let name, let engine):
            "container \(name) does not run on this host: \(engine) is a remote one, or in a virtual machine"
        case .refused(let engine, let verb, let reason): "\(engine) \(verb): \(reason)"
        case .silent(let engine, let verb): "\(engine) \(verb): no answer in time"
        case .malformedReply(let engine, let verb): "\(engine) \(verb): cannot understand the answer"
        case .noProgram(let name): "no program '\(name.printable)'"
        case .noCommand: "there is no command to run"
        case .process(let error): "\(error)"
        }
    }
}

extension ContainerError.Obstacle: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notInstalled: "is not installed"
        case .notRunning: "its daemon is not running"
        case .permissionDenied: "permission to talk to its daemon is denied"
        case .silent: "its daemon does not answer"
        case .unsupported: "is not supported yet"
        case .other(let reason): reason
        }
    }
}
