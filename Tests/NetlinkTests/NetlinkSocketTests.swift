import Glibc
import Testing

@testable import Netlink

@Suite("Netlink socket")
struct NetlinkSocketTests {
    private static let routeBus: Int32 = 0  // NETLINK_ROUTE

    private func receive(_ socket: NetlinkSocket, capacity: Int) throws(NetlinkError) -> Int {
        var buffer = [UInt8](repeating: 0, count: capacity)
        var span = buffer.mutableSpan
        return try socket.receive(into: &span, for: "ask")
    }

    // RTM_GETLINK of the first link, the loopback interface.
    private let question = hex("20000000 1200 0100 01000000 00000000  00 00 0000 01000000 00000000 00000000")

    @Test("has a port of its own")
    func port() throws {
        let first = try NetlinkSocket.open(bus: Self.routeBus)
        let second = try NetlinkSocket.open(bus: Self.routeBus)
        #expect(first.portID != 0)
        #expect(first.portID != second.portID)
    }

    @Test("receives the kernel's reply")
    func reply() throws {
        let socket = try NetlinkSocket.open(bus: Self.routeBus)
        try socket.send(question.span)
        #expect(try receive(socket, capacity: 32_768) > 32)
    }

    @Test("tells the length of a reply that does not fit")
    func truncated() throws {
        let socket = try NetlinkSocket.open(bus: Self.routeBus)
        try socket.send(question.span)
        let whole = try receive(socket, capacity: 32_768)
        try socket.send(question.span)
        #expect(throws: NetlinkError.truncatedReply(byteCount: whole)) { try receive(socket, capacity: 16) }
    }

    @Test("does not wait for ever")
    func timeout() throws {
        let socket = try NetlinkSocket.open(bus: Self.routeBus, timeoutMilliseconds: 1)
        #expect(throws: NetlinkError.timedOut(request: "ask")) { try receive(socket, capacity: 16) }
    }

    @Test("refuses what another process sends, even if it looks like the reply")
    func foreignSender() throws {
        let socket = try NetlinkSocket.open(bus: Self.routeBus)
        let other = Glibc.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), Self.routeBus)
        defer { close(other) }
        let port: UInt32 = 0x5eed_5eed
        let bound = unsafe withAddress(port: port) { unsafe bind(other, $0, $1) }
        try #require(bound == 0)
        let reply = refusal(0)
        let sent = unsafe withAddress(port: socket.portID) { unsafe sendto(other, reply, reply.count, 0, $0, $1) }
        if sent < 0, errno == EPERM { try Test.cancel("sending to a process over netlink needs root") }
        #expect(throws: NetlinkError.foreignSender(portID: port)) { try receive(socket, capacity: 64) }
    }

    // `sockaddr_nl`: family, padding, port, groups.
    private func withAddress<Result>(port: UInt32, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        let address = littleEndian(UInt16(AF_NETLINK)) + [0, 0] + littleEndian(port) + [0, 0, 0, 0]
        return unsafe address.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { fatalError("twelve bytes have an address") }
            return unsafe body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    @Test("says which call failed on a bus that does not exist")
    func unknownBus() {
        #expect(throws: NetlinkError.system(call: "socket", errno: 93)) { try NetlinkSocket.open(bus: 31) }
    }
}
