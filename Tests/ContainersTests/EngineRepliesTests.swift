import Testing
import WireGuard

@testable import Containers

private let digits = String(repeating: "0123456789abcdef", count: 4)

@Suite("Container identifier")
struct ContainerIDTests {
    @Test("is 64 digits on a line", arguments: [digits, digits + "\n"])
    func accepts(output: String) { #expect(ContainerID(output)?.description == digits) }

    @Test(
        "is nothing else",
        arguments: [
            "", "\n", String(digits.dropLast()), digits + "0", digits + "\n\n", digits + "\n" + digits,
            digits.uppercased(),
        ]
    )
    func refuses(output: String) { #expect(ContainerID(output) == nil) }
}

@Suite("Container state")
struct ContainerStateTests {
    @Test("of a running container of ours")
    func running() throws {
        let state = try #require(ContainerState("true 4711 0 true \"wg-tunnel\"\n"))
        #expect(state.pid == 4711)
        #expect(state.owner == InterfaceName("wg-tunnel"))
    }

    @Test("of one that has ended")
    func ended() throws {
        let state = try #require(ContainerState("false 0 137 true \"wg-tunnel\"\n"))
        #expect(state.pid == nil)
        #expect(state.status == 137)
    }

    @Test(
        "of a stranger's container has no owner, whatever its labels say",
        arguments: [
            "false \"\"", "false \"wg-tunnel\"", "true \"\"", "true \"wg tunnel\"", #"true "wg\n-tunnel""#,
            #"true "wg\"-tunnel""#,
        ]
    )
    func stranger(labels: String) throws {
        #expect(try #require(ContainerState("true 4711 0 \(labels)\n")).owner == nil)
    }

    @Test(
        "is not made of anything else",
        arguments: [
            "", "\n", "true", "true 4711 0 true", "yes 4711 0 true \"a\"", "true 0 0 true \"a\"", "true 1 0 true \"a\"",
            "true -5 0 true \"a\"", "true 99999999999 0 true \"a\"", "true 4711 x true \"a\"",
            "true 4711 0 maybe \"a\"",
        ]
    )
    func refuses(output: String) { #expect(ContainerState(output) == nil) }
}

@Suite("Engine words")
struct EngineWordsTests {
    @Test(
        "the reason is the sentence that says it",
        arguments: [
            ("Error response from daemon: No such image: x:latest\n", "No such image: x:latest"),
            (
                "Error response from daemon: port is already allocated\nError: failed to start containers: 0a\n",
                "port is already allocated"
            ),
            ("Unable to find image\ndocker: Error response from daemon: denied\n", "denied"),
            ("unknown flag: --bogus\n\nUsage:  docker create\n", "unknown flag: --bogus"),
            ("\n \nboom\u{1b}[2J\n", "boom?[2J"),
        ]
    )
    func reason(text: String, expected: String) { #expect(EngineWords.reason(in: text) == expected) }

    @Test("there is no reason in nothing", arguments: ["", "\n \n"])
    func noReason(text: String) { #expect(EngineWords.reason(in: text) == nil) }

    @Test("a reason is bounded")
    func bounded() { #expect(EngineWords.reason(in: String(repeating: "x", count: 1000))?.count == 300) }

    @Test(
        "an obstacle is told from the words of either generation of the tool",
        arguments: [
            ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", .notRunning),
            (
                "failed to connect to the docker API at unix:///x; check if the path is correct and if the daemon is running",
                .notRunning
            ),
            ("permission denied while trying to connect to the Docker daemon socket at unix:///x", .permissionDenied),
            ("permission denied while trying to connect to the docker API at unix:///x", .permissionDenied),
            ("no such context", .other("no such context")),
            ("", .other("does not say what is wrong")),
        ] as [(String, ContainerError.Obstacle)]
    )
    func obstacle(text: String, expected: ContainerError.Obstacle) {
        #expect(EngineWords.obstacle(in: text) == expected)
    }

    @Test("the last line of a log is the last that says something")
    func lastLine() {
        #expect(EngineWords.lastLine(of: "one\r\ntwo\u{7}\n\n") == "two?")
        #expect(EngineWords.lastLine(of: "\n") == nil)
    }
}

@Suite("Network of an engine")
struct EnginePrefixTests {
    @Test("in Docker's words and in Podman's")
    func accepts() {
        let prefixes = EngineWords.prefixes(
            in: "172.17.0.0/16\n10.88.0.0 ffff0000\nfd00:: ffffffffffffffff0000000000000000\n\n"
        )
        #expect(prefixes.map(\.description) == ["172.17.0.0/16", "10.88.0.0/16", "fd00::/64"])
    }

    @Test(
        "and nothing else",
        arguments: ["", "x", "10.0.0.0 zz", "10.0.0.0 ffffffffff", "10.0.0.0/33", "10.0.0.0 ff ff"]
    )
    func refuses(text: String) { #expect(EngineWords.prefixes(in: text).isEmpty) }
}

@Suite("Rules of the packet filter")
struct PacketFilterTests {
    @Test("are Docker's where they keep everything but a bridge from a container")
    func reserved() {
        let rules = """
            -P PREROUTING ACCEPT
            -A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP
            -A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8080 -j DROP
            -A PREROUTING -d 172.18.0.0/16 -i eth0 -j DROP
            -A PREROUTING -d 172.19.0.2/32 ! -i br-1 -j ACCEPT
            -A PREROUTING -s 172.20.0.2/32 ! -i br-1 -j DROP
            -A PREROUTING -d
            -A PREROUTING -d nonsense ! -i docker0 -j DROP
            -A OUTPUT -d 172.21.0.2/32 ! -i docker0 -j DROP

            """
        #expect(
            PacketFilter.reservedPrefixes(in: rules).map(\.description) == ["172.17.0.2/32", "127.0.0.1/32"]
        )
        #expect(PacketFilter.reservedPrefixes(in: "-A PREROUTING -d fd00::2/128 ! -i br-1 -j DROP\n").count == 1)
        #expect(PacketFilter.reservedPrefixes(in: "") == [])
    }
}
