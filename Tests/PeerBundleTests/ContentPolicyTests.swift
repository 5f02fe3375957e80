import Crypto
import PeerBundle
import TestSupport
import Testing
import WireGuard

private let own = Sample.recipient.identity.wireGuardKey
private let otherKey = Sample.stranger.identity.wireGuardKey

private func failure(
    _ bundle: Bundle,
    limits: IssuerLimits = IssuerLimits(),
    hostPrefixes: [String]? = nil
) throws -> PolicyError? {
    let hostPrefixes = try hostPrefixes?.map { try #require(IPPrefix($0)) }
    do throws(PolicyError) {
        try ContentPolicy.check(bundle, limits: limits, ownKey: own, hostPrefixes: hostPrefixes)
        return nil
    } catch {
        return error
    }
}

private func bundle(allowed: [String], addresses: [String] = ["10.0.0.2/24"]) throws -> Bundle {
    try Sample.bundle(addresses: addresses, peers: [Sample.server(allowed: allowed)])
}

private func bundle(_ first: [String], _ second: [String]) throws -> Bundle {
    try Sample.bundle(peers: [
        Sample.server(allowed: first), Sample.server(key: otherKey, name: "other", allowed: second),
    ])
}

private func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }

private func claim(_ text: String) throws -> RoutedBlock { RoutedBlock(.allowedAddress, try prefix(text)) }

private func onLink(_ text: String) throws -> RoutedBlock { RoutedBlock(.address, try prefix(text)) }

@Suite("Content policy")
struct ContentPolicyTests {
    @Test(
        "lets an ordinary network pass",
        arguments: [
            ["10.0.0.0/24"], ["10.0.0.1/32"], ["10.0.0.0/24", "192.168.7.0/24", "fd00:1:2::/48"], ["10.0.0.0/8"],
            ["10.0.0.0/24", "10.0.0.1/32"], [],
        ]
    )
    func passes(allowed: [String]) throws {
        #expect(try failure(bundle(allowed: allowed)) == nil)
    }

    @Test("refuses this host's own key as a peer")
    func ownKey() throws {
        let bundle = try Sample.bundle(peers: [Sample.server(key: own)])
        #expect(try failure(bundle) == .ownKey(peer: #require(Name("server"))))
    }

    @Test("refuses a default route, unless it is allowed", arguments: ["0.0.0.0/0", "::/0"])
    func defaultRoute(text: String) throws {
        #expect(try failure(bundle(allowed: [text])) == .defaultRoute(claim(text)))
        #expect(try failure(bundle(allowed: [text]), limits: IssuerLimits(allowsDefaultRoute: true)) == nil)
    }

    @Test("refuses a default route that comes with the interface's address")
    func addressDefaultRoute() throws {
        #expect(
            try failure(bundle(allowed: [], addresses: ["10.0.0.2/0"])) == .defaultRoute(onLink("0.0.0.0/0"))
        )
    }

    @Test(
        "refuses more addresses than one block of the limit has, in however many pieces",
        arguments: [
            (["0.0.0.0/1", "128.0.0.0/1"], "0.0.0.0/1", 8), (["10.0.0.0/7"], "10.0.0.0/7", 8),
            (["11.0.0.0/8"], "11.0.0.0/8", 8), (["16.0.0.0/9", "32.0.0.0/9"], "32.0.0.0/9", 8),
            (["::/1", "8000::/1"], "::/1", 32), (["2001:db8::/32", "fd00::/128"], "fd00::/128", 32),
        ] as [([String], String, Int)]
    )
    func tooWide(allowed: [String], named: String, length: Int) throws {
        #expect(
            try failure(bundle(allowed: allowed)) == .tooWide(claim(named), shortestPrefixLength: length)
        )
    }

    @Test("counts the halves of all IPv6 addresses without running over")
    func halves() throws {
        let half = IssuerLimits(shortestPrefixLengthV6: 1)
        #expect(
            try failure(bundle(allowed: ["::/1", "8000::/1"]), limits: half)
                == .tooWide(claim("8000::/1"), shortestPrefixLength: 1)
        )
    }

    @Test("adds up the blocks of all peers, and those of the interface")
    func tooWideTogether() throws {
        let split = try bundle(["16.0.0.0/9"], ["32.0.0.0/9"])
        #expect(try failure(split) == .tooWide(claim("32.0.0.0/9"), shortestPrefixLength: 8))
        #expect(
            try failure(bundle(allowed: [], addresses: ["64.0.0.1/1"]))
                == .tooWide(onLink("0.0.0.0/1"), shortestPrefixLength: 8)
        )
    }

    @Test("allows as much as the issuer's limits say")
    func limits() throws {
        let wide = IssuerLimits(shortestPrefixLengthV4: 7, shortestPrefixLengthV6: 16)
        #expect(try failure(bundle(allowed: ["10.0.0.0/8", "11.0.0.0/8", "fd00::/16"]), limits: wide) == nil)
        let narrow = IssuerLimits(shortestPrefixLengthV4: 25)
        #expect(
            try failure(bundle(allowed: []), limits: narrow)
                == .tooWide(onLink("10.0.0.0/24"), shortestPrefixLength: 25)
        )
        let none = IssuerLimits(shortestPrefixLengthV4: 0, shortestPrefixLengthV6: 0)
        #expect(try failure(bundle(allowed: ["16.0.0.0/4", "32.0.0.0/3"]), limits: none) == nil)
        let most = try bundle(allowed: ["64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/3"])
        #expect(try failure(most, limits: none) == .tooWide(claim("128.0.0.0/2"), shortestPrefixLength: 1))
        let absurd = IssuerLimits(shortestPrefixLengthV4: 255, shortestPrefixLengthV6: 255)
        #expect(
            try failure(bundle(allowed: []), limits: absurd)
                == .tooWide(onLink("10.0.0.0/24"), shortestPrefixLength: 255)
        )
    }

    @Test(
        "refuses two peers that claim the same addresses",
        arguments: [
            (["10.0.0.1/32"], ["10.0.0.1/32"], "10.0.0.1/32"), (["10.0.0.0/24"], ["10.0.0.7/32"], "10.0.0.7/32"),
            (["10.0.0.7/32"], ["10.0.0.0/24"], "10.0.0.7/32"),
            (["10.0.0.0/24", "10.0.0.1/32"], ["10.0.0.9/32"], "10.0.0.9/32"),
            (["fd00::/64"], ["fd00::1/128", "10.0.0.1/32"], "fd00::1/128"), (["0.0.0.0/0"], ["0.0.0.0/0"], "0.0.0.0/0"),
        ] as [([String], [String], String)]
    )
    func overlap(first: [String], second: [String], named: String) throws {
        guard case .overlap(let found, _, _) = try failure(bundle(first, second)) else {
            Issue.record("no overlap found")
            return
        }
        #expect(try found == prefix(named))
    }

    @Test("lets a default route leave room for other peers, who must not overlap in it")
    func defaultRouteAndOthers() throws {
        let limits = IssuerLimits(allowsDefaultRoute: true)
        #expect(try failure(bundle(["0.0.0.0/0"], ["10.0.0.9/32"]), limits: limits) == nil)
        #expect(try failure(bundle(["0.0.0.0/0", "10.0.0.0/24"], ["10.0.0.9/32"]), limits: limits) != nil)
    }

    @Test(
        "refuses reserved ranges, and blocks that hold one",
        arguments: [
            "127.0.0.1/32", "127.0.0.0/9", "169.254.169.254/32", "224.0.0.5/32", "255.255.255.255/32", "0.0.0.0/9",
            "169.254.0.0/15", "::1/128", "fe80::/64", "ff02::1/128", "::ffff:10.0.0.1/128",
        ]
    )
    func reserved(text: String) throws {
        #expect(try failure(bundle(allowed: [text])) == .reserved(claim(text)))
    }

    @Test("refuses a reserved address for the interface", arguments: ["127.0.0.2/8", "169.254.1.1/32", "ff02::1/64"])
    func reservedAddress(text: String) throws {
        let address = try #require(InterfaceAddress(text)).address
        #expect(
            try failure(bundle(allowed: [], addresses: [text]))
                == .reserved(RoutedBlock(.address, IPPrefix(single: address)))
        )
    }

    @Test("refuses what this host reaches without the tunnel")
    func hostNetworks() throws {
        let bundle = try bundle(allowed: ["192.168.0.0/16"])
        #expect(
            try failure(bundle, hostPrefixes: ["192.168.1.0/24"])
                == .hostNetwork(claim("192.168.0.0/16"), host: prefix("192.168.1.0/24"))
        )
        #expect(
            try failure(bundle, hostPrefixes: ["10.0.0.0/16"])
                == .hostNetwork(onLink("10.0.0.0/24"), host: prefix("10.0.0.0/16"))
        )
        #expect(try failure(bundle, hostPrefixes: ["172.16.0.0/12", "192.169.0.1/32"]) == nil)
    }

    @Test("refuses a second tunnel's default route, and lets other routes and a default route be side by side")
    func defaultRoutes() throws {
        let limits = IssuerLimits(allowsDefaultRoute: true)
        // The endpoints of the sample are on a network of the host.
        let host = ["192.0.2.0/24", "0.0.0.0/0"]
        let all = try bundle(allowed: ["0.0.0.0/0"])
        #expect(
            try failure(all, limits: limits, hostPrefixes: host)
                == .hostNetwork(claim("0.0.0.0/0"), host: prefix("0.0.0.0/0"))
        )
        #expect(try failure(all, limits: limits, hostPrefixes: ["192.0.2.0/24", "::/0"]) == nil)
        #expect(try failure(bundle(allowed: []), hostPrefixes: host) == nil)
    }

    @Test("refuses an endpoint behind its own tunnel")
    func endpointInTunnel() throws {
        let bundle = try bundle(allowed: ["192.0.2.0/24"])
        #expect(
            try failure(bundle)
                == .endpointInTunnel(#require(IPAddress("192.0.2.1")), claim("192.0.2.0/24"))
        )
    }

    @Test(
        "refuses a default route that would take the tunnel's own packets: on the host, unless another route has them"
    )
    func endpointInDefaultRoute() throws {
        let limits = IssuerLimits(allowsDefaultRoute: true)
        let all = try bundle(allowed: ["0.0.0.0/0"])
        #expect(try failure(all, limits: limits) == nil)
        #expect(
            try failure(all, limits: limits, hostPrefixes: ["198.51.100.0/24"])
                == .endpointInTunnel(#require(IPAddress("192.0.2.1")), claim("0.0.0.0/0"))
        )
        #expect(try failure(all, limits: limits, hostPrefixes: ["192.0.2.0/24"]) == nil)
        #expect(try failure(bundle(allowed: ["::/0"]), limits: limits, hostPrefixes: []) == nil)
    }

    @Test("refuses such endpoints also where a name has led to them")
    func lookedUp() throws {
        let bundle = try bundle(allowed: ["198.51.100.0/24"])
        for (endpoint, error) in [
            (
                "198.51.100.7:1",
                .endpointInTunnel(try #require(IPAddress("198.51.100.7")), try claim("198.51.100.0/24"))
            ),
            ("127.0.0.1:53", .reservedEndpoint(try #require(IPAddress("127.0.0.1")))), ("203.0.113.1:1", nil),
        ] as [(String, PolicyError?)] {
            let peers = [try Sample.server(endpoints: [endpoint])]
            var found: PolicyError?
            do throws(PolicyError) { try ContentPolicy.checkEndpoints(of: peers, in: bundle) } catch { found = error }
            #expect(found == error)
        }
    }

    @Test(
        "refuses endpoints at which there is no other host",
        arguments: [
            "0.0.0.0", "127.0.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255", "[::]", "[::1]", "[fe80::1]",
            "[ff02::1]", "[::ffff:192.0.2.1]",
        ]
    )
    func reservedEndpoints(text: String) throws {
        let bundle = try Sample.bundle(peers: [Sample.server(endpoints: ["192.0.2.1:1", "\(text):53"])])
        let address = try #require(Endpoint(text, defaultPort: 1)?.socketAddress?.address)
        #expect(try failure(bundle) == .reservedEndpoint(address))
    }

    @Test("refuses a service outside of the network")
    func services() throws {
        #expect(try failure(Sample.bundle(services: [Sample.service("web", "10.0.0.1")])) == nil)
        #expect(
            try failure(Sample.bundle(services: [Sample.service("web", "192.0.2.1")]))
                == .serviceOutside(#require(Name("web")), #require(IPAddress("192.0.2.1")))
        )
    }

    @Test("refuses every image that was not allowed")
    func images() throws {
        let bundle = try Sample.bundle(container: Sample.container("ghcr.io/acme/app"))
        let image = try #require(ImageName("ghcr.io/acme/app"))
        #expect(try failure(bundle) == .image(image))
        for (pattern, isAllowed) in [
            ("ghcr.io/acme/app", true), ("ghcr.io/acme/*", true), ("ghcr.io/*", true), ("ghcr.io/acme", false),
            ("ghcr.io/acme/ap", false), ("ghcr.io/acme/app/*", false), ("ghcr.io/ac/*", false), ("acme/app", false),
        ] {
            let limits = IssuerLimits(allowedImages: [try #require(ImagePattern(pattern))])
            #expect(try failure(bundle, limits: limits) == (isAllowed ? nil : .image(image)), "\(pattern)")
        }
    }

    @Test("takes no other patterns", arguments: ["", "*", "/*", "a*", "a/*/b", "a/**", "A/*", "-a/*", "a:latest"])
    func patterns(text: String) {
        #expect(ImagePattern(text) == nil)
    }

    @Test("errors read as one line")
    func texts() throws {
        let server = try #require(Name("server"))
        let other = try #require(Name("other"))
        let texts: [(PolicyError, String)] = [
            (.ownKey(peer: server), "peer public-key of server is this host's own"),
            (
                .reserved(try claim("127.0.0.0/8")),
                "peer allowed-address 127.0.0.0/8 is of a reserved range, as loopback, link-local and multicast are"
            ),
            (
                .defaultRoute(try claim("0.0.0.0/0")),
                "peer allowed-address 0.0.0.0/0 would take all traffic, which this issuer may not"
            ),
            (
                .tooWide(try onLink("10.0.0.0/7"), shortestPrefixLength: 8),
                "with address 10.0.0.0/7, the bundle takes more addresses than a /8 has, which is this issuer's limit"
            ),
            (
                .overlap(try prefix("10.0.0.1/32"), peer: server, other: other),
                "peer allowed-address 10.0.0.1/32 is claimed by two peers, server and other"
            ),
            (
                .hostNetwork(try claim("10.0.0.0/24"), host: try prefix("10.0.0.0/16")),
                "peer allowed-address 10.0.0.0/24 overlaps 10.0.0.0/16, which is reached without the tunnel"
            ),
            (
                .hostNetwork(try claim("::/0"), host: try prefix("::/0")),
                "peer allowed-address ::/0 is taken by another tunnel"
            ),
            (
                .reservedEndpoint(try #require(IPAddress("127.0.0.1"))),
                "peer endpoint 127.0.0.1 is a reserved address, where no other host can be"
            ),
            (
                .endpointInTunnel(try #require(IPAddress("192.0.2.1")), try claim("192.0.2.0/24")),
                "peer endpoint 192.0.2.1 lies in peer allowed-address 192.0.2.0/24, behind its own tunnel"
            ),
            (
                .serviceOutside(other, try #require(IPAddress("192.0.2.1"))),
                "service address 192.0.2.1 of other is outside of the network"
            ),
            (
                .image(try #require(ImageName("nginx"))),
                "container image nginx is not one that this issuer may start"
            ),
        ]
        for (error, text) in texts { #expect("\(error)" == text) }
    }
}
