import Testing
import WireGuard

@testable import Netlink

@Suite("Default source")
struct DefaultSourceTests {
    private func route(
        _ destination: IPPrefix,
        link: UInt32?,
        metric: UInt32 = 0,
        source: IPAddress? = nil,
        isUnicast: Bool = true
    ) -> Route {
        Route(
            destination: destination,
            linkIndex: link,
            gateway: nil,
            preferredSource: source,
            table: Route.mainTable,
            protocolNumber: 4,
            metric: metric,
            isUnicast: isUnicast
        )
    }

    private func choose(_ routes: Route...) -> IPAddress? {
        let addresses = [
            ("10.2.0.9/24", 2, false, false), ("10.2.0.8/24", 2, true, true), ("10.2.0.1/24", 2, true, false),
            ("fd02::1/64", 2, true, false), ("10.3.0.1/24", 3, true, false),
        ].map { (address: InterfaceAddress, link: UInt32, isGlobal: Bool, isUnsuitable: Bool) in
            AssignedAddress(linkIndex: link, address: address, isGlobal: isGlobal, isUnsuitable: isUnsuitable)
        }
        return DefaultSource.choose(routes: routes, addresses: addresses)?.address
    }

    @Test("is the first global and usable address on the link of the default route")
    func firstAddress() {
        #expect(choose(route("0.0.0.0/0", link: 2)) == "10.2.0.1")
    }

    @Test("is of the default route with the lowest metric")
    func lowestMetric() {
        #expect(choose(route("0.0.0.0/0", link: 2, metric: 9), route("0.0.0.0/0", link: 3, metric: 8)) == "10.3.0.1")
    }

    @Test("is the source that the route prefers")
    func preferredSource() {
        #expect(choose(route("0.0.0.0/0", link: 2, source: "10.9.0.1")) == "10.9.0.1")
    }

    @Test("is of IPv4, whatever the metrics, and of IPv6 without it")
    func family() {
        #expect(choose(route("::/0", link: 2), route("0.0.0.0/0", link: 2, metric: 9)) == "10.2.0.1")
        #expect(choose(route("::/0", link: 2)) == "fd02::1")
    }

    @Test("passes over a link that has no such address")
    func noAddress() {
        #expect(choose(route("0.0.0.0/0", link: 4), route("::/0", link: 2)) == "fd02::1")
    }

    @Test("is none without a default route that leads somewhere")
    func none() {
        #expect(choose() == nil)
        #expect(choose(route("10.0.0.0/8", link: 2)) == nil)
        #expect(choose(route("0.0.0.0/0", link: nil)) == nil)
        #expect(choose(route("0.0.0.0/0", link: 2, isUnicast: false)) == nil)
    }
}
