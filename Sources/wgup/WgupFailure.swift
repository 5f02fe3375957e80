import CommandSupport
import Planning
import WireGuard

/// What `wgup` itself refuses or fails at.
enum WgupFailure: Error, Equatable {
    case notRoot(command: String)
    /// Root, but without `CAP_NET_ADMIN`.
    case noCapability(command: String)
    /// What the tunnel would put on this host is a part of it already: ours, and what is there.
    case overlap(IPPrefix, IPPrefix)
    /// Nobody has said whom to expect, and nobody can be asked.
    case firstContact
    /// The bundle is genuine, but not from the issuer whom the operator expects.
    case otherIssuer
    /// As ``firstContact``, for a command that asks nobody.
    case unknownIssuer
    case unknownHost(HostName)
    case damagedJournal(path: String)
    /// Another `wgup` has the interface, for this tunnel or another; `nil` if it does not say which.
    case alreadyUp(InterfaceName, as: TunnelIdentity?)
    case incompleteTeardown(String)
    /// Who is not root has to be in a group to ask.
    case mayNotAsk(group: String, exists: Bool)
    /// No peer has answered for this long, and the workload is not to start before.
    case noHandshake(Duration)
    /// What says how a tunnel should be says now how another should be.
    case otherTunnel(InterfaceName)
    /// There is a network namespace of this name that we did not make.
    case foreignNamespace(Name)
    case image(String)
    /// The `process` engine's default workload is not installed.
    case noNginx
    /// There is no container engine to attach to a container of.
    case noEngine
    /// `/proc` does not say who we are.
    case noProcessFileSystem
}

extension WgupFailure: Diagnosable, CustomStringConvertible {
    var description: String {
        switch self {
        case .notRoot(let command): "'\(command)' must run as root"
        case .noCapability(let command): "'\(command)' needs CAP_NET_ADMIN, which this root does not have"
        case .overlap(let ours, let theirs): "\(ours) of the tunnel overlaps \(theirs), which this host has already"
        case .firstContact: "this host has no trust in the bundle's issuer yet, and there is no terminal to ask on"
        case .unknownIssuer: "this host has no trust in the bundle's issuer yet"
        case .otherIssuer: "the bundle is from another issuer than the one you expect"
        case .unknownHost(let name): "the endpoint \(name) has no address"
        case .damagedJournal(let path): "\(path): is damaged, so it is not known what to take down"
        case .alreadyUp(let interface, let tunnel?): "\(interface) is up already, as \(tunnel)"
        case .alreadyUp(let interface, nil): "\(interface) is up already, under another wgup"
        case .incompleteTeardown(let problem): problem
        case .mayNotAsk: "only root and the members of the group that owns the status socket may ask"
        case .noHandshake(let limit): "no handshake in \(limit.components.seconds) s, so the workload was not started"
        case .otherTunnel(let interface): "what is written down now is not the tunnel of \(interface) any more"
        case .image(let text): "'\(text)' is not the name of an image"
        case .noNginx: "nginx, the default workload of a server without a container engine, is not installed"
        case .noEngine: "no container engine answers, and --attach needs one"
        case .noProcessFileSystem: "/proc is not mounted"
        case .foreignNamespace(let name): "network namespace \(name) exists already, and this wgup did not make it"
        }
    }

    var exitStatus: ExitStatus {
        switch self {
        case .notRoot, .noCapability, .mayNotAsk: .permission
        case .firstContact, .unknownIssuer, .otherIssuer: .refused
        case .unknownHost, .alreadyUp, .noHandshake: .tryAgain
        case .damagedJournal, .noProcessFileSystem, .otherTunnel: .configuration
        case .foreignNamespace, .overlap: .cannotCreate
        case .incompleteTeardown: .inputOutput
        case .noNginx, .noEngine: .unavailable
        case .image: .usage
        }
    }

    var hint: String? {
        switch self {
        case .notRoot(let command): "sudo \(command)"
        case .noCapability: "in a container: --cap-add NET_ADMIN"
        case .overlap: "--placement container leaves this host's network as it is"
        case .firstContact, .unknownIssuer:
            "add --from with the fingerprint that 'wgkey show --fingerprint' prints on the issuer's host"
        case .otherIssuer: "run 'wgkey show --fingerprint' on the host that sent it, and compare"
        case .alreadyUp(let interface, _): "wgup down \(interface)"
        case .incompleteTeardown: "run 'wgup down' again"
        case .foreignNamespace(let name):
            "choose another with --container-name, or, if nobody uses it: ip netns delete \(name)"
        case .mayNotAsk(let group, true): "sudo usermod --append --groups \(group) $USER, or sudo wgup status"
        case .mayNotAsk(let group, false):
            "sudo groupadd --system \(group), and bring the tunnel up again; or sudo wgup status"
        case .noHandshake: "see that the other end is up, or --wait-policy start"
        case .otherTunnel(let interface): "wgup down \(interface), and start it again"
        case .unknownHost, .image, .noProcessFileSystem: nil
        case .damagedJournal: "take down by hand what 'ip link' and 'docker ps' show of it, then remove the file"
        case .noEngine: "'docker version' or 'podman version' says why"
        case .noNginx: "apt install nginx, or -- COMMAND, or --engine none"
        }
    }
}
