import Crypto
import Planning
import Testing
import WireGuard

@Suite("Plan of a bring-up")
struct PlanTests {
    private let link: InterfaceName
    private let name: Name

    init() throws {
        link = try #require(InterfaceName("wg-tunnel"))
        name = try #require(Name("wgseal-client"))
    }

    private func plan(
        _ workload: DesiredState.Workload,
        _ placement: Placement,
        waits: Bool = false,
        allowed: [String] = ["10.0.0.1/32"]
    )
        throws -> [Step]
    {
        let address = try #require(InterfaceAddress("10.0.0.2/24"))
        let peer = PeerConfiguration(
            publicKey: PrivateKey().publicKey,
            name: name,
            allowedAddresses: allowed.compactMap { IPPrefix($0) }
        )
        let interface = InterfaceConfiguration(
            name: link,
            privateKey: PrivateKey(),
            addresses: [address],
            peers: [peer]
        )
        return Plan(
            for: DesiredState(interface: interface, placement: placement, workload: workload, waitsForHandshake: waits)
        ).steps
    }

    @Test("a container runs before the link moves into its namespace")
    func containerBeforeMove() throws {
        let address = try #require(InterfaceAddress("10.0.0.2/24"))
        #expect(
            try plan(.container(engine: "docker", name: name), .container) == [
                .createLink(link), .configureDevice(link), .startContainer(engine: "docker", name: name),
                .moveLink(link), .addAddress(address, link), .bringUp(link, mtu: 1420),
            ]
        )
    }

    @Test("on the host, a container starts once the address that its port is published on exists")
    func publishedAfterAddress() throws {
        let steps = try plan(.container(engine: "docker", name: name), .host)
        #expect(steps.last == .startContainer(engine: "docker", name: name))
        #expect(!steps.contains(.moveLink(link)))
    }

    @Test("a command starts last, in a namespace that is made first")
    func processLast() throws {
        let steps = try plan(.process(namespace: name, hasCommand: true), .container)
        #expect(steps.first == .createNamespace(name))
        #expect(steps.last == .startProcess)
    }

    @Test("a namespace without a command starts nothing")
    func namespaceOnly() throws {
        #expect(try !plan(.process(namespace: name, hasCommand: false), .container).contains(.startProcess))
    }

    @Test("only blocks beyond the link's own prefix get a route")
    func routesBeyondPrefix() throws {
        let steps = try plan(.none, .host, allowed: ["10.0.0.1/32", "192.0.2.0/24", "10.0.0.0/8"])
        let routes = steps.compactMap { step in
            if case .addRoute(let prefix, _) = step { prefix.description } else { nil }
        }
        #expect(routes == ["10.0.0.0/8", "192.0.2.0/24"])
    }

    @Test("the device has its key before it is up")
    func keyBeforeUp() throws {
        for workload in [DesiredState.Workload.none, .container(engine: "docker", name: name)] {
            for placement in Placement.allCases {
                let steps = try plan(workload, placement)
                let configured = try #require(steps.firstIndex(of: .configureDevice(link)))
                let up = try #require(steps.firstIndex(of: .bringUp(link, mtu: 1420)))
                #expect(configured < up)
            }
        }
    }

    @Test("a container that waits starts after the handshake, while the link has no address")
    func waits() throws {
        let steps = try plan(.container(engine: "docker", name: name), .container, waits: true)
        #expect(
            steps.prefix(6) == [
                .createLink(link), .configureDevice(link), .bringUp(link, mtu: 1420), .waitForHandshake(link),
                .startContainer(engine: "docker", name: name), .moveLink(link),
            ]
        )
    }

    @Test("a container in a namespace of ours finds the tunnel there")
    func namespaceFirst() throws {
        let workload = DesiredState.Workload.container(engine: "podman", name: name, namespace: name)
        let steps = try plan(workload, .container, waits: true)
        #expect(steps.first == .createNamespace(name))
        #expect(steps.suffix(2) == [.waitForHandshake(link), .startContainer(engine: "podman", name: name)])
    }

    @Test("nothing is started for a container of the operator's own")
    func attached() throws {
        let steps = try plan(.attached(engine: "docker", container: "web"), .container, waits: true)
        #expect(steps.prefix(3) == [.createLink(link), .configureDevice(link), .moveLink(link)])
        #expect(!steps.contains(.waitForHandshake(link)))
    }
}
