internal import CMnl
internal import Crypto
internal import WireGuard

@testable import Netlink

/// What the kernel is asked, and then what the seeds hold its answers to.
enum Conversation: UInt8, CaseIterable {
    case links, addresses, routes, family, device, change
}

/// One input: a byte for the question and what is to become of the sequence numbers, a byte for how the state is cut into
/// messages again, then the datagrams, each after two bytes with its length.
struct NetlinkInput {
    var conversation: Conversation
    var stampsReplies = true
    var addressesPerMessage = 3
    var datagrams: [[UInt8]]

    private static let verbatim: UInt8 = 0x80

    init(_ conversation: Conversation, _ datagrams: [[UInt8]]) {
        self.conversation = conversation
        self.datagrams = datagrams
    }

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count > 2, let conversation = Conversation(rawValue: bytes[0] & ~Self.verbatim) else { return nil }
        self.conversation = conversation
        stampsReplies = bytes[0] & Self.verbatim == 0
        addressesPerMessage = Int(bytes[1]) + 1
        datagrams = []
        var offset = 2
        while bytes.count - offset >= 2 {
            let end = min(offset + 2 + Int(bytes.uint16(at: offset)), bytes.count)
            datagrams.append(bytes.array(offset + 2..<end))
            offset = end
        }
    }

    var bytes: [UInt8] {
        datagrams.reduce([conversation.rawValue, UInt8(addressesPerMessage - 1)]) {
            $0 + [UInt8($1.count & 0xff), UInt8($1.count >> 8)] + $1
        }
    }
}

extension Span where Element == UInt8 {
    /// A copy that is not slowed down by the counters of coverage in every step.
    func array(_ range: Range<Int>) -> [UInt8] { unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) } }
}

func fuzzNetlink(_ bytes: Span<UInt8>) {
    guard let input = NetlinkInput(bytes) else { return }
    if input.conversation == .device {
        let transport = ReplayTransport(input.datagrams, stampsReplies: input.stampsReplies)
        if let state = askDevice(transport) {
            expectSound(state)
            let report = state.report(addressesPerMessage: input.addressesPerMessage)
            let again = askDevice(ReplayTransport(report, stampsReplies: true))
            expect(again == state, "a state that is reported again is another: \(state)")
        }
    } else {
        askRoutes(input)
    }
}

private func askDevice(_ transport: ReplayTransport) -> DeviceState? {
    let session = NetlinkSession(transport: transport)
    // The replies to the search for the family are stamped with its sequence number, unlike the input's.
    let replies = transport.queue
    transport.queue = [DeviceState.familyReply]
    do throws(NetlinkError) {
        var netlink = try WireGuardNetlink(session: session)
        transport.queue = replies
        do throws(NetlinkError) {
            let state = try netlink.state(of: .any)
            expectUsable(&netlink.session, after: nil, transport)
            return state
        } catch {
            expectUsable(&netlink.session, after: error, transport)
        }
    } catch {
        fatalError("the family is there: \(error)")
    }
    return nil
}

private func askRoutes(_ input: NetlinkInput) {
    let transport = ReplayTransport(input.datagrams, stampsReplies: input.stampsReplies)
    var netlink = RouteNetlink(session: NetlinkSession(transport: transport))
    do throws(NetlinkError) {
        switch input.conversation {
        case .links:
            for link in try netlink.links() { expectSound(link) }
        case .addresses:
            for address in try netlink.addresses() { expectSound(address) }
        case .routes:
            for route in try netlink.routes(table: nil) { expectSound(route) }
        case .family:
            _ = try netlink.session.familyNumber(named: "wireguard")
        case .change, .device:
            try netlink.deleteLink(.any)
        }
        expectUsable(&netlink.session, after: nil, transport)
    } catch {
        expectUsable(&netlink.session, after: error, transport)
    }
}

/// A reply was read to its end, or its rest is not taken for the answer to the next request.
private func expectUsable(_ session: inout NetlinkSession, after error: NetlinkError?, _ transport: ReplayTransport) {
    expect(transport.isWiped, "the reply is still in memory after \(error.map(\.description) ?? "success")")
    let wasReadToItsEnd =
        switch error {
        case nil, .kernel, .unknownFamily, .interrupted, .malformedAttribute, .malformedValue, .missingAttribute: true
        default: false
        }
    if wasReadToItsEnd {
        transport.queue = [acknowledgement(sequence: transport.sequence &+ 1)]
        expect(session.isAccepted(), "the session is not usable after \(error.map(\.description) ?? "success")")
    } else if transport.stampsReplies {
        transport.isLate = true
        expect(!session.isAccepted(), "an earlier reply was taken for the next one after \(error?.description ?? "")")
    }
}

extension NetlinkSession {
    /// Whether a next request is acknowledged.
    fileprivate mutating func isAccepted() -> Bool {
        var request = MessageBuilder(type: RTM_DELLINK, flags: NLM_F_ACK, purpose: "ask again")
        do throws(NetlinkError) { try perform(&request) } catch { return false }
        return true
    }
}

// What the types promise.

private func expectSound(_ link: Link) {
    for text in [link.name, link.kind ?? "", link.alias ?? ""] {
        expect(!text.utf8.contains(0), "a text with a zero byte")
    }
    expect((0...Int(UInt32.max)).contains(link.mtu), "MTU \(link.mtu)")
}

private func expectSound(_ address: AssignedAddress) {
    expect(InterfaceAddress("\(address.address)") == address.address, "\(address.address) reads as another")
    expectSound(address.address.prefix)
}

private func expectSound(_ route: Route) {
    expectSound(route.destination)
    expect(IPPrefix("\(route.destination)") == route.destination, "\(route.destination) reads as another")
    expect(route.isDefault == (route.destination.length == 0), "a default route has no prefix")
    for other in [route.gateway, route.preferredSource] {
        expect(other == nil || other?.family == route.destination.address.family, "a route between families")
    }
}

private func expectSound(_ prefix: IPPrefix) {
    expect(IPPrefix(prefix.address, length: prefix.length) == prefix, "\(prefix) has bits after its length")
}

private func expectSound(_ state: DeviceState) {
    for peer in state.peers {
        expect((try? PublicKey(peer.publicKey.rawValue)) == peer.publicKey, "a key that nobody can use")
        expect(peer.keepaliveSeconds != 0, "no keepalive is none")
        expect(peer.latestHandshake?.seconds != 0, "no handshake is none")
        peer.allowedAddresses.forEach(expectSound)
    }
    for (peer, next) in zip(state.peers, state.peers.dropFirst()) {
        expect(peer.publicKey != next.publicKey, "a peer in two parts")
    }
}
