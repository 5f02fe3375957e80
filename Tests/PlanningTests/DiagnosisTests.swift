import Planning
import TestSupport
import Testing
import WireGuard

@Suite("Diagnoses")
struct DiagnosisTests {
    @Test("are explained by the manual, in the order in which they are looked for")
    func manual() throws {
        let page = try SourceTree.file("man/wgup.8").text
        let section = try #require(page.split(separator: ".Ss Verdicts\n").dropFirst().first)
        let list = try #require(section.split(separator: ".Ss ").first)
        let explained = list.matches(of: #/\.It Li ([a-z-]+)\n/#).map { String($0.1) }
        #expect(explained == Diagnosis.Code.allCases.map(\.rawValue))
    }

    @Test("say what is wrong and what to do in one line each, without a full stop")
    func words() throws {
        let name = try #require(Name("hub"))
        let interface = try #require(InterfaceName("wg-tunnel"))
        let prefix = try #require(IPPrefix("10.0.0.0/24"))
        let address = try #require(IPAddress("10.0.0.1"))
        let endpoint = SocketAddress(address: address, port: 51_820)
        let time = UnixTime(seconds: 1_800_000_000)
        let all: [Diagnosis] = [
            .noCapability("CAP_NET_RAW"), .noWireGuard, .clockWrong(now: time, seen: time), .engineDown("docker"),
            .engineDown("podman"), .notUp(interface, isOrphaned: true), .notUp(interface, isOrphaned: false),
            .bundleExpired(time), .addressOverlap(prefix, prefix), .forwardingOff(prefix, at: .host),
            .forwardingOff(prefix, at: .namespace(name)), .forwardingOff(prefix, at: .container),
            .dockerRawDrop(prefix, interface), .udpBlocked(.incoming(from: endpoint, port: 51_820)),
            .udpBlocked(.incoming(from: endpoint, port: nil)), .udpBlocked(.outgoing(to: endpoint, port: 51_820)),
            .udpBlocked(.outgoing(to: endpoint, port: nil)), .wrongPeerKey(caller: endpoint),
            .noAnswer(name, at: nil, nil), .noAnswer(name, at: endpoint, nil), .noAnswer(name, at: endpoint, .refused),
            .noAnswer(name, at: endpoint, .unreachable), .noCall(port: 51_820),
            .allowedAddressMismatch(name, address, seenBy: .server),
            .allowedAddressMismatch(name, address, seenBy: .client), .mtuBlackHole(name, mtu: 1420, fits: 1380),
            .mtuBlackHole(name, mtu: 1420, fits: nil),
        ]
        #expect(Set(all.map(\.code)) == Set(Diagnosis.Code.allCases))
        for text in all.flatMap({ [$0.description, $0.remedy] }) {
            #expect(!text.isEmpty && !text.contains("\n") && !text.hasSuffix("."), "\(text)")
        }
        #expect(Set(all.map(\.description)).count >= all.count - 5)
    }
}

@Suite("Calls that are seen")
struct CallRecordTests {
    private let peer: SocketAddress
    private let other: SocketAddress

    init() throws {
        peer = try #require(SocketAddress("192.0.2.2:40000"))
        other = try #require(SocketAddress("192.0.2.3:40000"))
    }

    @Test("are no obstacle while there is still time to answer, nor once they are answered")
    func answered() {
        var record = CallRecord()
        #expect(!record.hasArrivals)
        record.note(HandshakeSighting(.arrived, .initiation, peer), at: .seconds(3))
        #expect(record.hasArrivals)
        #expect(record.obstacle(at: .milliseconds(3900)) == nil)
        record.note(HandshakeSighting(.sent, .response, peer), at: .seconds(3))
        #expect(record.obstacle(at: .seconds(60)) == nil)
    }

    @Test("tell a packet filter from a key that does not fit")
    func obstacles() {
        var record = CallRecord()
        record.note(HandshakeSighting(.arrived, .initiation, peer), at: .zero)
        #expect(record.obstacle(at: .seconds(1)) == .filteredCall(from: peer))
        // What is seen at two sockets may come in either order.
        record.note(HandshakeSighting(.delivered, .initiation, peer), at: .zero)
        #expect(record.obstacle(at: .seconds(1)) == .unanswered(peer))
        record.note(HandshakeSighting(.sent, .cookieReply, peer), at: .zero)
        #expect(record.obstacle(at: .seconds(1)) == nil)
        record.note(HandshakeSighting(.arrived, .response, other), at: .zero)
        #expect(record.obstacle(at: .seconds(1)) == .filteredAnswer(from: other))
        record.note(HandshakeSighting(.delivered, .response, other), at: .zero)
        #expect(record.obstacle(at: .seconds(1)) == nil)
    }

    @Test("are told of the first caller where there are several")
    func first() {
        var record = CallRecord()
        for (index, remote) in [other, peer].enumerated() {
            record.note(HandshakeSighting(.arrived, .initiation, remote), at: .seconds(2 - index))
        }
        #expect(record.obstacle(at: .seconds(9)) == .filteredCall(from: peer))
    }

    @Test("count what is not answered, and the bytes of what is let in")
    func counts() {
        var record = CallRecord()
        for _ in 1...2 { record.note(HandshakeSighting(.sent, .initiation, peer), at: .zero) }
        #expect(record.unansweredCount(of: peer) == 2)
        #expect(record.unansweredCount(of: other) == 0)
        record.note(HandshakeSighting(.delivered, .response, peer), at: .zero)
        #expect(record.unansweredCount(of: peer) == 0)
        record.note(HandshakeSighting(.delivered, .initiation, peer), at: .zero)
        #expect(record.deliveredByteCount(from: peer) == 92 + 148)
        #expect(!record.hasArrivals)
    }
}
