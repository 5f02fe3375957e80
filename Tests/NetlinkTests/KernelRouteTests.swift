import Testing
import WireGuard

@testable import Netlink

@Suite("Routes of a real kernel")
struct KernelRouteTests {
    @Test("a route is added with our mark, and removed", arguments: ["10.2.0.0/16", "0.0.0.0/0", "fd01::/64", "::/0"])
    func addAndRemove(text: String) async throws {
        var host = try Host()
        let link = try host.connect().near
        let prefix = try #require(IPPrefix(text))
        try host.netlink.addRoute(to: prefix, through: link)
        let route = try #require(try host.netlink.routes().first { $0.destination == prefix })
        #expect(route.linkIndex == link.index)
        #expect(route.protocolNumber == Route.ownProtocol)
        #expect(route.metric == (prefix.address.family == .v4 ? 0 : 1024))
        #expect(route.gateway == nil)
        #expect(route.isUnicast)
        let family = prefix.address.family == .v4 ? "-4" : "-6"
        #expect(try await host.ip("\(family) route show proto 87").contains("dev near"))
        try host.netlink.removeRoute(to: prefix, through: link)
        #expect(try await host.ip("\(family) route show proto 87") == "")
    }

    @Test("source, table and metric are as asked")
    func details() throws {
        var host = try Host()
        let link = try host.connect().near
        try host.netlink.addAddress("10.1.0.1/24", to: link)
        try host.netlink.addRoute(to: "10.2.0.0/16", through: link, preferredSource: "10.1.0.1", table: 1234, metric: 7)
        let expected = Route(
            destination: "10.2.0.0/16",
            linkIndex: link.index,
            gateway: nil,
            preferredSource: "10.1.0.1",
            table: 1234,
            protocolNumber: Route.ownProtocol,
            metric: 7,
            isUnicast: true
        )
        #expect(try host.netlink.routes(table: 1234) == [expected])
        #expect(try host.netlink.routes(table: nil).contains(expected))
        #expect(try !host.netlink.routes().contains { $0.destination == "10.2.0.0/16" })
        try host.netlink.removeRoute(to: "10.2.0.0/16", through: link, table: 1234, metric: 7)
        #expect(try host.netlink.routes(table: 1234).isEmpty)
    }

    @Test("a route that somebody else added is read, but not removed", arguments: ["10.2.0.0/16", "fd01::/64"])
    func foreign(text: String) async throws {
        var host = try Host()
        let link = try host.connect().near
        let prefix = try #require(IPPrefix(text))
        _ = try await host.ip("route add \(text) dev near")
        #expect(
            throws: NetlinkError.kernel(request: "remove route to \(text) through link near", errno: 3, message: nil)
        ) {
            try host.netlink.removeRoute(to: prefix, through: link)
        }
        #expect(try host.netlink.routes().contains { $0.destination == prefix && $0.protocolNumber == 3 })
    }

    @Test("a route that is there is not added again")
    func exists() throws {
        var host = try Host()
        let link = try host.connect().near
        try host.netlink.addRoute(to: "10.2.0.0/16", through: link)
        let error = #expect(throws: NetlinkError.self) { try host.netlink.addRoute(to: "10.2.0.0/16", through: link) }
        #expect(error?.refusal == .exists)
    }

    @Test("no route leads through a link that is down")
    func down() throws {
        var host = try Host()
        try host.netlink.createLink("near", kind: .veth(peer: "far"))
        let link = try host.find("near")
        #expect(
            throws: NetlinkError.kernel(
                request: "add route to 10.2.0.0/16 through link near",
                errno: 100,
                message: "Device for nexthop is not up"
            )
        ) { try host.netlink.addRoute(to: "10.2.0.0/16", through: link) }
    }

    @Test("of a route with several next hops, the first is read")
    func multipath() async throws {
        var host = try Host()
        let (near, far) = try host.connect()
        try host.netlink.addAddress("10.1.0.1/24", to: near)
        try host.netlink.addAddress("10.9.0.1/24", to: far)
        _ = try await host.ip("route add default nexthop via 10.9.0.2 nexthop via 10.1.0.2")
        #expect(try host.netlink.routes().first(where: \.isDefault)?.linkIndex == far.index)
    }

    @Test("blackholes are read as no unicast routes")
    func blackhole() async throws {
        var host = try Host()
        _ = try await host.ip("route add blackhole 10.7.0.0/16")
        let route = try #require(try host.netlink.routes().first)
        #expect(route.linkIndex == nil)
        #expect(!route.isUnicast)
    }

    @Test("the default source is the address on the link of the default route")
    func defaultSource() async throws {
        var host = try Host()
        let near = try host.connect().near
        #expect(try host.netlink.defaultSource() == nil)
        try host.netlink.addAddress("10.1.0.1/24", to: near)
        try host.netlink.addAddress("fd00::1/64", to: near)
        _ = try await host.ip("-6 route add default via fd00::2")
        #expect(try host.netlink.defaultSource()?.address == "fd00::1")
        _ = try await host.ip("route add default via 10.1.0.2")
        let source = try #require(try host.netlink.defaultSource())
        #expect(source.address == "10.1.0.1")
        #expect(source.linkName == "near")
    }

    @Test("the routed prefixes are those of others and of links, without the default route")
    func routedPrefixes() async throws {
        var host = try Host()
        let near = try host.connect().near
        try host.netlink.addAddress("10.1.0.1/24", to: near)
        _ = try await host.ip("route add default via 10.1.0.2")
        _ = try await host.ip("route add 192.168.0.0/16 via 10.1.0.2")
        _ = try await host.ip("route add blackhole 172.16.0.0/12")
        let prefixes = try host.netlink.routedPrefixes().filter { $0.address.family == .v4 }
        #expect(prefixes.sorted() == ["10.1.0.0/24", "192.168.0.0/16"])
    }

    @Test("the routed prefixes hold a gateway that no other of them leads to")
    func onLinkGateway() async throws {
        var host = try Host()
        let near = try host.connect().near
        try host.netlink.addAddress("10.1.0.1/24", to: near)
        _ = try await host.ip("route add default via 172.31.1.1 dev near onlink")
        let prefixes = try host.netlink.routedPrefixes().filter { $0.address.family == .v4 }
        #expect(prefixes.sorted() == ["10.1.0.0/24", "172.31.1.1/32"])
    }

    @Test("of default routes, those that bear our protocol are other tunnels'")
    func tunnelledDefaults() async throws {
        var host = try Host()
        let near = try host.connect().near
        try host.netlink.addAddress("10.1.0.1/24", to: near)
        _ = try await host.ip("route add default via 10.1.0.2 metric 100")
        #expect(try host.netlink.tunnelledDefaults(besides: "absent") == [])
        try host.netlink.addRoute(to: "0.0.0.0/0", through: near)
        #expect(try host.netlink.tunnelledDefaults(besides: "absent") == ["0.0.0.0/0"])
        #expect(try host.netlink.tunnelledDefaults(besides: "near") == [])
    }

    @Test("ten thousand routes are listed as a whole")
    func manyRoutes() throws {
        var host = try Host()
        let near = try host.connect().near
        for number in 0..<10_000 as Range<UInt128> {
            let address = try #require(IPAddress(family: .v4, number: 0x0a40_0000 + number))
            try host.netlink.addRoute(to: IPPrefix(single: address), through: near)
        }
        #expect(Set(try host.netlink.routes().map(\.destination)).count >= 10_000)
    }
}
