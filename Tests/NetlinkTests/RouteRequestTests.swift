import Testing
import WireGuard

@testable import Netlink

@Suite("Requests of route netlink")
struct RouteRequestTests {
    private let link = Link(
        index: 7,
        name: "wg0",
        kind: nil,
        isUp: false,
        isRunning: false,
        mtu: 0,
        alias: nil,
        peerNamespaceID: nil
    )

    // What is sent by a request that succeeds.
    private func request(
        reply: [UInt8] = refusal(0),
        _ body: (inout RouteNetlink) throws(NetlinkError) -> Void
    ) throws(NetlinkError) -> [UInt8] {
        let transport = RecordingTransport(replies: [reply])
        var netlink = RouteNetlink(transport)
        try body(&netlink)
        return transport.sent.flatMap { $0 }
    }

    @Test("list links: a dump without the counters")
    func listLinks() throws {
        let sent = try request(reply: done()) { (netlink) throws(NetlinkError) in _ = try netlink.links() }
        let expected = """
            28000000 1200 0103 01000000 00000000  # RTM_GETLINK, request and dump
            00 00 0000 00000000 00000000 00000000 # ifinfomsg
            0800 1d00 08000000                    # IFLA_EXT_MASK: RTEXT_FILTER_SKIP_STATS
            """
        #expect(sent == hex(expected))
    }

    @Test("find a link by name")
    func findLink() throws {
        let sent = try request { (netlink) throws(NetlinkError) in _ = try netlink.link(named: "wg0") }
        let expected = """
            28000000 1200 0500 01000000 00000000  # RTM_GETLINK, request and ack
            00 00 0000 00000000 00000000 00000000 # ifinfomsg
            0800 0300 77673000                    # IFLA_IFNAME
            """
        #expect(sent == hex(expected))
    }

    @Test("create a link, with all that can be said of it")
    func createLink() throws {
        let sent = try request { (netlink) throws(NetlinkError) in
            try netlink.createLink("wg0", kind: .wireGuard, index: 7, mtu: 1420, namespace: 5)
        }
        let expected = """
            4c000000 1000 0506 01000000 00000000  # RTM_NEWLINK, request, ack, create and exclusive
            00 00 0000 07000000 00000000 00000000 # ifinfomsg with the index
            0800 0300 77673000                    # IFLA_IFNAME
            0800 0400 8c050000                    # IFLA_MTU
            0800 1c00 05000000                    # IFLA_NET_NS_FD
            1400 1280                             # IFLA_LINKINFO
              0e00 0100 776972656775617264 00 0000 #   IFLA_INFO_KIND
            """
        #expect(sent == hex(expected))
    }

    @Test("create a veth pair")
    func createPair() throws {
        let sent = try request { (netlink) throws(NetlinkError) in
            try netlink.createLink("a", kind: .veth(peer: "b"))
        }
        let expected = """
            58000000 1000 0506 01000000 00000000
            00 00 0000 00000000 00000000 00000000
            0600 0300 6100 0000
            3000 1280                                   # IFLA_LINKINFO
              0900 0100 76657468 00 000000              #   IFLA_INFO_KIND
              2000 0280                                 #   IFLA_INFO_DATA
                1c00 0180                               #     VETH_INFO_PEER
                  00 00 0000 00000000 00000000 00000000 #       ifinfomsg
                  0600 0300 6200 0000                   #       IFLA_IFNAME
            """
        #expect(sent == hex(expected))
    }

    @Test("change a link, with all that can be changed")
    func changeLink() throws {
        let sent = try request { (netlink) throws(NetlinkError) in
            try netlink.changeLink(link, name: "wg1", alias: "ours", mtu: 1420, namespace: 5, isUp: true)
        }
        let expected = """
            44000000 1000 0500 01000000 00000000  # RTM_NEWLINK, request and ack: creates nothing
            00 00 0000 07000000 01000000 01000000 # ifinfomsg: set IFF_UP, of the bits in the mask IFF_UP
            0800 0300 77673100                    # IFLA_IFNAME
            0900 1400 6f757273 00 000000          # IFLA_IFALIAS
            0800 0400 8c050000                    # IFLA_MTU
            0800 1c00 05000000                    # IFLA_NET_NS_FD
            """
        #expect(sent == hex(expected))
    }

    @Test("bring a link down")
    func down() throws {
        let sent = try request { (netlink) throws(NetlinkError) in try netlink.changeLink(link, isUp: false) }
        let expected = """
            20000000 1000 0500 01000000 00000000
            00 00 0000 07000000 00000000 01000000 # ifinfomsg: clear IFF_UP
            """
        #expect(sent == hex(expected))
    }

    @Test("delete a link")
    func deleteLink() throws {
        let sent = try request { (netlink) throws(NetlinkError) in try netlink.deleteLink(link) }
        let expected = """
            20000000 1100 0500 01000000 00000000  # RTM_DELLINK, request and ack
            00 00 0000 07000000 00000000 00000000
            """
        #expect(sent == hex(expected))
    }

    @Test("list the addresses of one link")
    func listAddresses() throws {
        let sent = try request(reply: done()) { (netlink) throws(NetlinkError) in
            _ = try netlink.addresses(of: link)
        }
        #expect(sent == hex("18000000 1600 0103 01000000 00000000  00 00 00 00 07000000"))
    }

    @Test("add an IPv4 address")
    func addAddress() throws {
        let sent = try request { (netlink) throws(NetlinkError) in
            try netlink.addAddress("10.0.0.1/24", to: link)
        }
        let expected = """
            28000000 1400 0506 01000000 00000000  # RTM_NEWADDR, request, ack, create and exclusive
            02 18 00 00 07000000                  # ifaddrmsg: AF_INET, 24
            0800 0200 0a000001                    # IFA_LOCAL
            0800 0100 0a000001                    # IFA_ADDRESS
            """
        #expect(sent == hex(expected))
    }

    @Test("add an IPv6 address, unchecked and without its route")
    func addAddress6() throws {
        let sent = try request { (netlink) throws(NetlinkError) in
            try netlink.addAddress("fd00::1/64", to: link, makesPrefixRoute: false)
        }
        let expected = """
            48000000 1400 0506 01000000 00000000
            0a 40 00 00 07000000                            # ifaddrmsg: AF_INET6, 64
            1400 0200 fd000000 00000000 00000000 00000001   # IFA_LOCAL
            1400 0100 fd000000 00000000 00000000 00000001   # IFA_ADDRESS
            0800 0800 02020000                              # IFA_FLAGS: IFA_F_NODAD and IFA_F_NOPREFIXROUTE
            """
        #expect(sent == hex(expected))
    }

    @Test("remove an address")
    func removeAddress() throws {
        let sent = try request { (netlink) throws(NetlinkError) in
            try netlink.removeAddress("10.0.0.1/24", from: link)
        }
        let expected = """
            28000000 1500 0500 01000000 00000000  # RTM_DELADDR, request and ack
            02 18 00 00 07000000
            0800 0200 0a000001
            0800 0100 0a000001
            """
        #expect(sent == hex(expected))
    }

    @Test("list the routes of one table")
    func listRoutes() throws {
        let sent = try request(reply: done()) { (netlink) throws(NetlinkError) in _ = try netlink.routes() }
        let expected = """
            24000000 1a00 0103 01000000 00000000  # RTM_GETROUTE, request and dump
            00 00 00 00  00 00 00 00  00000000    # rtmsg
            0800 0f00 fe000000                    # RTA_TABLE: main
            """
        #expect(sent == hex(expected))
    }

    @Test("add a route")
    func addRoute() throws {
        let sent = try request { (netlink) throws(NetlinkError) in
            try netlink.addRoute(to: "10.2.0.0/16", through: link, preferredSource: "10.0.0.1", table: 1234, metric: 9)
        }
        let expected = """
            44000000 1800 0506 01000000 00000000  # RTM_NEWROUTE, request, ack, create and exclusive
            02 10 00 00  00 57 fd 01  00000000    # rtmsg: AF_INET, 16; our protocol, link scope, unicast
            0800 0100 0a020000                    # RTA_DST
            0800 0400 07000000                    # RTA_OIF
            0800 0f00 d2040000                    # RTA_TABLE
            0800 0600 09000000                    # RTA_PRIORITY
            0800 0700 0a000001                    # RTA_PREFSRC
            """
        #expect(sent == hex(expected))
    }

    @Test("remove a route, only if it is ours")
    func removeRoute() throws {
        let sent = try request { (netlink) throws(NetlinkError) in
            try netlink.removeRoute(to: "fd01::/64", through: link)
        }
        let expected = """
            40000000 1900 0500 01000000 00000000            # RTM_DELROUTE, request and ack
            0a 40 00 00  00 57 ff 01  00000000              # rtmsg: AF_INET6, 64; our protocol, any scope, unicast
            1400 0100 fd010000 00000000 00000000 00000000   # RTA_DST
            0800 0400 07000000                              # RTA_OIF
            0800 0f00 fe000000                              # RTA_TABLE: main
            """
        #expect(sent == hex(expected))
    }

    @Test("a refusal names the request")
    func refused() {
        let error = NetlinkError.kernel(request: "add address 10.0.0.1/24 to link wg0", errno: 1, message: nil)
        #expect(throws: error) {
            try request(reply: refusal(1)) { (netlink) throws(NetlinkError) in
                try netlink.addAddress("10.0.0.1/24", to: link)
            }
        }
    }
}
