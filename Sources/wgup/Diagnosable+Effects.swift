import CommandSupport
import Containers
import Netlink
import Planning
import Processes
import Tunnel

// What the errors of the modules that only `wgup` uses mean to the user.

extension NetlinkError: Diagnosable {
    var exitStatus: ExitStatus { refusal == .notPermitted ? .permission : .inputOutput }
    var hint: String? { nil }
}

extension ProcessError: Diagnosable {
    var exitStatus: ExitStatus { .unavailable }
    var hint: String? { nil }
}

extension TunnelError: Diagnosable {
    var exitStatus: ExitStatus {
        switch self {
        case .backendMissing, .backendFailed, .device, .protocolViolation, .linkMissing: .unavailable
        case .deviceExists, .linkExists, .portTaken: .cannotCreate
        case .netlink(let error): error.exitStatus
        case .system(let error): error.exitStatus
        }
    }

    var hint: String? {
        switch self {
        case .backendMissing(.kernel): "modprobe wireguard, or --backend userspace"
        case .backendMissing: "apt install wireguard-go"
        case .deviceExists(let name), .linkExists(let name, "wireguard"?):
            "'wg-quick down \(name)' if wg-quick made it, or name another in the network's network.conf"
        case .linkExists(let name, _):
            "remove it with 'ip link delete \(name)', or name another in the network's network.conf"
        case .portTaken(let port): "'ss -lunp sport = :\(port)' shows by whom; network.conf has the network's port"
        case .netlink(let error): error.hint
        case .system(let error): error.hint
        case .backendFailed, .device, .protocolViolation, .linkMissing: nil
        }
    }
}

extension ContainerError: Diagnosable {
    var exitStatus: ExitStatus {
        switch self {
        case .unavailable(_, .permissionDenied): .permission
        case .foreign, .inUse, .attachedIsOurs, .onHostNetwork: .cannotCreate
        case .noContainer: .noInput
        case .ambiguous: .usage
        case .noCommand: .usage
        case .silent: .tryAgain
        default: .unavailable
        }
    }

    var hint: String? {
        switch self {
        case .unavailable(let engine, .notInstalled): "apt install \(engine).io, or --engine process"
        case .unavailable(let engine, .notRunning): "systemctl start \(engine), or --engine process"
        case .unavailable: "--engine process needs no daemon"
        case .imageUnavailable: "check the name, or name another with --image"
        case .foreign(let name): "--container-name NAME, or 'docker rm \(name)' if you do not need it"
        case .inUse(_, let interface): "'wgup down \(interface)', or --container-name NAME"
        case .attachedIsOurs(_, let interface): "'wgup down \(interface)', or leave out --attach"
        case .ambiguous: "name one of them, or give more labels"
        case .noContainer(_, let engine): "'\(engine) ps --all' shows what there is"
        case .onHostNetwork: "give it a network of its own, or use --placement host without --attach"
        case .ended: "-- COMMAND runs another command in it"
        case .noProgram: "install it, or give its absolute path"
        default: nil
        }
    }
}
