import Crypto
import TestSupport
import Testing
import WireGuard

@Suite("wg-quick text")
struct QuickConfigurationTests {
    private static let key = "wGW+ug3HTFXZL9fVEIWMVTbP8wkIDQ+Rl+Yoh+n9Pnc="
    private static let publicKey = "kLAv2XPdXSZn2jIW+8BWtuffmiewMmIwchOPJgVT1Vk="
    private static let otherKey = "sNqQ3zBM7iv+dmMRsEUCAexe1tcBvbIVDnMwjrIqVnM="

    private func read(_ text: String) throws -> QuickConfiguration {
        try QuickConfiguration(text: Array(text.utf8).span, file: "wg0.conf")
    }

    private func read(file: String) throws -> QuickConfiguration {
        let bytes = try HubFiles.bytes(file)
        return try QuickConfiguration(text: bytes.span, file: file)
    }

    private func write(_ configuration: QuickConfiguration) -> String {
        configuration.text().withBytes { text in String(decoding: text.indices.map { text[$0] }, as: UTF8.self) }
    }

    @Test("the names of the files are all there are")
    func files() throws {
        #expect(try SourceTree.names(in: "Tests/Hubs") == HubFiles.names.map { "\($0).conf" })
    }

    @Test("what hubs have is read, and written as what is read as the same", arguments: HubFiles.names)
    func roundTrip(name: String) throws {
        let text = write(try read(file: name))
        #expect(write(try read(text)) == text)
    }

    @Test(
        "peers are called what comments call them",
        arguments: [
            ("both-families", ["alice", "bob-phone"]), ("loose", [nil, nil]), ("marked-peers", ["laptop", "tablet"]),
            ("minimal", [nil]), ("showconf", [nil, nil, nil]), ("sites", ["branch north", "branch south"]),
            ("six-only", ["backup", "mail"]), ("web-panel", ["Phone", "Work laptop"]),
        ] as [(String, [String?])]
    )
    func labels(file: String, labels: [String?]) throws {
        #expect(try read(file: file).peers.map(\.label) == labels)
    }

    @Test("every setting is read, whatever the case of its key, the blanks around it and the comments behind it")
    func settings() throws {
        let text = """
            [INTERFACE]   # ours
            privatekey=\(Self.key)#secret
            \tAddress =10.8.0.1/24 , fd00::1
            ADDRESS = 10.9.0.1/16
            ListenPort = 51820\r
            MTU = 1380
            DNS = 10.8.0.1, office.example
            Table = off
            FwMark = 0
            SaveConfig = false
            [peer]
            # Name = a b
            PublicKey = \(Self.publicKey)
            PresharedKey = \(Self.otherKey)
            AllowedIPs = 10.8.0.9/31, fd00::2,10.8.0.9/31
            AllowedIPs =
            Endpoint = [2001:db8::1]:7
            PersistentKeepalive = 25
            """
        #expect(
            write(try read(text)) == """
                [Interface]
                PrivateKey = \(Self.key)
                Address = 10.8.0.1/24, fd00::1/128, 10.9.0.1/16
                ListenPort = 51820
                MTU = 1380
                DNS = 10.8.0.1, office.example
                Table = off

                [Peer]
                # Name = a b
                PublicKey = \(Self.publicKey)
                PresharedKey = \(Self.otherKey)
                Endpoint = [2001:db8::1]:7
                AllowedIPs = 10.8.0.8/31, fd00::2/128
                PersistentKeepalive = 25

                """
        )
    }

    @Test("what stands for nothing is nothing")
    func nothing() throws {
        let text = "[Interface]\nListenPort = 0\n[Peer]\nPublicKey=\(Self.publicKey)\nPersistentKeepalive=OFF"
        #expect(write(try read(text)) == "[Peer]\nPublicKey = \(Self.publicKey)\n")
        #expect(write(try read("")) == "")
    }

    @Test(
        "a line that is refused is named, with what is wrong with it",
        arguments: [
            ("PrivateKey = x", 1, .noSection),
            ("[Interface]\nPrivateKey", 2, .notAssignment),
            ("[Interface]\nPrivateKey = x", 2, .invalid(key: "PrivateKey", expected: "a key")),
            ("[Interface]\nPrivateKey = \(key)x", 2, .invalid(key: "PrivateKey", expected: "a key")),
            ("[Interface]\nJc = 4", 2, .unknownKey),
            ("[Interface]\n[Interface]", 2, .section),
            ("[Interfaces]", 1, .section),
            ("[Interface]\nPublicKey = \(publicKey)", 2, .misplaced(key: "PublicKey")),
            ("[Peer]\nAddress = 10.0.0.1/24", 2, .misplaced(key: "Address")),
            ("[Interface]\nMTU = 1400\nmtu = 1400", 3, .duplicate(key: "MTU")),
            ("[Interface]\nMTU = 1279", 2, .invalid(key: "MTU", expected: "1280 to 9000")),
            ("[Interface]\nListenPort = 65536", 2, .invalid(key: "ListenPort", expected: "a port")),
            (
                "[Interface]\nAddress = 10.0.0.1/33", 2,
                .invalid(key: "Address", expected: "addresses with prefix length")
            ),
            (
                "[Interface]\nAddress = 10.0.0.1/24,", 2,
                .invalid(key: "Address", expected: "addresses with prefix length")
            ),
            (
                "[Interface]\nAddress = 10.0.0.1/24, 10.0.0.1/24\n"
                    + (2...17).map { "Address = 10.0.0.\($0)/24\n" }.joined(), 18, .tooMany("addresses", limit: 16)
            ),
            ("[Interface]\nDNS = 1.2", 2, .invalid(key: "DNS", expected: "addresses and domains")),
            ("[Interface]\nPostUp = iptables -A FORWARD -i %i", 2, .command(key: "PostUp")),
            ("[Interface]\npreup =", 2, .command(key: "PreUp")),
            ("[Interface]\nPreDown = x", 2, .command(key: "PreDown")),
            ("[Interface]\nPOSTDOWN = x", 2, .command(key: "PostDown")),
            ("[Interface]\nSaveConfig = true", 2, .saveConfig),
            ("[Interface]\nTable = 1234", 2, .routingTable),
            ("[Interface]\nFwMark = 0xca6c", 2, .firewallMark),
            ("[Interface]\n\n[Peer]\nAllowedIPs = 10.0.0.2", 3, .missing(key: "PublicKey")),
            ("[Peer]\nPublicKey = \(publicKey)\nEndpoint = host", 3, .invalid(key: "Endpoint", expected: "host:port")),
            (
                "[Peer]\nPublicKey = \(publicKey)\nPersistentKeepalive = 65536", 3,
                .invalid(key: "PersistentKeepalive", expected: "0 to 65535")
            ),
            (
                "[Peer]\nPublicKey = \(publicKey)\nAllowedIPs = +10.0.0.0/8", 3,
                .invalid(key: "AllowedIPs", expected: "address ranges")
            ),
            ("[Peer]\nPublicKey = \(publicKey)\n[Peer]\nPublicKey = \(publicKey)", 4, .repeatedPeer),
        ] as [(String, Int, QuickError.Problem)]
    )
    func refusals(text: String, line: Int, problem: QuickError.Problem) {
        let error = QuickError(file: "wg0.conf", line: line, problem: problem)
        #expect(throws: error) { try read(text) }
    }

    @Test("a block that two peers have is refused, as WireGuard would take it from the first")
    func sharedBlock() throws {
        let text = """
            [Peer]
            PublicKey = \(Self.publicKey)
            AllowedIPs = 10.0.0.2/24
            [Peer]
            PublicKey = \(Self.otherKey)
            AllowedIPs = 10.0.0.2, 10.0.0.0/24
            """
        let block = try #require(IPPrefix("10.0.0.0/24"))
        #expect(throws: QuickError(file: "wg0.conf", line: 6, problem: .sharedBlock(block))) { try read(text) }
    }

    @Test("the preshared keys of a file are only so many")
    func tooManyPeers() throws {
        let peers = (1...10_001).map { number in
            // Every number below 2^255 - 19 is a key, but for a few.
            let bytes = [UInt8](repeating: 7, count: 30) + [UInt8(number & 0xff), UInt8(number >> 8)]
            return "[Peer]\nPublicKey=\(KeyEncoding.base64(bytes.span))\n"
        }
        #expect(try read(peers.dropLast().joined()).peers.count == 10_000)
        let error = QuickError(file: "wg0.conf", line: 20_001, problem: .tooMany("peers", limit: 10_000))
        #expect(throws: error) { try read(peers.joined()) }
    }

    @Test("no error tells what the value was")
    func errorsAreSilent() {
        for line in ["PrivateKey = \(Self.key)=", "\(Self.key)", "Secret = \(Self.key)", "Address = \(Self.key)"] {
            let error = #expect(throws: QuickError.self) { try read("[Interface]\n\(line)\n") }
            #expect(error?.description.contains(Self.key) == false)
        }
    }

    @Test(
        "a comment that is no name, or may be a key, names nobody",
        arguments: [
            "", "#", "key = \(key)", key, "this peer is one that nobody has seen for years", "\u{1b}[2J", "a = b",
            String(key.dropLast()),
        ]
    )
    func noLabel(comment: String) throws {
        let peer = "[Peer]\nPublicKey = \(Self.publicKey)\n"
        #expect(try read("# \(comment)\n\(peer)").peers.map(\.label) == [nil])
        // What is above a blank line or in the peer before is not the peer's.
        #expect(try read("# alice\n\n\(peer)# bob\n").peers.map(\.label) == [nil])
    }
}
