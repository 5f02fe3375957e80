import Testing
import WireGuard

@testable import Netlink

@Suite("Links of a real kernel")
struct KernelLinkTests {
    @Test("a new namespace has a loopback interface and nothing else")
    func loopback() throws {
        var host = try Host()
        let loopback = Link(
            index: 1,
            name: "lo",
            kind: nil,
            isUp: false,
            isRunning: false,
            mtu: 65_536,
            alias: nil,
            peerNamespaceID: nil
        )
        #expect(try host.netlink.links() == [loopback])
        #expect(try host.netlink.link(named: "lo") == loopback)
        #expect(try host.netlink.link(at: 1) == loopback)
    }

    @Test("a link is created with the index and the MTU that were chosen, and is down")
    func create() async throws {
        var host = try Host()
        try host.netlink.createLink("near", kind: .veth(peer: "far"), index: 77, mtu: 1420)
        let expected = Link(
            index: 77,
            name: "near",
            kind: "veth",
            isUp: false,
            isRunning: false,
            mtu: 1420,
            alias: nil,
            peerNamespaceID: nil
        )
        #expect(try host.netlink.link(named: "near") == expected)
        #expect(
            try await host.ip("-o link show near").hasPrefix("77: near@far: <BROADCAST,MULTICAST,M-DOWN> mtu 1420 ")
        )
    }

    @Test("all changes of a link go in one message")
    func change() async throws {
        var host = try Host()
        try host.netlink.createLink("near", kind: .veth(peer: "far"))
        try host.netlink.changeLink(host.find("near"), name: "wg-test", alias: "ours", mtu: 1300, isUp: true)
        let link = try host.find("wg-test")
        #expect(link.alias == "ours")
        #expect(link.mtu == 1300)
        #expect(link.isUp)
        let witness = try await host.ip("-d link show wg-test")
        #expect(witness.contains(",UP,M-DOWN> mtu 1300 "))
        #expect(witness.contains("alias ours\n"))
    }

    @Test("what is not mentioned in a change stays")
    func untouched() throws {
        var host = try Host()
        let before = try host.connect().near
        try host.netlink.changeLink(before, alias: "ours")
        let after = try host.find("near")
        #expect(after.alias == "ours")
        #expect(after.isUp)
        #expect(after.mtu == before.mtu)
        #expect(after.index == before.index)
    }

    @Test("a link that is up goes down, and its empty alias is none")
    func revert() throws {
        var host = try Host()
        let link = try host.connect().near
        try host.netlink.changeLink(link, alias: "ours")
        try host.netlink.changeLink(link, alias: "", isUp: false)
        let after = try host.find("near")
        #expect(!after.isUp)
        #expect(after.alias == nil)
    }

    @Test("a link moves to another namespace, renamed and up, in one message")
    func move() async throws {
        var source = try Host()
        var target = try Host()
        let link = try source.connect().near
        try source.netlink.changeLink(link, alias: "ours")
        try source.netlink.addAddress("10.1.0.1/24", to: link)
        try source.netlink.changeLink(link, name: "wg-test", mtu: 1300, namespace: target.descriptor, isUp: true)
        #expect(try source.netlink.link(named: "near") == nil)
        let moved = try target.find("wg-test")
        #expect(moved.alias == "ours")
        #expect(moved.mtu == 1300)
        #expect(moved.isUp)
        #expect(moved.peerNamespaceID != nil)
        #expect(try target.netlink.addresses(of: moved).allSatisfy { !$0.isGlobal })
        #expect(try await target.ip("-o link show wg-test").contains("mtu 1300"))
    }

    @Test("a move does not replace a link of the same name")
    func moveConflict() throws {
        var source = try Host()
        var target = try Host()
        let link = try source.connect().near
        let other = try target.connect().near
        #expect(
            throws: NetlinkError.kernel(
                request: "change link near",
                errno: 17,
                message: "An interface with the same name exists in the target netns"
            )
        ) { try source.netlink.changeLink(link, namespace: target.descriptor) }
        #expect(try source.find("near").index == link.index)
        #expect(try target.find("near").index == other.index)
    }

    @Test("a link is created directly in another namespace")
    func createElsewhere() throws {
        var here = try Host()
        var there = try Host()
        try here.netlink.createLink("near", kind: .veth(peer: "far"), namespace: there.descriptor)
        #expect(try there.netlink.link(named: "near") != nil)
        #expect(try here.netlink.link(named: "near") == nil)
        #expect(try here.netlink.link(named: "far") != nil)
    }

    @Test("a deleted link is gone")
    func delete() async throws {
        var host = try Host()
        let link = try host.connect().near
        try host.netlink.deleteLink(link)
        #expect(try host.netlink.link(named: "near") == nil)
        #expect(try host.netlink.link(at: link.index) == nil)
        #expect(try await host.ip("-o link").split(separator: "\n").count == 1)
    }

    @Test("a link that is gone is not found under its index by a later change")
    func changeOfDeleted() throws {
        var host = try Host()
        let link = try host.connect().near
        try host.netlink.deleteLink(link)
        let error = NetlinkError.kernel(request: "change link near", errno: 19, message: nil)
        #expect(throws: error) { try host.netlink.changeLink(link, isUp: true) }
        #expect(throws: NetlinkError.kernel(request: "delete link near", errno: 19, message: nil)) {
            try host.netlink.deleteLink(link)
        }
    }

    @Test("a name that is taken is not taken again")
    func nameTaken() throws {
        var host = try Host()
        let before = try host.connect().near
        #expect(throws: NetlinkError.kernel(request: "create link near", errno: 17, message: nil)) {
            try host.netlink.createLink("near", kind: .veth(peer: "other"))
        }
        #expect(try host.find("near") == before)
        #expect(try host.netlink.link(named: "other") == nil)
    }

    @Test("the kernel says why it refuses a change")
    func reason() throws {
        var host = try Host()
        let link = try host.connect().near
        #expect(
            throws: NetlinkError.kernel(
                request: "change link near",
                errno: 22,
                message: "mtu less than device minimum"
            )
        ) { try host.netlink.changeLink(link, mtu: 5) }
    }

    @Test("a descriptor that is no namespace moves nothing")
    func badDescriptor() throws {
        var host = try Host()
        let link = try host.connect().near
        #expect(throws: NetlinkError.self) { try host.netlink.changeLink(link, namespace: -1) }
        #expect(try host.find("near").index == link.index)
    }

    @Test("a namespace with a thousand links is listed as a whole")
    func manyLinks() throws {
        var host = try Host()
        for number in 0..<500 {
            let near = try #require(InterfaceName("near\(number)"))
            let far = try #require(InterfaceName("far\(number)"))
            try host.netlink.createLink(near, kind: .veth(peer: far))
        }
        #expect(Set(try host.netlink.links().map(\.name)).count == 1001)
    }
}
