package import Processes
internal import SystemIO
package import WireGuard

/// Why a container is not as it should be; `reason` is the engine's own words, one printable line.
package enum ContainerError: Error, Equatable {
    /// The engine's program is not in any of root's directories.
    case notInstalled(EngineKind)
    /// Nobody answers where the daemon should be.
    case daemonNotRunning(EngineKind, reason: String)
    /// The daemon is there, but not for us.
    case permissionDenied(EngineKind, reason: String)
    /// There is a container of this name that somebody else made.
    case foreign(Name)
    /// There is a container of this name that we made earlier.
    case nameInUse(Name)
    /// The image is not here, and cannot be pulled.
    case imageUnavailable(String, reason: String)
    /// Somebody else has the port to publish.
    case portInUse(Name, reason: String)
    /// The container ended as soon as it was started.
    case ended(Name, exitCode: Int32, lastLine: String?)
    /// The engine did not do what it was asked to.
    case refused(EngineKind, reason: String)
    /// The engine answered something else than what was asked.
    case unintelligible(EngineKind)
    /// The engine's program could not be run.
    case process(ProcessError)
}

extension ContainerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notInstalled(let kind): "\(kind.rawValue) is not installed"
        case .daemonNotRunning(let kind, let reason): "the \(kind.rawValue) daemon is not running: \(reason)"
        case .permissionDenied(let kind, let reason): "no permission to use \(kind.rawValue): \(reason)"
        case .foreign(let name): "container \(name) exists, and was not made by this program"
        case .nameInUse(let name): "container \(name) exists already"
        case .imageUnavailable(let image, let reason): "image \(image.printable) cannot be had: \(reason)"
        case .portInUse(let name, let reason): "a port of container \(name) is taken: \(reason)"
        case .ended(let name, let code, let line?): "container \(name) ended with status \(code): \(line)"
        case .ended(let name, let code, nil): "container \(name) ended with status \(code)"
        case .refused(let kind, let reason): "\(kind.rawValue): \(reason)"
        case .unintelligible(let kind): "\(kind.rawValue) gave an answer that is not understood"
        case .process(let error): "\(error)"
        }
    }
}
