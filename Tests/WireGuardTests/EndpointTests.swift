import Testing
import WireGuard

@Suite("Endpoint")
struct EndpointTests {
    @Test(
        "is read with its port or the default, and printed with brackets where they are needed",
        arguments: [
            ("10.0.0.1", "10.0.0.1:51820"), ("10.0.0.1:1", "10.0.0.1:1"), ("example.org", "example.org:51820"),
            ("Example.org:65535", "example.org:65535"), ("[fd00::1]:99", "[fd00::1]:99"),
            ("[fd00::1]", "[fd00::1]:51820"),
            ("fd00::1", "[fd00::1]:51820"), ("::", "[::]:51820"), ("fd00::1:99", "[fd00::1:99]:51820"),
            ("::ffff:10.0.0.1", "[::ffff:a00:1]:51820"),
        ]
    )
    func reads(text: String, expected: String) throws {
        let endpoint = try #require(Endpoint(text, defaultPort: 51_820))
        #expect(endpoint.description == expected)
        #expect(Endpoint(expected, defaultPort: 1) == endpoint)
    }

    @Test(
        "is refused with another port, other brackets, or no host",
        arguments: [
            "", ":", ":1", "a:", "a:0", "a:65536", "a:+1", "a:01", "a:1 ", "a: 1", "a:b", "a:1:2", "10.0.0.1:",
            "10.0.0.1:0",
            "10.0.0.256:1", "[10.0.0.1]:1", "[a]:1", "[]:1", "[]", "[", "]", "[::1", "::1]", "[::1]:", "[::1]1",
            "[::1]x:1",
            "[[::1]]:1", "[::1]]", "x[::1]:1", "::1%eth0", "[::1%eth0]:1", "http://a:1", "a/b", "a b:1", "a\n",
            "1:2:3", "0x7f000001:1",
        ]
    )
    func refuses(text: String) {
        #expect(Endpoint(text, defaultPort: 51_820) == nil)
    }

    @Test("has no port 0")
    func refusesPortZero() throws {
        #expect(Endpoint("example.org", defaultPort: 0) == nil)
        #expect(Endpoint(host: .address(IPAddress(10, 0, 0, 1)), port: 0) == nil)
        #expect(Endpoint(host: .name(try #require(HostName("a"))), port: 1) != nil)
    }

    @Test("has a socket address only where nothing needs to be looked up")
    func givesSocketAddress() {
        #expect(
            Endpoint("10.0.0.1:1", defaultPort: 2)?.socketAddress
                == SocketAddress(address: IPAddress(10, 0, 0, 1), port: 1)
        )
        #expect(Endpoint("localhost:1", defaultPort: 2)?.socketAddress == nil)
    }
}

@Suite("Socket address")
struct SocketAddressTests {
    @Test("reads what it prints", arguments: ["10.0.0.1:51820", "[fd00::1]:1", "[::]:65535"])
    func roundTrip(text: String) {
        #expect(SocketAddress(text)?.description == text)
    }

    @Test(
        "is refused without a port, with port 0, and for names",
        arguments: ["", "10.0.0.1", "10.0.0.1:0", "::1", "[::1]", "[::1]:0", "localhost:1", "10.0.0.1:65536"]
    )
    func refuses(text: String) {
        #expect(SocketAddress(text) == nil)
    }
}
