import Testing
import WireGuard

@testable import Netlink

@Suite("Addresses of a real kernel")
struct KernelAddressTests {
    @Test("an address is added and removed", arguments: ["10.1.0.1/24", "10.1.0.1/32", "fd00::1/64", "fd00::1/128"])
    func addAndRemove(text: String) async throws {
        var host = try Host()
        let address = try #require(InterfaceAddress(text))
        let link = try host.connect().near
        try host.netlink.addAddress(address, to: link)
        let assigned = AssignedAddress(linkIndex: link.index, address: address, isGlobal: true, isUnsuitable: false)
        #expect(try host.netlink.addresses(of: link).filter(\.isGlobal) == [assigned])
        #expect(try host.netlink.addresses().filter(\.isGlobal) == [assigned])
        #expect(try await host.ip("-o addr show dev near").contains(" \(address) scope global "))
        try host.netlink.removeAddress(address, from: link)
        #expect(try host.netlink.addresses(of: link).filter(\.isGlobal).isEmpty)
    }

    @Test("an IPv6 address can be bound at once")
    func noDuplicateDetection() async throws {
        var host = try Host()
        let link = try host.connect().near
        try host.netlink.addAddress("fd00::1/64", to: link)
        #expect(try await host.ip("-o addr show dev near to fd00::1").contains("global nodad"))
    }

    @Test("the kernel's route to the prefix can be left out", arguments: ["10.1.0.1/24", "fd00::1/64"])
    func prefixRoute(text: String) throws {
        let address = try #require(InterfaceAddress(text))
        for makesPrefixRoute in [true, false] {
            var host = try Host()
            let link = try host.connect().near
            try host.netlink.addAddress(address, to: link, makesPrefixRoute: makesPrefixRoute)
            #expect(try host.netlink.routes().contains { $0.destination == address.prefix } == makesPrefixRoute)
        }
    }

    @Test("only the addresses of the link that was asked for are listed")
    func oneLink() throws {
        var host = try Host()
        let (near, far) = try host.connect()
        try host.netlink.addAddress("10.1.0.1/24", to: near)
        try host.netlink.addAddress("10.2.0.1/24", to: far)
        #expect(try host.netlink.addresses(of: far).filter(\.isGlobal).map(\.address) == ["10.2.0.1/24"])
    }

    @Test("of a point-to-point address, the own end is listed")
    func pointToPoint() async throws {
        var host = try Host()
        let link = try host.connect().near
        _ = try await host.ip("address add 10.1.0.1 peer 10.9.0.1/24 dev near")
        #expect(try host.netlink.addresses(of: link).filter(\.isGlobal).map(\.address) == ["10.1.0.1/24"])
    }

    @Test("an address that is there is not added again")
    func exists() throws {
        var host = try Host()
        let link = try host.connect().near
        try host.netlink.addAddress("10.1.0.1/24", to: link)
        let error = #expect(throws: NetlinkError.self) { try host.netlink.addAddress("10.1.0.1/24", to: link) }
        #expect(error?.refusal == .exists)
    }

    @Test("an address that is not there is not removed")
    func missing() throws {
        var host = try Host()
        let link = try host.connect().near
        let error = #expect(throws: NetlinkError.self) { try host.netlink.removeAddress("10.1.0.1/24", from: link) }
        #expect(error?.refusal == .missing)
    }

    @Test("a link that is gone has no addresses to list")
    func linkGone() throws {
        var host = try Host()
        let link = try host.connect().near
        try host.netlink.deleteLink(link)
        #expect(throws: NetlinkError.kernel(request: "list addresses of link near", errno: 19, message: nil)) {
            try host.netlink.addresses(of: link)
        }
    }
}
