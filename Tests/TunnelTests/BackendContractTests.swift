import Crypto
import Foundation
import Planning
import Testing
import Tunnel
import WireGuard

/// What a backend owes to those who use it, whichever it is.
///
/// It runs only where ``BackendKind/underTest`` consents, as it does on hosts of `LabTests`.
@Suite("Backend contract", .serialized, .enabled(if: !BackendKind.underTest.isEmpty))
struct BackendContractTests {
    // MARK: Making

    @Test("makes a link that is down, without key and peers, and records it first", arguments: BackendKind.underTest)
    func create(kind: BackendKind) async throws {
        let tunnel = try TestTunnel(kind)
        #expect(tunnel.backend.kind == kind)
        #expect(!tunnel.backend.isAlive)
        try await tunnel.create { resource in
            // Of a process the number is known only afterwards; what it has as output is named before it is started.
            if case .process = resource { return }
            for path in ["/sys/class/net/wg-test", "/run/wireguard/wg-test.sock"] {
                #expect(!FileManager.default.fileExists(atPath: path), "\(resource)")
            }
        }
        #expect(tunnel.backend.isAlive)
        let link = try #require(try await Place.here.link(tunnel.name))
        #expect(link.contains(" state DOWN "))
        #expect(try await Place.here.run("ip address show dev wg-test").contains("inet") == false)
        let state = try tunnel.backend.state()
        #expect(state.publicKey == nil)
        #expect(state.peers == [])
        let witness = try await Place.here.device(tunnel.name).state
        #expect(witness.publicKey == nil)
        #expect(witness.peers == [])
        try await tunnel.remove()
        #expect(try await Place.here.link(tunnel.name) == nil)
        #expect(!tunnel.backend.isAlive)
    }

    @Test("makes nothing that could not be recorded", arguments: BackendKind.underTest)
    func unrecorded(kind: BackendKind) async throws {
        struct Full: Error {}
        let tunnel = try TestTunnel(kind)
        await #expect(throws: Full.self) { try await tunnel.create { _ in throw Full() } }
        #expect(try await Place.here.link(tunnel.name) == nil)
        #expect(!FileManager.default.fileExists(atPath: "/run/wireguard/wg-test.sock"))
    }

    @Test("leaves a link of that name alone", arguments: BackendKind.underTest)
    func nameTaken(kind: BackendKind) async throws {
        for made in ["bridge", "veth"] {
            try await Place.here.run("ip link add wg-test type \(made)")
            let before = try await Place.here.link(try TestTunnel(kind).name)
            let tunnel = try TestTunnel(kind)
            await #expect(throws: TunnelError.linkExists(name: "wg-test", kind: made)) { try await tunnel.create() }
            #expect(tunnel.journal.entries == [])
            #expect(try await Place.here.link(tunnel.name) == before)
            try await Place.here.run("ip link delete wg-test")
        }
    }

    @Test("leaves a device of that name alone, even if its link is elsewhere", arguments: BackendKind.underTest)
    func deviceTaken(kind: BackendKind) async throws {
        try await Place.withNamespace("elsewhere") { elsewhere in
            try await TestTunnel.with(.userspace, number: 9) { foreign in
                try foreign.move(to: elsewhere)
                let tunnel = try TestTunnel(kind)
                await #expect(throws: TunnelError.deviceExists("wg-test")) { try await tunnel.create() }
                #expect(tunnel.journal.entries == [])
                #expect(foreign.backend.isAlive)
            }
        }
    }

    // MARK: Changing

    @Test("has what it was told, as wg and ip see it, too", arguments: BackendKind.underTest)
    func configure(kind: BackendKind) async throws {
        try await TestTunnel.with(kind) { tunnel in
            let key = PrivateKey()
            let peers = [
                try .sample(1, endpoint: "192.0.2.7:51820", keepalive: 25, presharedKey: 0x77),
                try .sample(2, endpoint: "[2001:db8::7]:1"),
                try PeerUpdate.sample(3, addresses: ["0.0.0.0/0", "::/0", "10.9.0.0/16"]),
                try PeerUpdate.sample(4, addresses: []),
            ]
            try tunnel.backend.apply(
                DeviceChange(privateKey: key, listenPort: 50_001, replacesPeers: true, peers: peers)
            )
            let dump = try await tunnel.agreed()
            let expected = DeviceState(publicKey: key.publicKey, listenPort: 50_001, peers: peers)
            #expect(dump.state.differences(from: expected) == [])
            #expect(dump.privateKey == key.withBytes { KeyEncoding.base64($0) })
            let secret = KeyEncoding.base64([UInt8](repeating: 0x77, count: 32).span)
            #expect(dump.presharedKeys == [peers[0].publicKey: secret])

            // The socket of a device that is up is the kernel's to show.
            try await Place.here.run("ip link set wg-test up")
            #expect(try await listens(on: 50_001))
        }
    }

    @Test("replaces key, port and peers", arguments: BackendKind.underTest)
    func replace(kind: BackendKind) async throws {
        try await TestTunnel.with(kind) { tunnel in
            try await Place.here.run("ip link set wg-test up")
            let old = try [1, 2].map { try PeerUpdate.sample($0, keepalive: 25, presharedKey: 0x77) }
            try tunnel.backend.apply(
                DeviceChange(privateKey: PrivateKey(), listenPort: 50_001, replacesPeers: true, peers: old)
            )
            let key = PrivateKey()
            let new = try [2, 3].map { try PeerUpdate.sample($0) }
            try tunnel.backend.apply(
                DeviceChange(privateKey: key, listenPort: 50_002, replacesPeers: true, peers: new)
            )
            let dump = try await tunnel.agreed()
            let expected = DeviceState(publicKey: key.publicKey, listenPort: 50_002, peers: new)
            #expect(dump.state.differences(from: expected) == [])
            #expect(dump.presharedKeys == [:])
            #expect(try await listens(on: 50_002))
            #expect(try await !listens(on: 50_001))

            // Port 0 is the system's choice.
            try tunnel.backend.apply(DeviceChange(listenPort: 0))
            let port = try await tunnel.agreed().state.listenPort
            #expect(port != 0 && port != 50_002)
            #expect(try await listens(on: port))
            try tunnel.backend.apply(DeviceChange(replacesPeers: true))
            #expect(try await tunnel.agreed().state.peers == [])
        }
    }

    @Test("changes of a peer what is named, and of the others nothing", arguments: BackendKind.underTest)
    func changeOne(kind: BackendKind) async throws {
        try await TestTunnel.with(kind) { tunnel in
            let other = try PeerUpdate.sample(1, endpoint: "192.0.2.7:1", keepalive: 9, presharedKey: 0x66)
            let peer = try PeerUpdate.sample(2, endpoint: "192.0.2.8:2", keepalive: 8, presharedKey: 0x77)
            let key = PrivateKey()
            try tunnel.backend.apply(DeviceChange(privateKey: key, listenPort: 50_001, peers: [other, peer]))
            var expected = PeerState(peer)
            var secret: UInt8? = 0x77

            func expect(_ change: DeviceChange, _ comment: Comment) async throws {
                try tunnel.backend.apply(change)
                let dump = try await tunnel.agreed()
                let state = DeviceState(
                    publicKey: key.publicKey,
                    listenPort: 50_001,
                    peers: [PeerState(other), expected]
                )
                #expect(dump.state.differences(from: state) == [], comment)
                func encoded(_ byte: UInt8) -> String {
                    KeyEncoding.base64([UInt8](repeating: byte, count: 32).span)
                }
                #expect(dump.presharedKeys[other.publicKey] == encoded(0x66), comment)
                #expect(dump.presharedKeys[peer.publicKey] == secret.map(encoded), comment)
            }
            func expect(_ comment: Comment, _ change: (inout PeerUpdate) throws -> Void) async throws {
                var update = PeerUpdate(publicKey: peer.publicKey, isUpdateOnly: true)
                try change(&update)
                try await expect(DeviceChange(peers: [update]), comment)
            }

            try await expect("nothing") { _ in }
            expected.endpoint = SocketAddress("[2001:db8::9]:9")
            try await expect("endpoint") { $0.endpoint = expected.endpoint }
            expected.keepaliveSeconds = 7
            try await expect("keepalive") { $0.keepaliveSeconds = 7 }
            expected.keepaliveSeconds = nil
            try await expect("no keepalive") { $0.keepaliveSeconds = 0 }
            secret = 0x55
            try await expect("preshared key") { $0.presharedKey = .set(try .sample(0x55)) }
            secret = nil
            try await expect("no preshared key") { $0.presharedKey = .remove }
            let more = try #require(IPPrefix("10.77.0.0/16"))
            expected.allowedAddresses += [more]
            try await expect("one more address") { $0.allowedAddresses = [more] }
            expected.allowedAddresses = [more]
            try await expect("other addresses") { update in
                update.replacesAllowedAddresses = true
                update.allowedAddresses = [more]
            }
            expected.allowedAddresses = []
            try await expect("no addresses") { $0.replacesAllowedAddresses = true }

            let stranger = try PeerUpdate.sample(3)
            var unknown = stranger
            unknown.isUpdateOnly = true
            try await expect(DeviceChange(peers: [unknown]), "a peer that is not there, only to be updated")
            try await expect(DeviceChange(removedPeers: [stranger.publicKey]), "the removal of one that is not there")
            try await expect(
                DeviceChange(privateKey: key, listenPort: 50_001),
                "the key and the port that the device has"
            )

            try tunnel.backend.apply(DeviceChange(removedPeers: [peer.publicKey], peers: [stranger]))
            let last = DeviceState(publicKey: key.publicKey, listenPort: 50_001, peers: [other, stranger])
            #expect(try await tunnel.agreed().state.differences(from: last) == [])
        }
    }

    @Test("gives an address to the peer that was given it last", arguments: BackendKind.underTest)
    func stolenAddress(kind: BackendKind) async throws {
        try await TestTunnel.with(kind) { tunnel in
            let first = try PeerUpdate.sample(1, addresses: ["10.0.0.0/24", "fd00::/64"])
            let second = try PeerUpdate.sample(2, addresses: ["10.0.0.0/24", "10.0.0.0/25"])
            try tunnel.backend.apply(DeviceChange(peers: [first]))
            try tunnel.backend.apply(DeviceChange(peers: [second]))
            let state = try await tunnel.agreed().state
            #expect(state.peer(first.publicKey)?.allowedAddresses.map(\.description) == ["fd00::/64"])
            #expect(state.peer(second.publicKey).map { Set($0.allowedAddresses) } == Set(second.allowedAddresses))
        }
    }

    @Test("has room for a peer with more addresses than a message", arguments: BackendKind.underTest)
    func manyAddresses(kind: BackendKind) async throws {
        try await TestTunnel.with(kind) { tunnel in
            var many = try PeerUpdate.sample(2, endpoint: "192.0.2.7:51820", keepalive: 25, presharedKey: 0x77)
            many.allowedAddresses = try (0..<300).flatMap { number in
                let address = "10.1.\(number / 250).\(number % 250)/32"
                return [try #require(IPPrefix(address)), try #require(IPPrefix("fd00:1::\(number)/128"))]
            }
            let peers = [try .sample(1), many, try .sample(3)]
            let key = PrivateKey()
            try tunnel.backend.apply(
                DeviceChange(privateKey: key, listenPort: 50_001, replacesPeers: true, peers: peers)
            )
            let dump = try await tunnel.agreed()
            let expected = DeviceState(publicKey: key.publicKey, listenPort: 50_001, peers: peers)
            #expect(dump.state.differences(from: expected) == [])
        }
    }

    @Test("has room for more peers than a message", arguments: BackendKind.underTest)
    func manyPeers(kind: BackendKind) async throws { try await expectRoom(for: 130, kind) }

    // MARK: Moving

    @Test("is itself in another namespace, with a name or of a process", arguments: BackendKind.underTest)
    func move(kind: BackendKind) async throws {
        func expectMoves(to place: Place) async throws {
            try await TestTunnel.with(kind) { tunnel in
                let key = PrivateKey()
                try tunnel.backend.apply(
                    DeviceChange(privateKey: key, listenPort: 50_001, peers: [try .sample(1, keepalive: 25)])
                )
                try await Place.here.run("ip address add 10.0.0.1/24 dev wg-test")
                try await Place.here.run("ip link set wg-test up")
                let before = try await tunnel.agreed().state
                try tunnel.move(to: place)

                #expect(try await Place.here.link(tunnel.name) == nil)
                #expect(try await place.link(tunnel.name)?.contains(" state DOWN ") == true)
                #expect(try await place.run("ip address show dev wg-test").contains("inet") == false)
                #expect(tunnel.backend.isAlive)
                #expect(try await tunnel.agreed(in: place).state.settings.peers == before.settings.peers)

                try await place.run("ip link set wg-test up")
                try tunnel.backend.apply(DeviceChange(peers: [try .sample(2)]))
                let state = try await tunnel.agreed(in: place).state
                #expect(state.peers.count == 2)
                // Its packets leave where it was made.
                #expect(try await listens(on: 50_001))

                let found = try #require(try TestTunnel.recorded(in: tunnel.journal))
                #expect(found.isAlive)
                #expect(try found.state().differences(from: state) == [])
                try await found.remove(grace: .seconds(2))
                #expect(try await place.link(tunnel.name) == nil)
                #expect(!tunnel.backend.isAlive)
            }
        }
        try await Place.withNamespace("contract", expectMoves)
        try await Place.withProcess(expectMoves)
    }

    @Test("stays where it is if its move has to be recorded and cannot be", arguments: BackendKind.underTest)
    func unrecordedMove(kind: BackendKind) async throws {
        struct Full: Error {}
        try await Place.withNamespace("contract") { place in
            try await TestTunnel.with(kind) { tunnel in
                var isToBeRecorded = false
                let move = Result {
                    try tunnel.backend.move(to: place.open(), at: place.recorded) { _ in
                        isToBeRecorded = true
                        throw Full()
                    }
                }
                if isToBeRecorded { #expect(throws: Full.self, performing: move.get) } else { try move.get() }
                let link = try await Place.here.link(tunnel.name)
                #expect((link != nil) == isToBeRecorded)
                #expect(isToBeRecorded == (kind == .kernel))
                #expect(tunnel.backend.isAlive)
            }
        }
    }

    @Test(
        "carries packets between two namespaces, which changes of other peers do not disturb",
        arguments: BackendKind.underTest
    )
    func packets(kind: BackendKind) async throws {
        let keys = (PrivateKey(), PrivateKey())
        func change(_ own: PrivateKey, _ other: PrivateKey, _ ports: (UInt16, UInt16)) throws -> DeviceChange {
            var peer = PeerUpdate(publicKey: other.publicKey, presharedKey: .set(try .sample(0x77)))
            peer.endpoint = SocketAddress("127.0.0.1:\(ports.1)")
            peer.allowedAddresses = [try #require(IPPrefix("10.7.0.0/24"))]
            return DeviceChange(privateKey: own, listenPort: ports.0, replacesPeers: true, peers: [peer])
        }
        try await Place.withNamespace("one") { here in
            try await Place.withNamespace("two") { there in
                try await TestTunnel.with(kind, "wg-one", number: 3) { one in
                    try await TestTunnel.with(kind, "wg-two", number: 4) { two in
                        try one.backend.apply(change(keys.0, keys.1, (50_001, 50_002)))
                        try two.backend.apply(change(keys.1, keys.0, (50_002, 50_001)))
                        for (tunnel, place, address) in [(one, here, "10.7.0.1"), (two, there, "10.7.0.2")] {
                            try tunnel.move(to: place)
                            try await place.run("ip address add \(address)/24 dev \(tunnel.name)")
                            try await place.run("ip link set \(tunnel.name) up")
                        }
                        // The first packets may be too early for a device that has yet to notice that it is up.
                        try await here.run("ping -c 1 -w 20 10.7.0.2")

                        let handshake = try #require(
                            try await one.agreed(in: here).state.peer(keys.1.publicKey)?.latestHandshake
                        )
                        async let pings = here.run("ping -q -c 50 -i 0.02 10.7.0.2")
                        for number in 1...20 {
                            let peer = try PeerUpdate.sample(number)
                            try one.backend.apply(DeviceChange(peers: [peer]))
                            try two.backend.apply(DeviceChange(peers: [peer]))
                            try one.backend.apply(DeviceChange(removedPeers: [peer.publicKey]))
                        }
                        let report = try await pings
                        #expect(report.contains(" 50 received, 0% packet loss"), "\(report)")
                        let peer = try #require(try await one.agreed(in: here).state.peer(keys.1.publicKey))
                        #expect(peer.latestHandshake == handshake)
                        #expect(peer.receivedByteCount > 50 * 64)
                    }
                }
            }
        }
    }

    // MARK: Removing and finding

    @Test("is found by a later process, which can change and remove it", arguments: BackendKind.underTest)
    func restart(kind: BackendKind) async throws {
        try await TestTunnel.with(kind) { tunnel in
            try tunnel.backend.apply(DeviceChange(privateKey: PrivateKey(), listenPort: 50_001))
            let found = try #require(try TestTunnel.recorded(in: tunnel.journal))
            #expect(found.kind == kind)
            #expect(found.isAlive)
            try found.apply(DeviceChange(peers: [try .sample(1)]))
            #expect(try await tunnel.agreed().state.differences(from: found.state()) == [])
            try await found.remove(grace: .seconds(2))
            #expect(try await Place.here.link(tunnel.name) == nil)
            #expect(!found.isAlive)
            #expect(try !TestTunnel.isThere(tunnel.journal))
            // A second time is no error.
            try await found.remove(grace: .seconds(2))
        }
    }

    @Test("is removed when its link is gone already", arguments: BackendKind.underTest)
    func goneLink(kind: BackendKind) async throws {
        try await TestTunnel.with(kind) { tunnel in
            try await Place.here.run("ip link delete wg-test")
            try await eventually { !tunnel.backend.isAlive }
            #expect(throws: TunnelError.self) { try tunnel.backend.state() }
        }
    }

    @Test("is nothing to a later process when its namespace is gone", arguments: BackendKind.underTest)
    func goneNamespace(kind: BackendKind) async throws {
        var journal: Journal?
        try await Place.withNamespace("contract") { place in
            let tunnel = try TestTunnel(kind)
            try await tunnel.create()
            try tunnel.move(to: place)
            journal = tunnel.journal
        }
        let left = try #require(journal)
        try await eventually { try !TestTunnel.isThere(left) }
        try await TestTunnel.recorded(in: left)?.remove(grace: .seconds(2))
    }

    @Test("is never taken for somebody else's of the same name", arguments: BackendKind.underTest)
    func foreign(kind: BackendKind) async throws {
        // What comes after ours is gone: made by another run, or by hand with the mark of another run or with none.
        var lines = ["": [String]()]
        if kind == .kernel {
            lines = [
                "no mark": ["ip link add wg-test type wireguard"],
                "another mark": ["ip link add wg-test type wireguard", "ip link set wg-test alias wgup-9-9"],
                "our number": ["ip link add wg-test index %N type wireguard", "ip link set wg-test alias wgup-9-9"],
                "another kind": ["ip link add wg-test index %N type dummy"],
            ]
        }
        for (comment, lines) in lines {
            let tunnel = try TestTunnel(kind)
            try await tunnel.create()
            try await tunnel.remove()
            let foreign = try TestTunnel(.userspace, number: 9)
            if lines.isEmpty { try await foreign.create() }
            let number = tunnel.journal.links.first?.index ?? 0
            for line in lines { try await Place.here.run(line.replacing("%N", with: "\(number)")) }

            let before = try #require(try await Place.here.link(tunnel.name))
            #expect(!tunnel.backend.isAlive, "\(comment)")
            #expect(try !TestTunnel.isThere(tunnel.journal), "\(comment)")
            try await tunnel.remove()
            try await TestTunnel.recorded(in: tunnel.journal)?.remove(grace: .seconds(2))
            #expect(try await Place.here.link(tunnel.name) == before, "\(comment)")
            if lines.isEmpty { try await foreign.remove() } else { try await Place.here.run("ip link delete wg-test") }
        }
    }

    /// Whether the kernel has a UDP socket on this port in this process's namespace.
    private func listens(on port: UInt16) async throws -> Bool {
        var digits = String(port, radix: 16, uppercase: true)
        digits = String(repeating: "0", count: 4 - digits.count) + digits
        let sockets = try String(contentsOfFile: "/proc/self/net/udp", encoding: .utf8)
        return sockets.split(separator: "\n").contains { $0.contains(": 00000000:\(digits) ") }
    }

    /// Waits for something that the kernel or another process does in its own time.
    private func eventually(_ isTrue: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try !isTrue() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
