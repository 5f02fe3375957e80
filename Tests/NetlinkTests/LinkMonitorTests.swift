import Testing
import WireGuard

@testable import Netlink
@testable import SystemIO

@Suite("What becomes of a link")
struct LinkMonitorTests {
    /// Requires that the monitor hears of what `body` does, or that it does not.
    private func expect(
        _ isConcerned: Bool,
        _ monitor: borrowing LinkMonitor,
        _ what: String,
        _ body: () throws -> Void
    ) rethrows {
        _ = monitor.concernsLink()
        try body()
        let hasHeard = monitor.concernsLink()
        #expect(hasHeard == isConcerned, "\(what)")
    }

    @Test("is heard of, and nothing of other links")
    func hears() throws {
        var host = try Host()
        let (near, far) = try host.connect()
        let index = near.index
        let monitor = try host.namespace.run { () throws(NetlinkError) in try LinkMonitor.open(index: index) }.get()
        let (address, prefix): (InterfaceAddress, IPPrefix) = ("10.1.0.1/24", "10.2.0.0/16")
        for (link, isConcerned) in [(near, true), (far, false)] {
            try expect(isConcerned, monitor, "MTU") { try host.netlink.changeLink(link, mtu: 1300) }
            try expect(isConcerned, monitor, "new address") { try host.netlink.addAddress(address, to: link) }
            try expect(isConcerned, monitor, "new route") { try host.netlink.addRoute(to: prefix, through: link) }
            try expect(isConcerned, monitor, "lost route") { try host.netlink.removeRoute(to: prefix, through: link) }
            try expect(isConcerned, monitor, "lost address") {
                try host.netlink.removeAddress(address, from: link)
            }
        }
        expect(false, monitor, "silence") {}
        try expect(true, monitor, "its end") { try host.netlink.deleteLink(near) }
    }

    @Test("may be in what cannot be understood", arguments: [[1, 2, 3], [UInt8](repeating: 0, count: 16)])
    func malformed(datagram: [UInt8]) {
        let isConcerned = Notification.concerns(7, datagram.span)
        #expect(isConcerned)
        let short = message(type: 16, [1, 2, 3])
        let isShortConcerned = Notification.concerns(7, short.span)
        #expect(isShortConcerned)
    }

    @Test("is told from that of another, in any message of a datagram")
    func several() {
        func link(_ index: UInt32) -> [UInt8] {
            message(
                type: 16,
                littleEndian(UInt32(0)) + littleEndian(index) + littleEndian(UInt32(0)) + littleEndian(UInt32(0))
            )
        }
        let (others, ours) = (link(1) + link(2), link(1) + link(7))
        let verdicts = [others, ours, message(type: 999, [1]), []].map { Notification.concerns(7, $0.span) }
        #expect(verdicts == [false, true, false, false])
    }
}
