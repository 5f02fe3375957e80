import Crypto
import Planning
import Testing
import WireGuard

@Suite("Difference between what is and what should be")
struct DifferenceTests {
    @Test("its changes lead there, touch nothing else, and leave nothing to change", arguments: 0..<1000)
    func leadsThere(seed: Int) throws {
        var states = try RandomStates(seed: UInt64(seed))
        let (observed, desired) = (states.observed(), states.desired())
        let startsAnew = seed % 10 == 0
        let difference = Difference(from: observed, to: desired, startsAnew: startsAnew)
        var host = HostModel(observed, desired: desired)
        for change in difference.changes { try host.apply(change) }

        try expect(host.state, is: desired)
        #expect(Difference(from: host.state, to: desired).changes == [])
        expectKept(observed, host, desired, startsAnew ? [.removeLink(desired.interface.name)] : difference.changes)
    }

    @Test("the way back from any of its changes leads to what was there before", arguments: 0..<1000)
    func leadsBack(seed: Int) throws {
        var states = try RandomStates(seed: UInt64(seed))
        let (observed, desired) = (states.observed(), states.desired())
        let changes = Difference(from: observed, to: desired).changes
        let count = seed % (changes.count + 1)
        var host = HostModel(observed, desired: desired)
        for change in changes.prefix(count) { try host.apply(change) }

        let link = desired.interface.name
        guard let before = observed.link, let now = host.state.link,
            changes.prefix(count).allSatisfy(\.hasWayBack)
        else { return }
        let back = Difference(from: now, backTo: before, of: link)
        for change in back.changes { try host.apply(change) }
        let after = try #require(host.state.link)
        #expect(after.mtu == before.mtu)
        #expect(after.addresses.sorted() == before.addresses.sorted())
        #expect(after.device.listenPort == before.device.listenPort)
        let done = changes.prefix(count)
        let added = done.compactMap { if case .addPeer(let key, _) = $0 { key } else { nil } }
        let removed = Set(done.compactMap { if case .removePeer(let key, _) = $0 { key } else { nil } })
            .subtracting(added)
        let kept = before.device.peers.filter { !removed.contains($0.publicKey) }
        let peers = Dictionary(uniqueKeysWithValues: after.device.peers.map { ($0.publicKey, $0) })
        #expect(Set(peers.keys) == Set(kept.map(\.publicKey)))
        for state in kept {
            let peer = try #require(peers[state.publicKey])
            #expect(Set(peer.allowedAddresses) == Set(state.allowedAddresses))
            #expect(peer.keepaliveSeconds == state.keepaliveSeconds)
            #expect(state.endpoint == nil || peer.endpoint == state.endpoint)
        }
        if before.isUp { #expect(before.ownRoutes.isSubset(of: after.ownRoutes.union(after.otherRoutes))) }
        #expect(Difference(from: after, backTo: before, of: link).changes == [])
    }

    /// Compares without the help of what is tested.
    private func expect(_ state: ObservedState, is desired: DesiredState) throws {
        let link = try #require(state.link)
        let interface = desired.interface
        #expect(state.workload == desired.workload)
        #expect(state.workloadCheck == desired.workloadCheck)
        #expect(link.isUp)
        #expect(link.mtu == interface.mtu)
        #expect(link.addresses.sorted() == interface.addresses.sorted())
        #expect(link.device.publicKey == interface.privateKey.publicKey)
        if let port = interface.listenPort { #expect(link.device.listenPort == port) }

        let prefixes = interface.addresses.map(\.prefix)
        let allowed = interface.peers.flatMap(\.allowedAddresses)
        let routes = link.ownRoutes.union(link.otherRoutes)
        for block in allowed {
            let covering = routes.filter { $0 == block || prefixes.contains($0) }
            #expect(covering.contains { $0.length <= block.length && $0.contains(block.address) }, "\(block)")
        }
        #expect(link.ownRoutes.isSubset(of: prefixes + allowed))

        let peers = Dictionary(uniqueKeysWithValues: link.device.peers.map { ($0.publicKey, $0) })
        #expect(Set(peers.keys) == Set(interface.peers.map(\.publicKey)))
        for peer in interface.peers {
            let state = try #require(peers[peer.publicKey])
            #expect(Set(state.allowedAddresses) == Set(peer.allowedAddresses))
            #expect(state.keepaliveSeconds == peer.keepaliveSeconds)
            #expect(link.notes.byKey[peer.publicKey]?.presharedKey == peer.presharedKey?.checkValue)
            let endpoints = peer.endpoints.map(\.socketAddress)
            #expect(endpoints.isEmpty || state.latestHandshake != nil || endpoints.contains(state.endpoint))
        }
    }

    /// A peer that is as it should be is not touched, and one that was heard of stays where it was heard of, unless it is to
    /// be called elsewhere than before.
    private func expectKept(
        _ observed: ObservedState,
        _ host: HostModel,
        _ desired: DesiredState,
        _ changes: [Change]
    ) {
        let name = desired.interface.name
        let keepsDevice = !changes.contains {
            [.removeLink(name), .replaceKey(name), .make(.createLink(name))].contains($0)
        }
        guard keepsDevice, let before = observed.link?.device.peers else { return }
        for state in before where state.latestHandshake != nil && state.endpoint != nil {
            guard let peer = desired.interface.peers.first(where: { $0.publicKey == state.publicKey }) else { continue }
            let after = host.state.link?.device.peers.first { $0.publicKey == state.publicKey }
            let endpoints = peer.endpoints.map(\.socketAddress)
            let note = observed.link?.notes.byKey[state.publicKey]
            if let note, !endpoints.isEmpty, !endpoints.contains(state.endpoint), note.endpoints != Set(endpoints) {
                #expect(after?.endpoint == endpoints[0])
                #expect(after?.latestHandshake == nil)
                continue
            }
            #expect(after?.endpoint == state.endpoint)
            #expect(after?.latestHandshake == state.latestHandshake)
            let isSame =
                Set(state.allowedAddresses) == Set(peer.allowedAddresses)
                && state.keepaliveSeconds == peer.keepaliveSeconds
                && observed.link?.notes.byKey[state.publicKey].map { $0.presharedKey == peer.presharedKey?.checkValue }
                    == true
            #expect(host.touchedPeers.contains(state.publicKey) != isSame)
        }
    }

    private func address(_ text: String) throws -> InterfaceAddress { try #require(InterfaceAddress(text)) }

    private func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }

    /// A client as it was brought up, with a hub that has answered.
    private func client() throws -> (observed: ObservedState, desired: DesiredState) {
        let endpoint = try #require(SocketAddress("192.0.2.1:51820"))
        let peer = PeerConfiguration(
            publicKey: PrivateKey().publicKey,
            name: try #require(Name("hub")),
            endpoints: [try #require(Endpoint(host: .address(endpoint.address), port: endpoint.port))],
            allowedAddresses: [try prefix("10.0.0.1/32"), try prefix("198.51.100.0/24")],
            keepaliveSeconds: 25
        )
        let interface = InterfaceConfiguration(
            name: try #require(InterfaceName("wg-tunnel")),
            privateKey: PrivateKey(),
            addresses: [try address("10.0.0.2/24")],
            peers: [peer]
        )
        let state = PeerState(
            publicKey: peer.publicKey,
            endpoint: endpoint,
            latestHandshake: UnixTime(seconds: 1),
            keepaliveSeconds: 25,
            allowedAddresses: peer.allowedAddresses
        )
        let link = ObservedState.Link(
            placement: .host,
            isUp: true,
            mtu: interface.mtu,
            addresses: interface.addresses,
            ownRoutes: [try prefix("198.51.100.0/24")],
            otherRoutes: [try prefix("10.0.0.0/24")],
            device: DeviceState(publicKey: interface.privateKey.publicKey, listenPort: 40_000, peers: [state]),
            notes: PeerNotes(interface)
        )
        return (
            ObservedState(link: link), DesiredState(interface: interface, placement: .host, workload: .none)
        )
    }

    private func lines(_ change: (inout ObservedState.Link) throws -> Void) throws -> [String] {
        var (observed, desired) = try client()
        var link = try #require(observed.link)
        try change(&link)
        observed.link = link
        return Difference(from: observed, to: desired).changes.map { "\($0.kind.mark) \($0)" }
    }

    @Test("is none for a tunnel as it was brought up, wherever the peer has roamed to")
    func none() throws {
        #expect(try lines { _ in } == [])
        #expect(try lines { $0.device.peers[0].endpoint = SocketAddress("203.0.113.7:1234") } == [])
    }

    @Test("names the endpoint of a peer that was never heard of")
    func endpoint() throws {
        let lines = try lines { link in
            link.device.peers[0].latestHandshake = nil
            link.device.peers[0].endpoint = SocketAddress("203.0.113.7:1234")
        }
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("~ change peer hub ") && lines[0].hasSuffix("=: endpoint 192.0.2.1:51820"))
    }

    @Test("starts over with a peer that is to be called elsewhere than before, and is not there yet")
    func elsewhere() throws {
        let (old, roamed) = (try #require(SocketAddress("192.0.2.9:51820")), SocketAddress("203.0.113.7:1234"))
        let changed = { (link: inout ObservedState.Link, endpoint: SocketAddress?) in
            let note = link.notes.peers[0]
            link.notes = PeerNotes([
                PeerNotes.Peer(publicKey: note.publicKey, name: note.name, presharedKey: nil, endpoints: [old])
            ])
            link.device.peers[0].endpoint = endpoint
        }
        for endpoint in [old, roamed] {
            let lines = try lines { changed(&$0, endpoint) }
            #expect(lines.count == 2)
            #expect(lines[0].hasPrefix("- remove peer hub ") && lines[1].hasPrefix("+ add peer hub "))
        }
        #expect(try lines { changed(&$0, SocketAddress("192.0.2.1:51820")) } == [])
    }

    @Test("names what somebody has changed by hand")
    func tampering() throws {
        let lines = try lines { link in
            link.addresses.append(try address("10.9.9.9/32"))
            link.ownRoutes = [try prefix("203.0.113.0/24")]
            link.otherRoutes = []
            link.mtu = 1300
            link.device.peers = []
        }
        #expect(
            lines.filter { !$0.hasPrefix("+ add peer hub ") } == [
                "- remove route 203.0.113.0/24 through wg-tunnel", "- remove address 10.9.9.9/32 from wg-tunnel",
                "~ set the MTU of wg-tunnel to 1420", "+ add route 10.0.0.0/24 through wg-tunnel",
                "+ add route 198.51.100.0/24 through wg-tunnel",
            ]
        )
        #expect(lines.count == 6)
    }

    @Test("adds the routes again that go when a link is set down")
    func down() throws {
        let lines = try lines { link in
            (link.isUp, link.ownRoutes, link.otherRoutes) = (false, [], [])
        }
        #expect(lines == ["~ bring up wg-tunnel", "+ add route 198.51.100.0/24 through wg-tunnel"])
    }

    @Test("adds an address again that goes with the primary one of its prefix")
    func secondaryAddress() throws {
        let lines = try lines { $0.addresses.insert(try address("10.0.0.9/24"), at: 0) }
        #expect(
            lines == [
                "- remove address 10.0.0.2/24 from wg-tunnel", "- remove address 10.0.0.9/24 from wg-tunnel",
                "+ add address 10.0.0.2/24 to wg-tunnel", "+ add route 198.51.100.0/24 through wg-tunnel",
            ]
        )
    }

    @Test("from nothing, is the plan of a bring-up")
    func fromNothing() throws {
        let (_, desired) = try client()
        let changes = Difference(from: ObservedState(), to: desired).changes
        #expect(changes == Plan(for: desired).steps.map(Change.make))
    }
}
