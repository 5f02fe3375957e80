package import Netlink
package import Planning
package import SystemIO

/// What goes wrong with a tunnel's link or device.
package enum TunnelError: Error, Equatable {
    /// This backend is not to be had; for ``BackendKind/auto``, none is.
    case backendMissing(BackendKind)
    /// `wireguard-go` ended or never answered; in its own words, one printable line.
    case backendFailed(String)
    /// Somebody else's `wireguard-go` answers for an interface of this name.
    case deviceExists(String)
    /// A link of this name exists and is not ours; its kind as the kernel names it.
    case linkExists(name: String, kind: String?)
    /// The link that should be there is not.
    case linkMissing(String)
    /// Somebody listens on this UDP port.
    case portTaken(UInt16)
    /// The device refused a request with this errno.
    case device(errno: Int32)
    /// The device answered outside the protocol, at the named part.
    case protocolViolation(String)
    /// The kernel refused a request.
    case netlink(NetlinkError)
    /// A system call failed.
    case system(SystemError)
}

extension TunnelError {
    /// Whether it says that what was spoken to is not there.
    package var isAbsence: Bool {
        switch self {
        case .linkMissing: true
        case .system(let error): error.isAbsence
        default: false
        }
    }
}

extension TunnelError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .backendMissing(.auto): "the kernel has no WireGuard, and wireguard-go is not installed"
        case .backendMissing(.kernel): "the kernel has no WireGuard"
        case .backendMissing(.userspace): "wireguard-go is not installed"
        case .backendFailed(let message): "wireguard-go: \(message)"
        case .deviceExists(let name): "\(name) exists already, a wireguard-go interface that wgup did not make"
        case .linkExists(let name, let kind?): "\(name) exists already, a \(kind) link that wgup did not make"
        case .linkExists(let name, nil): "\(name) exists already, a link that wgup did not make"
        case .linkMissing(let name): "\(name) has disappeared"
        case .portTaken(let port): "UDP port \(port) is taken"
        case .device(let errno): "the WireGuard device refused its configuration: errno \(errno)"
        case .protocolViolation(let part): "the WireGuard device answered outside its protocol: \(part)"
        case .netlink(let error): error.description
        case .system(let error): error.description
        }
    }
}
