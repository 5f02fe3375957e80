import Crypto
import Testing
import WireGuard

@testable import Netlink

@Suite("Requests to WireGuard devices")
struct DeviceRequestTests {
    private func bytes(of change: DeviceChange) throws(NetlinkError) -> [[UInt8]] {
        var requests = DeviceRequests(change, link: .wireGuard, family: 0x1c)
        var messages: [[UInt8]] = []
        while let request = try requests.next() {
            messages.append(request.withBytes { bytes in bytes.indices.map { bytes[$0] } })
        }
        return messages
    }

    // What a device would report that has taken the messages: their attributes are those of a report.
    private func report(_ messages: [[UInt8]]) throws(NetlinkError) -> DeviceState {
        var parts: [DeviceState] = []
        for message in messages { parts.append(try DeviceState(decoding: message.span.extracting(16...))) }
        return DeviceState(joining: parts)
    }

    @Test("all that can be said of a device and a peer")
    func everything() throws {
        let peer = PeerConfiguration(
            publicKey: try .numbered(2),
            name: try #require(Name("laptop")),
            presharedKey: try PresharedKey(.repeating(0xee)),
            endpoints: [try #require(Endpoint("192.0.2.1:51820", defaultPort: 1))],
            allowedAddresses: ["10.0.0.2/32", "fd00::/64"],
            keepaliveSeconds: 25
        )
        let change = DeviceChange(
            privateKey: try PrivateKey(.repeating(0xdd)),
            listenPort: 51820,
            replacesPeers: true,
            removedPeers: [try .numbered(3)],
            peers: [PeerUpdate(peer)]
        )
        let expected = """
            3c010000 1c00 0500 00000000 00000000  # the family, request and ack
            01 01 0000                            # WG_CMD_SET_DEVICE, version 1
            0800 0100 07000000                    # WGDEVICE_A_IFINDEX
            0800 0500 01000000                    # WGDEVICE_A_FLAGS: WGDEVICE_F_REPLACE_PEERS
            0600 0600 6cca 0000                   # WGDEVICE_A_LISTEN_PORT
            2400 0300                             # WGDEVICE_A_PRIVATE_KEY
              dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
            ec00 0880                             # WGDEVICE_A_PEERS
              3000 0080
                2400 0100 0300000000000000000000000000000000000000000000000000000000000000
                0800 0300 01000000                #   WGPEER_A_FLAGS: WGPEER_F_REMOVE_ME
              b800 0080
                2400 0100 0200000000000000000000000000000000000000000000000000000000000000
                0800 0300 02000000                #   WGPEER_A_FLAGS: WGPEER_F_REPLACE_ALLOWEDIPS
                2400 0200                         #   WGPEER_A_PRESHARED_KEY
                  eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee
                1400 0400                         #   WGPEER_A_ENDPOINT
                  0200 ca6c c0000201 0000000000000000
                0600 0500 1900 0000               #   WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL
                4800 0980                         #   WGPEER_A_ALLOWEDIPS
                  1c00 0080
                    0600 0100 0200 0000           #     WGALLOWEDIP_A_FAMILY
                    0800 0200 0a000002            #     WGALLOWEDIP_A_IPADDR
                    0500 0300 20 000000           #     WGALLOWEDIP_A_CIDR_MASK
                  2800 0080
                    0600 0100 0a00 0000
                    1400 0200 fd000000 00000000 00000000 00000000
                    0500 0300 40 000000
            """
        #expect(try bytes(of: change) == [hex(expected)])
    }

    @Test("what a peer has not is cleared, but its endpoint stays")
    func nothing() throws {
        let peer = PeerConfiguration(
            publicKey: try .numbered(2),
            name: try #require(Name("laptop")),
            allowedAddresses: []
        )
        let expected = """
            7c000000 1c00 0500 00000000 00000000
            01 01 0000
            0800 0100 07000000
            6000 0880
              5c00 0080
                2400 0100 0200000000000000000000000000000000000000000000000000000000000000
                0800 0300 02000000
                2400 0200 0000000000000000000000000000000000000000000000000000000000000000
                0600 0500 0000 0000
            """
        #expect(try bytes(of: DeviceChange(peers: [PeerUpdate(peer)])) == [hex(expected)])
    }

    @Test("an endpoint is moved without adding a peer")
    func endpoint() throws {
        let endpoint = try #require(SocketAddress("[2001:db8::1]:51820"))
        let update = PeerUpdate(publicKey: try .numbered(2), isUpdateOnly: true, endpoint: endpoint)
        let expected = """
            70000000 1c00 0500 00000000 00000000
            01 01 0000
            0800 0100 07000000
            5400 0880
              5000 0080
                2400 0100 0200000000000000000000000000000000000000000000000000000000000000
                0800 0300 04000000  # WGPEER_F_UPDATE_ONLY
                2000 0400           # WGPEER_A_ENDPOINT
                  0a00 ca6c 00000000 20010db8000000000000000000000001 00000000
            """
        #expect(try bytes(of: DeviceChange(peers: [update])) == [hex(expected)])
    }

    @Test("many peers go in several messages, and only the first drops those that were there")
    func manyPeers() throws {
        let peers = try (2..<1002).map { number in
            PeerConfiguration(
                publicKey: try .numbered(number),
                name: try #require(Name("p\(number)")),
                endpoints: [try #require(Endpoint("192.0.2.1:\(number)", defaultPort: 1))],
                allowedAddresses: [IPPrefix(single: IPAddress(10, 0, UInt8(number >> 8), UInt8(number & 0xff)))],
                keepaliveSeconds: UInt16(number)
            )
        }
        let change = DeviceChange(listenPort: 7, replacesPeers: true, peers: peers.map(PeerUpdate.init))
        let messages = try bytes(of: change)
        #expect(messages.count > 5)
        #expect(messages.allSatisfy { $0.count <= MessageBuilder.capacity })
        #expect(messages.dropLast().allSatisfy { $0.count > MessageBuilder.capacity - 200 })
        let hasFlags = messages.map { $0.contains(hex("0800 0500 01000000")) }
        #expect(hasFlags == [true] + [Bool](repeating: false, count: messages.count - 1))
        let expected = peers.map { peer in
            PeerState(
                publicKey: peer.publicKey,
                endpoint: peer.endpoints[0].socketAddress,
                keepaliveSeconds: peer.keepaliveSeconds,
                allowedAddresses: peer.allowedAddresses
            )
        }
        #expect(try report(messages) == DeviceState(publicKey: nil, listenPort: 7, peers: expected))
    }

    @Test("a peer whose addresses do not fit is continued, without dropping those that went before")
    func manyAddresses() throws {
        let addresses = (0..<2000).map { IPPrefix(single: IPAddress(10, 0, UInt8($0 >> 8), UInt8($0 & 0xff))) }
        let peers = try [(2, 1000), (3, 2000), (4, 0), (5, 3)].map { number, count in
            PeerConfiguration(
                publicKey: try .numbered(number),
                name: try #require(Name("p\(number)")),
                allowedAddresses: Array(addresses.prefix(count))
            )
        }
        let messages = try bytes(of: DeviceChange(peers: peers.map(PeerUpdate.init)))
        #expect(messages.count > 4)
        #expect(try report(messages).peers.map(\.allowedAddresses.count) == [1000, 2000, 0, 3])
        #expect(try report(messages).peers.map(\.allowedAddresses) == peers.map(\.allowedAddresses))
        let replacing = messages.map { $0.count(of: hex("0800 0300 02000000")) }
        #expect(replacing.reduce(0, +) == 4)
    }

    @Test("many removals go in several messages")
    func manyRemovals() throws {
        let keys = try (2..<1002).map { number throws(CryptoError) in try PublicKey.numbered(number) }
        let messages = try bytes(of: DeviceChange(removedPeers: keys))
        #expect(messages.count > 2)
        #expect(try report(messages).peers.map(\.publicKey) == keys)
        #expect(messages.map { $0.count(of: hex("0800 0300 01000000")) }.reduce(0, +) == 1000)
    }

    @Test("to remove all peers is one message that names none")
    func flush() throws {
        let expected =
            "28000000 1c00 0500 00000000 00000000  01 01 0000  0800 0100 07000000  0800 0500 01000000  0400 0880"
        #expect(try bytes(of: DeviceChange(replacesPeers: true)) == [hex(expected)])
    }
}

extension [UInt8] {
    fileprivate func count(of part: [UInt8]) -> Int {
        stride(from: 0, through: count - part.count, by: 4).count { self[$0..<($0 + part.count)] == part[...] }
    }
}
