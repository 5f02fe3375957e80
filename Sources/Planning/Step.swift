package import WireGuard

/// One change of the host, as a value that can be shown before it is executed.
package enum Step: Hashable, Sendable {
    /// Make a named network namespace, with its loopback interface up.
    case createNamespace(Name)
    /// Make the WireGuard link, in the namespace of `wgup`, where its UDP socket stays.
    case createLink(InterfaceName)
    /// Give the link its private key, its port and its peers.
    case configureDevice(InterfaceName)
    /// Wait until a peer has answered.
    case waitForHandshake(InterfaceName)
    /// Start the workload's container.
    case startContainer(engine: String, name: Name)
    /// Start the workload's command.
    case startProcess
    /// Move the link into the workload's network namespace.
    case moveLink(InterfaceName)
    /// Give the link an address.
    case addAddress(InterfaceAddress, InterfaceName)
    /// Set the link's MTU and bring it up.
    case bringUp(InterfaceName, mtu: Int)
    /// Route a block of addresses into the link.
    case addRoute(IPPrefix, InterfaceName)
}

extension Step {
    /// Whether what was there before is there still.
    var hasWayBack: Bool {
        switch self {
        case .addAddress, .addRoute, .startProcess, .waitForHandshake: true
        case .createNamespace, .createLink, .configureDevice, .startContainer, .moveLink, .bringUp: false
        }
    }
}

extension Step: CustomStringConvertible {
    /// What the step does, as a line of a plan.
    package var description: String {
        switch self {
        case .createNamespace(let name): "create network namespace \(name)"
        case .createLink(let link): "create link \(link)"
        case .configureDevice(let link): "configure keys and peers of \(link)"
        case .waitForHandshake(let link): "wait for the first handshake on \(link)"
        case .startContainer(let engine, let name): "start \(engine) container \(name)"
        case .startProcess: "start the workload's command"
        case .moveLink(let link): "move \(link) into the workload's network namespace"
        case .addAddress(let address, let link): "add address \(address) to \(link)"
        case .bringUp(let link, let mtu): "bring up \(link) with MTU \(mtu)"
        case .addRoute(let prefix, let link): "add route \(prefix) through \(link)"
        }
    }
}
