internal import CMnl
internal import SystemIO
internal import WireGuard

@testable import Netlink
@testable import Tunnel

/// Asks a real kernel, or a real `wireguard-go`, and writes what it answered as a seed to the standard output.
func capture(_ arguments: [String]) throws {
    let name = InterfaceName(arguments.dropFirst().first ?? "lo")
    guard let question = arguments.first, let name else { fatalError("usage: fuzz --capture QUESTION [LINK]") }
    if question == "uapi" { return try write([0] + (try UserspaceDevice(name).replyToGet())) }

    let bus = ["family", "device"].contains(question) ? NETLINK_GENERIC : NETLINK_ROUTE
    let tape = Tape(try NetlinkSocket.open(bus: bus))
    var links = try RouteNetlink.open()
    guard let link = try links.link(named: name) else { fatalError("no link \(name)") }
    if question == "device" {
        var netlink = try WireGuardNetlink(session: NetlinkSession(transport: tape))
        tape.datagrams = []
        _ = try netlink.state(of: link)
        return try write(NetlinkInput(.device, tape.datagrams).bytes)
    }
    var netlink = RouteNetlink(session: NetlinkSession(transport: tape))
    let conversation: Conversation
    switch question {
    case "links":
        conversation = .links
        _ = try netlink.links()
    case "addresses":
        conversation = .addresses
        _ = try netlink.addresses()
    case "routes":
        conversation = .routes
        _ = try netlink.routes(table: nil)
    case "family":
        conversation = .family
        _ = try netlink.session.familyNumber(named: "nlctrl")
    case "accepted":
        conversation = .change
        try netlink.changeLink(link, mtu: link.mtu)
    case "refused":
        conversation = .change
        if let destination = IPPrefix("192.0.2.0/24") { try? netlink.addRoute(to: destination, through: link) }
    default: fatalError("no question \(question)")
    }
    try write(NetlinkInput(conversation, tape.datagrams).bytes)
}

private func write(_ seed: [UInt8]) throws(SystemError) { try StandardStream.output.write(seed.span) }

/// A socket that keeps what it receives.
private final class Tape: NetlinkTransport, @unchecked Sendable {
    private let socket: NetlinkSocket
    var datagrams: [[UInt8]] = []

    init(_ socket: NetlinkSocket) { self.socket = socket }

    var portID: UInt32 { socket.portID }

    func send(_ datagram: Span<UInt8>) throws(NetlinkError) { try socket.send(datagram) }

    // The kernel fills as much as is read at once, so that a small dump, too, has several datagrams.
    func receive(into buffer: inout MutableSpan<UInt8>, for request: String) throws(NetlinkError) -> Int {
        var datagram = [UInt8](repeating: 0, count: 4096)
        var part = datagram.mutableSpan
        let count = try socket.receive(into: &part, for: request)
        for index in 0..<count { buffer[index] = datagram[index] }
        datagram.removeLast(datagram.count - count)
        datagram.stamp(port: ReplayTransport.port)
        datagrams.append(datagram)
        return count
    }
}

extension UserspaceDevice {
    fileprivate func replyToGet() throws(SystemError) -> [UInt8] {
        let socket = try UnixSocket.connect(socketPath)
        let request = UAPIRequest.get
        try socket.send(request.span, timeout: .seconds(5))
        var reply: [UInt8] = []
        while !reply.suffix(2).elementsEqual("\n\n".utf8) {
            var piece = [UInt8](repeating: 0, count: 4096)
            var span = piece.mutableSpan
            let count = try socket.receive(into: &span, timeout: .seconds(5))
            reply += piece.prefix(count)
        }
        return reply
    }
}
