import Crypto
import Testing
import WireGuard

@testable import Tunnel

/// The key whose 32 bytes are all 0x33.
private func peerKey() throws -> PublicKey {
    let bytes = Bytes32([UInt8](repeating: 0x33, count: 32).span)
    return try PublicKey(try #require(bytes))
}

@Suite("Userspace requests")
struct UAPIRequestTests {
    @Test("a set replaces everything: key, port, peers and their addresses")
    func set() throws {
        let privateKey = try PrivateKey(SecretBytes(copying: [UInt8](repeating: 0x11, count: 32).span))
        let presharedKey = try PresharedKey(SecretBytes(copying: [UInt8](repeating: 0x22, count: 32).span))
        let peerKey = try peerKey()
        let peer = PeerConfiguration(
            publicKey: peerKey,
            name: try #require(Name("host-a")),
            presharedKey: presharedKey,
            endpoints: [try #require(Endpoint("[2001:db8::1]:51820", defaultPort: 1))],
            allowedAddresses: [try #require(IPPrefix("10.0.0.1/32")), try #require(IPPrefix("fd00::/64"))],
            keepaliveSeconds: 25
        )
        let interface = InterfaceConfiguration(
            name: try #require(InterfaceName("wg-tunnel")),
            privateKey: privateKey,
            addresses: [],
            peers: [peer]
        )

        var sent: [UInt8] = []
        UAPIRequest.set(DeviceChange(interface)) { bytes in sent += bytes.indices.map { bytes[$0] } }

        let expected = """
            set=1
            private_key=\(String(repeating: "11", count: 32))
            listen_port=0
            replace_peers=true
            public_key=\(String(repeating: "33", count: 32))
            preshared_key=\(String(repeating: "22", count: 32))
            endpoint=[2001:db8::1]:51820
            persistent_keepalive_interval=25
            replace_allowed_ips=true
            allowed_ip=10.0.0.1/32
            allowed_ip=fd00::/64


            """
        #expect(String(decoding: sent, as: UTF8.self) == expected)
    }

    @Test("a change names what changes, and nothing else")
    func change() throws {
        let peer = try peerKey()
        let change = DeviceChange(
            removedPeers: [peer],
            peers: [
                PeerUpdate(publicKey: peer, isUpdateOnly: true, endpoint: SocketAddress("192.0.2.1:1")),
                PeerUpdate(publicKey: peer, presharedKey: .remove, keepaliveSeconds: 0),
                PeerUpdate(publicKey: peer, allowedAddresses: [try #require(IPPrefix("10.0.0.0/8"))]),
            ]
        )
        var sent: [UInt8] = []
        UAPIRequest.set(change) { bytes in sent += bytes.indices.map { bytes[$0] } }
        let key = String(repeating: "33", count: 32)
        let expected = """
            set=1
            public_key=\(key)
            remove=true
            public_key=\(key)
            update_only=true
            endpoint=192.0.2.1:1
            public_key=\(key)
            preshared_key=\(String(repeating: "00", count: 32))
            persistent_keepalive_interval=0
            public_key=\(key)
            allowed_ip=10.0.0.0/8


            """
        #expect(String(decoding: sent, as: UTF8.self) == expected)
    }

    @Test("a peer with more addresses than the buffer first holds is written whole")
    func manyAddresses() throws {
        let prefixes = (0..<1000).compactMap { IPPrefix("10.\($0 / 256).\($0 % 256).0/24") }
        let peer = PeerConfiguration(
            publicKey: PrivateKey().publicKey,
            name: try #require(Name("a")),
            allowedAddresses: prefixes
        )
        let interface = InterfaceConfiguration(
            name: try #require(InterfaceName("wg0")),
            privateKey: PrivateKey(),
            addresses: [],
            peers: [peer]
        )
        var sent: [UInt8] = []
        UAPIRequest.set(DeviceChange(interface)) { bytes in sent += bytes.indices.map { bytes[$0] } }
        let lines = String(decoding: sent, as: UTF8.self).split(separator: "\n")
        #expect(lines.suffix(1000) == prefixes.map { "allowed_ip=\($0)" }[...])
    }
}

@Suite("Userspace replies")
struct UAPIReplyTests {
    /// Gives the reader the text in pieces of `size` bytes.
    private func read(_ text: String, size: Int = 4096) throws(TunnelError) -> DeviceState {
        var rest = Array(text.utf8)[...]
        return try UAPIReply.read { (buffer: inout MutableSpan<UInt8>) throws(TunnelError) -> Int in
            let count = min(size, rest.count, buffer.count)
            for index in 0..<count { buffer[index] = rest[rest.startIndex + index] }
            rest = rest.dropFirst(count)
            return count
        }
    }

    private let secret = String(repeating: "11", count: 32)
    private let peer = String(repeating: "33", count: 32)

    private var reply: String {
        """
        private_key=\(secret)
        listen_port=51820
        fwmark=0
        public_key=\(peer)
        preshared_key=\(String(repeating: "22", count: 32))
        protocol_version=1
        endpoint=192.0.2.2:40000
        last_handshake_time_sec=1700000000
        last_handshake_time_nsec=5
        tx_bytes=92
        rx_bytes=148
        persistent_keepalive_interval=25
        allowed_ip=10.0.0.2/32
        allowed_ip=fd00::2/128
        errno=0


        """
    }

    @Test("a device with a peer is read whole, however the stream is cut", arguments: [1, 2, 7, 63, 4096])
    func device(size: Int) throws {
        let state = try read(reply, size: size)
        let privateKey = try PrivateKey(SecretBytes(copying: [UInt8](repeating: 0x11, count: 32).span))
        #expect(
            try state
                == DeviceState(
                    publicKey: privateKey.publicKey,
                    listenPort: 51820,
                    peers: [
                        PeerState(
                            publicKey: peerKey(),
                            endpoint: SocketAddress("192.0.2.2:40000"),
                            latestHandshake: UnixTime(seconds: 1_700_000_000),
                            receivedByteCount: 148,
                            sentByteCount: 92,
                            keepaliveSeconds: 25,
                            allowedAddresses: ["10.0.0.2/32", "fd00::2/128"].compactMap { IPPrefix($0) }
                        )
                    ]
                )
        )
    }

    @Test("zero means never for a handshake, and none for a keepalive")
    func zero() throws {
        let state = try read("public_key=\(peer)\nlast_handshake_time_sec=0\npersistent_keepalive_interval=0\n\n")
        #expect(state.peers[0].latestHandshake == nil)
        #expect(state.peers[0].keepaliveSeconds == nil)
    }

    @Test(
        "where the last packet came from is never a reason to fail",
        arguments: [
            ("[fe80::1%eth0]:51820", "[fe80::1]:51820"), ("[fe80::1%2]:1", "[fe80::1]:1"), ("192.0.2.2:0", nil),
            ("]%:1", nil), ("", nil),
        ] as [(String, String?)]
    )
    func strangeEndpoint(text: String, endpoint: String?) throws {
        let state = try read("public_key=\(peer)\nendpoint=\(text)\nrx_bytes=7\n\n")
        #expect(state.peers.map(\.endpoint) == [endpoint.flatMap { SocketAddress($0) }])
        #expect(state.peers.map(\.receivedByteCount) == [7])
    }

    @Test("a peer whose key nobody can use is passed over, with all that is said of it")
    func unusablePeer() throws {
        let zero = String(repeating: "00", count: 32)
        let state = try read(
            "public_key=\(zero)\nrx_bytes=1\npublic_key=\(peer)\nrx_bytes=2\npublic_key=\(zero)\nrx_bytes=3\n\n"
        )
        #expect(try state.peers == [PeerState(publicKey: peerKey(), receivedByteCount: 2)])
    }

    @Test("an errno is the device's refusal", arguments: [("errno=-98\n\n", 98), ("errno=22\n\n", 22)])
    func errno(text: String, number: Int32) {
        #expect(throws: TunnelError.device(errno: number)) { try read(text) }
    }

    @Test(
        "anything outside the protocol is refused",
        arguments: [
            ("", "reply ends early"),
            ("listen_port=1\n", "reply ends early"),
            ("listen_port\n\n", "line without a value"),
            ("listen_port=65536\n\n", "number"),
            ("listen_port=-1\n\n", "number"),
            ("rx_bytes=1\n\n", "peer's value without a peer"),
            ("public_key=00\n\n", "public_key"),
            ("private_key=zz\n\n", "private_key"),
            ("errno=x\n\n", "errno"),
        ]
    )
    func violation(text: String, part: String) {
        #expect(throws: TunnelError.protocolViolation(part)) { try read(text) }
    }

    @Test("a line without an end is refused before it fills the memory")
    func endlessLine() {
        #expect(throws: TunnelError.protocolViolation("line is too long")) {
            try read(String(repeating: "x", count: 100_000))
        }
    }

    @Test("a line is as long as it may be, however the stream is cut", arguments: [1, 7, 1000, 4096])
    func longestLine(size: Int) throws {
        let longest = "unknown=" + String(repeating: "x", count: 4088)
        #expect(try read("listen_port=1\n\(longest)\nerrno=0\n\n", size: size).listenPort == 1)
        #expect(throws: TunnelError.protocolViolation("line is too long")) {
            try read("listen_port=1\n\(longest)x\nerrno=0\n\n", size: size)
        }
    }

    @Test("no error holds a key, wherever the reply is damaged")
    func errorsWithoutKeys() {
        let keys = ["1111", "2222", "3333"]
        var errorCount = 0
        for offset in 0..<reply.utf8.count {
            for character in "=\nx-".utf8 {
                var bytes = Array(reply.utf8)
                bytes[offset] = character
                do throws(TunnelError) { _ = try read(String(decoding: bytes, as: UTF8.self)) } catch {
                    errorCount += 1
                    let text = "\(error) \(String(reflecting: error))"
                    #expect(!keys.contains(where: text.contains), "\(text)")
                }
            }
        }
        #expect(errorCount > 1000)
    }

    @Test("every truncation is refused")
    func truncation() {
        for count in 0..<(reply.utf8.count - 1) {
            #expect(throws: TunnelError.self) {
                try read(String(decoding: reply.utf8.prefix(count), as: UTF8.self))
            }
        }
    }
}
