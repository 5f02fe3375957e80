import Crypto
import Planning
import Testing
import WireGuard

@Suite("Status of a tunnel")
struct TunnelStatusTests {
    private let journal: Journal
    private let notes: PeerNotes
    private let device: DeviceState
    private let now = UnixTime(seconds: 1_800_000_000)

    init() throws {
        let interface = try #require(InterfaceName("wg-tunnel"))
        let (network, issuer) = (try #require(Name("default")), IdentityKey().identity)
        var journal = Journal(
            interface: interface,
            tunnel: .client(of: network, issuer: issuer.fingerprint),
            owner: .process(.wgup, pid: 7, startTime: 1),
            placement: .container,
            backend: .userspace,
            addresses: [try #require(InterfaceAddress("10.0.0.2/24"))],
            notAfter: UnixTime(seconds: 1_900_000_000)
        )
        journal.add(Journal.Entry(.workload, .container(engine: "podman", name: network)))
        self.journal = journal
        notes = PeerNotes([
            PeerNotes.Peer(
                publicKey: issuer.wireGuardKey,
                name: try #require(Name("hub")),
                fingerprint: issuer.fingerprint,
                presharedKey: nil
            ),
            PeerNotes.Peer(publicKey: PrivateKey().publicKey, name: network, presharedKey: nil),
        ])
        let state = PeerState(
            publicKey: issuer.wireGuardKey,
            endpoint: SocketAddress("[2001:db8::1]:51820"),
            latestHandshake: UnixTime(seconds: 1_799_999_990),
            receivedByteCount: .max,
            sentByteCount: 5,
            allowedAddresses: []
        )
        device = DeviceState(publicKey: PrivateKey().publicKey, listenPort: 4711, peers: [state])
    }

    private func status(_ device: DeviceState?, isSupervised: Bool = true) -> TunnelStatus {
        TunnelStatus(journal, notes: notes, device: device, isSupervised: isSupervised)
    }

    @Test("is read as it was written")
    func roundTrip() {
        for status in [status(device), status(nil), status(nil, isSupervised: false)] {
            #expect(TunnelStatus(text: status.text) == status)
        }
        #expect(status(device).workload == "podman container default")
    }

    @Test("is refused when anything of it is missing, doubled or not what is written")
    func damaged() {
        let text = status(device).text
        for count in 0..<text.utf8.count {
            let prefix = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            #expect(TunnelStatus(text: prefix) == nil, "cut at \(count)")
        }
        for line in text.split(separator: "\n") where !line.hasPrefix("peer ") && !line.hasPrefix("address ") {
            #expect(TunnelStatus(text: text.replacing("\(line)\n", with: "\(line)\n\(line)\n")) == nil, "\(line)")
            // Any words may say what the workload is.
            guard !line.hasPrefix("workload ") else { continue }
            #expect(TunnelStatus(text: text.replacing("\(line)\n", with: "\(line) x\n")) == nil, "\(line)")
        }
        for line in ["peer", "peer x", "address 1", "unknown x", "port -1", "expires x", "issuer 12", ""] {
            #expect(TunnelStatus(text: text.replacing("end\n", with: "\(line)\nend\n")) == nil, "\(line)")
        }
    }

    @Test("is healthy while its hub answers")
    func health() {
        #expect(status(device).problems(now: now) == ["wg-tunnel has never had a handshake with default"])
        let later = UnixTime(seconds: 1_900_000_000)
        #expect(status(device).problems(now: later).count == 3)
        #expect(status(nil).problems(now: now) == ["wg-tunnel is not up"])
        #expect(status(device, isSupervised: false).problems(now: now).first?.contains("left behind") == true)
    }
}
