import Crypto
import PeerBundle
import Testing
import WireGuard

@Suite("Bundle limits")
struct BundleLimitTests {
    @Test(
        "holds for at most 400 days, and at least a second",
        arguments: [(0, false), (1, true), (400 * 86_400, true), (400 * 86_400 + 1, false)] as [(UInt64, Bool)]
    )
    func lifetime(seconds: UInt64, isValid: Bool) throws {
        let notAfter = Sample.created.adding(seconds: seconds)
        if isValid {
            #expect(try Sample.bundle(notAfter: notAfter).notAfter == notAfter)
        } else {
            #expect(throws: BundleError.field("not-after", .value(mustBe: "within 400 days after created"))) {
                try Sample.bundle(notAfter: notAfter)
            }
        }
    }

    @Test("does not end before it begins")
    func backwards() {
        #expect(throws: BundleError.field("not-after", .value(mustBe: "within 400 days after created"))) {
            try Sample.bundle(notAfter: UnixTime(seconds: 0))
        }
    }

    @Test("has 1 to 16 addresses, all different")
    func addresses() throws {
        let many = (1...17).map { "10.0.0.\($0)/24" }
        #expect(try Sample.bundle(addresses: Array(many.prefix(16))).addresses.count == 16)
        #expect(throws: BundleError.field("address", .missing)) { try Sample.bundle(addresses: []) }
        #expect(throws: BundleError.field("address", .count(limit: 16))) { try Sample.bundle(addresses: many) }
        #expect(throws: BundleError.field("address", .repeated)) {
            try Sample.bundle(addresses: ["10.0.0.2/24", "10.0.0.2/24"])
        }
    }

    @Test("has an MTU of 1280 to 9000", arguments: [(1279, false), (1280, true), (9000, true), (9001, false)])
    func mtu(mtu: UInt16, isValid: Bool) throws {
        if isValid {
            #expect(try Sample.bundle(mtu: mtu).mtu == mtu)
        } else {
            #expect(throws: BundleError.field("mtu", .value(mustBe: "1280 to 9000"))) { try Sample.bundle(mtu: mtu) }
        }
    }

    @Test("has at most 256 peers, with a key each")
    func peers() throws {
        let many = (0...256).map { number in
            PeerConfiguration(publicKey: PrivateKey().publicKey, name: name(number), allowedAddresses: [])
        }
        #expect(try Sample.bundle(peers: Array(many.prefix(256))).peers.count == 256)
        #expect(throws: BundleError.field("peer", .count(limit: 256))) { try Sample.bundle(peers: many) }
        #expect(throws: BundleError.field("peer", .repeated)) {
            try Sample.bundle(peers: [Sample.server(), Sample.server(name: "other")])
        }
    }

    @Test("has at most 32 allowed addresses and 16 endpoints in a peer, all different")
    func peerLists() throws {
        let allowed = (0...32).map { "10.0.0.\($0)/32" }
        let endpoints = (1...17).map { "192.0.2.\($0):51820" }
        #expect(
            try Sample.bundle(peers: [Sample.server(endpoints: endpoints.dropLast(), allowed: allowed.dropLast())])
                .peers.count == 1
        )
        #expect(throws: BundleError.field("peer allowed-address", .count(limit: 32))) {
            try Sample.bundle(peers: [Sample.server(allowed: allowed)])
        }
        #expect(throws: BundleError.field("peer endpoint", .count(limit: 16))) {
            try Sample.bundle(peers: [Sample.server(endpoints: endpoints)])
        }
        #expect(throws: BundleError.field("peer allowed-address", .repeated)) {
            try Sample.bundle(peers: [Sample.server(allowed: ["10.0.0.0/24", "10.0.0.0/24"])])
        }
        #expect(throws: BundleError.field("peer endpoint", .repeated)) {
            try Sample.bundle(peers: [Sample.server(endpoints: ["a.example:1", "A.example:1"])])
        }
    }

    @Test("has no keepalive of zero, which would mean none")
    func keepalive() {
        #expect(throws: BundleError.field("peer keepalive", .value(mustBe: "1 to 65535"))) {
            try Sample.bundle(peers: [Sample.server(keepalive: 0)])
        }
    }

    @Test("has at most 64 services, all different")
    func services() throws {
        let many = try (1...65).map { try Sample.service("web", "10.0.0.1", port: $0) }
        #expect(try Sample.bundle(services: Array(many.prefix(64))).services.count == 64)
        #expect(throws: BundleError.field("service", .count(limit: 64))) { try Sample.bundle(services: many) }
        #expect(throws: BundleError.field("service", .repeated)) {
            try Sample.bundle(services: [many[0], many[0]])
        }
        let address = try #require(IPAddress("10.0.0.1"))
        #expect(Service(name: name(1), address: address, port: 0, transport: .udp) == nil)
    }

    @Test("has at most 64 container arguments of at most 1024 printable ASCII characters")
    func arguments() throws {
        let longest = String(repeating: "~", count: 1024)
        #expect(try Sample.container("app", arguments: [longest, "", "a b"]).arguments.count == 3)
        #expect(throws: BundleError.field("container argument", .count(limit: 64))) {
            try Sample.container("app", arguments: [String](repeating: "x", count: 65))
        }
        for argument in [longest + "x", "a\u{0}", "a\n", "\u{1b}[2J", "\u{7f}", "\u{e9}", "\u{202e}"] {
            #expect(
                throws: BundleError.field(
                    "container argument",
                    .value(mustBe: "at most 1024 printable ASCII characters")
                )
            ) {
                try Sample.container("app", arguments: [argument])
            }
        }
    }

    @Test(
        "takes the names of image repositories",
        arguments: [
            "nginx", "curlimages/curl", "docker.io/library/nginx", "registry.example:5000/team/app", "a", "0", "a.b",
            "a_b", "a__b", "a-b", "a---b", "a.b_c--d",
        ]
    )
    func images(text: String) {
        #expect(ImageName(text)?.description == text)
    }

    @Test(
        "refuses other names of images",
        arguments: [
            "", "-nginx", "--privileged", "nginx-", "nginx:latest", "nginx@sha256:00", "Nginx", "a//b", "/a", "a/",
            "a..b",
            "a___b", "a._b", "a-.b", ".a", "../a", "a/../b", "a b", "a\n", "a\u{e9}", "a:5000", "a:/b", "a:123456/b",
            "a:5x/b", "a/b:5/c", "$(id)", "http://a", String(repeating: "a", count: 256),
        ]
    )
    func wrongImages(text: String) {
        #expect(ImageName(text) == nil)
    }

    @Test("names one image for ever by its digest")
    func reference() throws {
        let bytes = (0..<32).map { UInt8($0) }
        let digest = Bytes32(bytes.span)
        let container = try ContainerRequest(image: #require(ImageName("app")), digest: #require(digest))
        #expect(
            container.reference == "app@sha256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        )
    }

    @Test("identifiers read back from 32 hexadecimal digits, and from nothing else")
    func identifiers() throws {
        let text = "000102030405060708090a0b0c0d0e0f"
        #expect(NetworkID(text)?.description == text)
        #expect(BundleID(text)?.bytes == (0..<16).map { UInt8($0) })
        for wrong in [
            "", "0", text.uppercased(), text + "0", "+00102030405060708090a0b0c0d0e0f", " " + text.dropFirst(),
        ] {
            #expect(NetworkID(wrong) == nil)
            #expect(BundleID(wrong) == nil)
        }
        let short = NetworkID([UInt8](repeating: 0, count: 15).span)
        let long = BundleID([UInt8](repeating: 0, count: 17).span)
        #expect(short == nil)
        #expect(long == nil)
    }

    private func name(_ number: Int) -> Name {
        guard let name = Name("n\(number)") else { preconditionFailure() }
        return name
    }
}
