import Crypto
import Planning
import Testing
import WireGuard

@Suite("Journal")
struct JournalTests {
    private func journal(peers: [Journal.Peer]? = nil) throws -> Journal {
        var journal = Journal(
            interface: try #require(InterfaceName("wg-tunnel")),
            role: .client,
            network: try #require(Name("default")),
            placement: .container,
            owner: .process(.wgup, pid: 42, startTime: 4242),
            addresses: [try #require(InterfaceAddress("10.0.0.2/24"))],
            peers: try peers
                ?? [Journal.Peer(publicKey: PrivateKey().publicKey, name: try #require(Name("host-a")))],
            notAfter: UnixTime(seconds: 2_000_000_000)
        )
        journal.add(.path("/run/wgseal/wg-tunnel.log"))
        journal.add(.namespace(try #require(Name("wgseal-client"))))
        journal.add(.namespaceDirectory)
        journal.add(.link(try #require(InterfaceName("wg-tunnel"))))
        journal.add(.process(.device, pid: 7, startTime: 9))
        journal.add(.container(engine: "docker", name: try #require(Name("wgseal-client"))))
        return journal
    }

    @Test("reads back what it wrote, in the same order")
    func roundTrip() throws {
        let journal = try journal()
        #expect(Journal(text: journal.text) == journal)
    }

    @Test("a server's journal has no expiry")
    func server() throws {
        let journal = Journal(
            interface: try #require(InterfaceName("wg0")),
            role: .server,
            network: try #require(Name("lab")),
            placement: .host,
            owner: .process(.wgup, pid: 42, startTime: 1),
            addresses: [],
            peers: [],
            notAfter: nil
        )
        #expect(Journal(text: journal.text) == journal)
    }

    @Test("every truncation is refused")
    func truncation() throws {
        let text = try journal().text
        for count in 0..<text.utf8.count {
            #expect(Journal(text: String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil, "cut at \(count)")
        }
    }

    @Test(
        "a line that no run writes is refused",
        arguments: [
            "made process device 1 5", "made process device -7 5", "made process device 07 5", "made path etc",
            "made namespace ../x", "made link wg%d", "made container docker", "made shell rm", "role client",
            "address 10.0.0.300/24", "peer AAAA host-a", "colour blue", "made",
        ]
    )
    func foreignLine(line: String) throws {
        let lines = try journal().text.dropLast("end\n".count)
        #expect(Journal(text: lines + line + "\nend\n") == nil)
    }

    @Test("a resource is written down once")
    func once() throws {
        var journal = try journal()
        journal.add(.process(.device, pid: 7, startTime: 9))
        #expect(journal == (try self.journal(peers: journal.peers)))
    }
}
