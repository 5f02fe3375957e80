internal import WireGuard

/// The steps that lead from a host without the tunnel to the desired state, in order.
package struct Plan: Equatable, Sendable {
    /// What to do, one after the other.
    package let steps: [Step]

    /// Orders the steps so that each finds what it needs, and so that the device is never up without its key.
    package init(for desired: DesiredState) {
        let link = desired.interface.name
        let create: [Step] = [.createLink(link), .configureDevice(link)]
        let address =
            desired.interface.addresses.map { Step.addAddress($0, link) }
            + [.bringUp(link, mtu: desired.interface.mtu)]
            + Self.routes(for: desired.interface).map { Step.addRoute($0, link) }

        let wait: [Step] = desired.waitsForHandshake ? [.waitForHandshake(link)] : []

        switch (desired.workload, desired.placement) {
        case (.none, _):
            steps = create + address
        case (.attached, _):
            steps = create + [.moveLink(link)] + address
        case (.container(let engine, let name, nil), .container):
            // The container's namespace does not exist before the container runs. Without an address the link answers its
            // peers and nobody else.
            let early: [Step] = desired.waitsForHandshake ? [.bringUp(link, mtu: desired.interface.mtu)] : []
            steps =
                create + early + wait + [.startContainer(engine: engine, name: name), .moveLink(link)] + address
        case (.container(let engine, let name, let namespace?), .container):
            steps =
                [.createNamespace(namespace)] + create + [.moveLink(link)] + address + wait
                + [.startContainer(engine: engine, name: name)]
        case (.container(let engine, let name, _), .host):
            // A port is published on the tunnel's address, so that comes first.
            steps = create + address + wait + [.startContainer(engine: engine, name: name)]
        case (.process(let namespace?, let hasCommand), .container):
            steps =
                [.createNamespace(namespace)] + create + [.moveLink(link)] + address
                + (hasCommand ? wait + [.startProcess] : [])
        case (.process(_, let hasCommand), _):
            steps = create + address + (hasCommand ? wait + [.startProcess] : [])
        }
    }

    /// The blocks that are routed into the link beside those of its addresses.
    static func routes(for interface: InterfaceConfiguration) -> [IPPrefix] {
        IPPrefix.routes(to: interface.peers.flatMap(\.allowedAddresses), besides: interface.addresses)
    }
}
