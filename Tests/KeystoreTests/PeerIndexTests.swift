import Crypto
import PeerBundle
import SystemIO
import TestSupport
import Testing
import WireGuard

@testable import Keystore

@Suite("Peer index")
struct PeerIndexTests {
    private let hub: InterfaceAddress

    init() throws { hub = try #require(InterfaceAddress("10.0.0.1/24")) }

    private func peer(_ number: UInt8, address: IPAddress? = nil) throws -> PeerRecord {
        PeerRecord(
            name: try #require(Name("p\(number)")),
            identity: try IdentityKey.fixed(seed: number, wireGuard: number).identity,
            addresses: [address ?? IPAddress(10, 0, 0, number)],
            salt: Salt(),
            created: now,
            serial: UInt64(number)
        )
    }

    private func version(_ number: UInt64) -> FileVersion { FileVersion(inode: number, modified: 7) }

    private func bytes(_ index: inout PeerIndex, _ version: FileVersion) throws -> [UInt8] {
        guard case .whole(let bytes) = index.finish(version) else {
            throw RecordError(file: "", line: nil, problem: .notText)
        }
        return bytes
    }

    @Test("says what it was told, and only of the version of the directory that it is about")
    func roundTrip() throws {
        var index = PeerIndex()
        let peers = try (2...9).map { try peer($0) }
        for (number, peer) in peers.enumerated() { index.put(peer, version(UInt64(number))) }
        index.remove(peers[3].identity.wireGuardKey)
        index.put(RevokedPeer(peers[4], revoked: now), version(40))
        let bytes = try bytes(&index, version(1))
        #expect(PeerIndex(bytes, of: version(2)) == nil)
        for isPrepared in [false, true] {
            var read = try #require(PeerIndex(bytes, of: version(1)))
            if isPrepared { read.prepareForMany() }
            for (number, peer) in peers.enumerated() {
                let entry = read.entry(of: peer.identity.wireGuardKey)
                guard number != 3 else {
                    #expect(entry == nil)
                    continue
                }
                #expect(entry?.kind == (number == 4 ? .revoked : .peer))
                #expect(entry?.identity == peer.identity)
                #expect(entry?.name == peer.name)
                #expect(entry?.salt == peer.salt)
                #expect(entry?.addresses == peer.addresses)
                #expect(entry?.version == (number == 4 ? version(40) : version(UInt64(number))))
            }
            var pool = try #require(read.pools(for: [hub], now: now).first)
            // The fourth is forgotten, and the fifth in quarantine.
            #expect(pool.lowestFree == IPAddress(10, 0, 0, 5))
            pool.take(IPAddress(10, 0, 0, 5))
            #expect(pool.lowestFree == IPAddress(10, 0, 0, 10))
            let later = now.adding(seconds: RevokedPeer.quarantineSeconds)
            let free = try #require(read.pools(for: [hub], now: later).first)
            #expect(!free.isFree(IPAddress(10, 0, 0, 2)))
            #expect(free.isFree(IPAddress(10, 0, 0, 6)))
        }
    }

    @Test("takes changes into its file, and writes it anew where much of it is of no use")
    func changes() throws {
        var index = PeerIndex()
        for number in 2...20 as ClosedRange<UInt8> { index.put(try peer(number), version(1)) }
        var file = try bytes(&index, version(1))
        var kinds: [String] = []
        for number in 2...18 as ClosedRange<UInt8> {
            index.put(try peer(number, address: IPAddress(10, 0, 1, number)), version(2))
            let version = version(100 + UInt64(number))
            switch index.finish(version) {
            case .whole(let bytes):
                file = bytes
                kinds.append("whole")
            case .changes(let removed, let offset, let appended):
                #expect(offset == file.count)
                for place in removed { file[place] = PeerIndex.Kind.removed.rawValue }
                file += appended
                kinds.append("changes")
            }
            let read = try #require(PeerIndex(file, of: version))
            for other in 2...20 as ClosedRange<UInt8> {
                let entry = read.entry(of: try peer(other).identity.wireGuardKey)
                #expect(entry?.addresses == [other <= number ? IPAddress(10, 0, 1, other) : IPAddress(10, 0, 0, other)])
            }
        }
        #expect(Set(kinds) == ["whole", "changes"])
    }

    @Test("that is cut short or damaged is none, or says nothing else; it never stops the program")
    func damage() throws {
        var index = PeerIndex()
        for number in 2...4 as ClosedRange<UInt8> { index.put(try peer(number), version(1)) }
        let file = try bytes(&index, version(1))
        for count in 0..<file.count { #expect(PeerIndex(Array(file.prefix(count)), of: version(1)) == nil) }
        var generator = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            var bytes = file
            for _ in 0...Int(generator.next() % 3) {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            guard var read = PeerIndex(bytes, of: version(1)) else { continue }
            _ = read.forEachPeer { _ in true }
            _ = read.pools(for: [hub], now: now)
            read.prepareForMany()
            read.put(try peer(3), version(2))
            _ = read.finish(version(3))
        }
    }
}

@Suite("Registry")
struct RegistryTests {
    private let key = IdentityKey()
    private var sealing: NetworkStore.Sealing {
        NetworkStore.Sealing(
            key: key,
            defaultEndpoint: Endpoint("192.0.2.1", defaultPort: 51_820),
            now: now,
            lifetimeSeconds: 86_400
        )
    }

    private func store(_ home: borrowing Home, _ ranges: NetworkRanges = NetworkRanges()) throws -> NetworkStore {
        try home.createNetwork(Network.defaultName, ranges, besides: [], hostName: "hub")
    }

    private func request(_ name: String? = nil, _ identity: Identity = IdentityKey().identity) -> EnrolmentRequest {
        var request = EnrolmentRequest(identity: identity)
        request.name = name.flatMap { Name($0) }
        return request
    }

    @Test("a batch is as many single ones: addresses, serials and names in order")
    func batch() throws {
        try Home.temporary { home, _ in
            let store = try store(home)
            let first = try store.seal(request("first"), sealing)
            #expect(first.peer.addresses == [IPAddress(10, 0, 0, 2)])
            let sealed = try store.seal((0..<150).map { request("p\($0)") }, sealing)
            #expect(sealed.map { $0.peer.serial } == (2...151).map { UInt64($0) })
            #expect(sealed.map { $0.peer.addresses } == (3...152).map { [IPAddress(10, 0, 0, $0)] })
            #expect(try store.lastSerial() == 151)
            let recorded = try store.peers()
            #expect(recorded.count == 151)
            #expect(Set(recorded.map(\.name)) == Set(sealed.map(\.peer.name) + [first.peer.name]))
            for sealed in sealed { #expect(try store.peer(named: sealed.peer.name) == sealed.peer) }
        }
    }

    @Test("what is wrong with one request of many is said of that one, and none is recorded")
    func oneOfMany() throws {
        try Home.temporary { home, _ in
            let store = try store(home)
            let first = try store.seal(request("first"), sealing)
            do throws(RequestError) {
                _ = try store.seal([request("a"), request("b"), request("first"), request("c")], sealing)
                Issue.record("accepted")
            } catch {
                #expect(error.index == 2)
                #expect(error.error == .peerNameTaken(first.peer.name))
            }
            #expect(try store.peers() == [first.peer])
            #expect(try store.lastSerial() == 1)
        }
    }

    @Test("a revoked peer does not come back, its name may, and its address does when nothing names it any more")
    func revocation() throws {
        try Home.temporary { home, _ in
            let store = try store(home)
            let thief = IdentityKey().identity
            let peer = try store.seal(request("laptop", thief), sealing).peer
            _ = try store.seal(request("other"), sealing)
            let (revoked, _, outdated) = try store.revoke(["laptop", thief.fingerprint.description], now: now)
            #expect(revoked.map(\.peer) == [peer])
            #expect(outdated.isEmpty)
            #expect(try store.revokedPeers() == revoked)
            #expect(try store.peers().map(\.name.description) == ["other"])
            #expect(try store.hubInterface(key: key).peers.map(\.name.description) == ["other"])
            #expect(throws: KeystoreError.revoked(peer.name)) {
                _ = try store.seal(request(nil, thief), sealing)
            }
            let next = try store.seal(request("laptop"), sealing).peer
            #expect(next.addresses == [IPAddress(10, 0, 0, 4)])

            func address(after seconds: UInt64) throws -> [IPAddress] {
                let later = NetworkStore.Sealing(
                    key: key,
                    defaultEndpoint: Endpoint("192.0.2.1", defaultPort: 51_820),
                    now: now.adding(seconds: seconds),
                    lifetimeSeconds: 86_400
                )
                return try store.seal(request(), later).peer.addresses
            }
            #expect(try address(after: RevokedPeer.quarantineSeconds - 1) == [IPAddress(10, 0, 0, 5)])
            #expect(try address(after: RevokedPeer.quarantineSeconds) == [IPAddress(10, 0, 0, 2)])
            #expect(throws: KeystoreError.noPeer("nobody")) { _ = try store.revoke(["other", "nobody"], now: now) }
            #expect(try store.peer(named: #require(Name("other"))) != nil)
        }
    }

    @Test("an address is nobody's until the last bundle of whom it belonged to has expired")
    func longQuarantine() throws {
        try Home.temporary { home, _ in
            let store = try store(home)
            let long = NetworkStore.Sealing(
                key: key,
                defaultEndpoint: Endpoint("192.0.2.1", defaultPort: 51_820),
                now: now,
                lifetimeSeconds: 300 * 86_400
            )
            _ = try store.seal(request("laptop"), long)
            let (revoked, _, _) = try store.revoke(["10.0.0.2"], now: now)
            #expect(revoked.map(\.addressesFree) == [now.adding(seconds: 300 * 86_400)])
        }
    }

    @Test("peers are found by name, fingerprint, identity, key and address, after a change of name too")
    func finding() throws {
        try Home.temporary { home, _ in
            let store = try store(home)
            let peer = try store.seal(request("laptop"), sealing).peer
            _ = try store.seal(request("other"), sealing)
            let former = try store.rename("laptop", to: #require(Name("desk")))
            #expect(former == peer.name)
            let identity = peer.identity
            let texts = [
                "desk", identity.text, identity.fingerprint.description, identity.wireGuardKey.base64, "10.0.0.2",
            ]
            for text in texts { #expect(try store.peer(meantBy: text)?.identity == identity, "\(text)") }
            #expect(try Set(store.peerNames().map(\.description)) == ["desk", "other"])
            for text in ["laptop", "10.0.0.9", "", "-", IdentityKey().identity.text] {
                #expect(try store.peer(meantBy: text) == nil, "\(text)")
            }
            #expect(throws: KeystoreError.peerNameTaken(try #require(Name("other")))) {
                _ = try store.rename("desk", to: #require(Name("other")))
            }
            _ = try store.annotate("desk", with: Note("new"))
            #expect(try store.peer(meantBy: "desk")?.note == Note("new"))
            #expect(try store.seal(request(nil, identity), sealing).peer.note == Note("new"))
            _ = try store.annotate("desk", with: nil)
            #expect(try store.peer(meantBy: "desk")?.note == nil)
        }
    }

    @Test("members of the mesh know each other, with one key for each pair, and are told who has to be renewed")
    func mesh() throws {
        try Home.temporary { home, _ in
            let store = try store(home)
            let keys = try (2...5).map { try IdentityKey.fixed(seed: $0, wireGuard: $0) }
            var sealed: [SealedPeer] = []
            for (number, key) in keys.enumerated() {
                var request = request("m\(number)", key.identity)
                request.isInMesh = true
                if number < 2 {
                    request.ownEndpoints = [try #require(Endpoint("192.0.2.1\(number)", defaultPort: 7000))]
                }
                sealed.append(try store.seal(request, sealing))
            }
            #expect(
                sealed.map { $0.outdated.map(\.description).sorted() } == [
                    [], ["m0"], ["m0", "m1"], ["m0", "m1", "m2"],
                ]
            )
            let renewed = try store.seal(keys.map { request(nil, $0.identity) }, sealing)
            #expect(renewed.allSatisfy { $0.outdated.isEmpty })
            let bundles = try zip(renewed, keys).map { sealed, key in
                let claimed = try ClaimedBundle.open(sealed.bundle.span, with: key.openingKey)
                return try claimed.verified(trusting: self.key.identity).bundle
            }
            #expect(bundles.map(\.listenPort) == [7000, 7000, nil, nil])
            // Two that nobody can call reach each other through the hub.
            #expect(
                bundles.map { Set($0.peers.map(\.name.description)) } == [
                    ["hub", "m1", "m2", "m3"], ["hub", "m0", "m2", "m3"], ["hub", "m0", "m1"], ["hub", "m0", "m1"],
                ]
            )
            var pairs: [Set<Int>: Set<[UInt8]>] = [:]
            for (number, bundle) in bundles.enumerated() {
                for peer in bundle.peers {
                    guard let other = keys.firstIndex(where: { $0.identity.wireGuardKey == peer.publicKey }) else {
                        continue
                    }
                    #expect(peer.endpoints.map(\.description) == (other < 2 ? ["192.0.2.1\(other):7000"] : []))
                    #expect(peer.allowedAddresses == [IPPrefix(single: IPAddress(10, 0, 0, UInt8(other + 2)))])
                    #expect(peer.keepaliveSeconds == (other < 2 ? 25 : nil))
                    let bytes = peer.presharedKey?.withBytes { bytes in bytes.indices.map { bytes[$0] } }
                    pairs[[number, other], default: []].insert(try #require(bytes))
                }
            }
            #expect(pairs.count == 5)
            #expect(pairs.values.allSatisfy { $0.count == 1 })
            #expect(Set(pairs.values).count == 5)

            let (_, _, outdated) = try store.revoke(["m1"], now: now)
            #expect(Set(outdated.map(\.description)) == ["m0", "m2", "m3"])
        }
    }

    @Test("records that somebody else has written are seen, also those that were written in place")
    func edits() async throws {
        try await Home.temporary { home, path in
            let store = try store(home)
            let peers = try store.seal(["a", "b", "c"].map { request($0) }, sealing).map(\.peer)
            let directory = "\(path)/networks/default/peers"
            func edit(_ script: String) async throws {
                let result = try await Tool("/bin/sh").run(["-euc", "cd '\(directory)'; \(script)"])
                try #require(result.status == 0, "\(result.error)")
            }
            func hub() throws -> [String] {
                try store.hubInterface(key: key).peers.map { "\($0.name) \($0.allowedAddresses[0].address)" }.sorted()
            }
            #expect(try hub() == ["a 10.0.0.2", "b 10.0.0.3", "c 10.0.0.4"])
            // In place: the directory stays as it is.
            try await edit("text=$(sed 's/10.0.0.3/10.0.0.77/' b.peer); printf '%s\\n' \"$text\" >b.peer")
            #expect(try hub() == ["a 10.0.0.2", "b 10.0.0.77", "c 10.0.0.4"])
            try await edit("mv c.peer d.peer")
            #expect(try store.peerNames().map(\.description) == ["a", "b", "d"])
            #expect(try hub() == ["a 10.0.0.2", "b 10.0.0.77", "d 10.0.0.4"])
            let next = try store.seal(request("e"), sealing).peer
            #expect(next.addresses == [IPAddress(10, 0, 0, 3)])
            try await edit("rm e.peer")
            #expect(try hub() == ["a 10.0.0.2", "b 10.0.0.77", "d 10.0.0.4"])
            // Another host under the name of one that is known.
            let other = IdentityKey().identity
            try await edit(
                "text=$(sed 's/^identity.*/identity = \(other.text)/' a.peer); printf '%s\\n' \"$text\" >a.peer"
            )
            let again = try store.seal(request("f", peers[0].identity), sealing)
            #expect(again.isNew)
            #expect(again.peer.addresses == [IPAddress(10, 0, 0, 3)])
            try await edit("cp b.peer g.peer")
            #expect(throws: KeystoreError.self) { try hub() }
            try await edit("rm g.peer; sed -i 's/10.0.0.77/10.0.0.4/' b.peer")
            #expect(throws: KeystoreError.self) { try hub() }
            try await edit("rm d.peer")
            #expect(try hub() == ["a 10.0.0.2", "b 10.0.0.4", "f 10.0.0.3"])
            // It may be deleted, damaged, or come from another copy of the directory.
            for script in ["rm ../index", "echo x >../index", "truncate -s -1 ../index", "rm -rf /tmp/nothing"] {
                try await edit(script)
                #expect(try hub() == ["a 10.0.0.2", "b 10.0.0.4", "f 10.0.0.3"])
            }
        }
    }

    @Test("a new network takes the ranges that it is given, or finds some with room enough")
    func ranges() throws {
        func choose(_ given: [String], hosts: Int = 1, v6: Bool = false, routes: [String] = []) throws -> [String] {
            var ranges = NetworkRanges()
            ranges.given = given.compactMap { IPPrefix($0) }
            ranges.hostCount = hosts
            ranges.hasIPv6 = v6
            return try ranges.choose(besides: routes.compactMap { IPPrefix($0) }).map(\.description)
        }
        #expect(try choose([]) == ["10.0.0.0/24"])
        #expect(try choose([], hosts: 253) == ["10.0.0.0/24"])
        #expect(try choose([], hosts: 254) == ["10.0.0.0/23"])
        #expect(try choose([], hosts: 20_000, routes: ["10.0.3.0/24"]) == ["10.0.128.0/17"])
        #expect(try choose([], routes: ["10.0.0.0/10", "10.64.0.0/12", "10.80.0.0/13"]) == ["10.90.0.0/24"])
        #expect(try choose(["192.168.5.0/24"]) == ["192.168.5.0/24"])
        #expect(try choose(["fd00:1::/64"]) == ["10.0.0.0/24", "fd00:1::/64"])
        #expect(try choose(["fd00:1::/64", "10.9.0.0/16"], v6: true) == ["10.9.0.0/16", "fd00:1::/64"])
        #expect(throws: KeystoreError.self) { try choose(["10.9.0.0/16"], routes: ["10.9.3.0/24"]) }
        #expect(throws: KeystoreError.self) { try choose(["10.9.0.0/30"], hosts: 2) }
        #expect(throws: KeystoreError.noFreeRange) { try choose([], routes: ["10.0.0.0/8"]) }
        let random = try (0..<50).map { _ in try choose([], v6: true)[1] }
        #expect(Set(random).count == 50)
        #expect(random.allSatisfy { $0.hasPrefix("fd") && $0.hasSuffix("::/64") })
    }
}
