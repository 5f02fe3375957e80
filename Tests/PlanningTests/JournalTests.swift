import Crypto
import Planning
import Testing
import WireGuard

@Suite("Journal")
struct JournalTests {
    private func journal() throws -> Journal {
        let network = try #require(Name("default"))
        let fingerprint = Fingerprint(rawValue: Bytes32())
        var journal = Journal(
            interface: try #require(InterfaceName("wg-tunnel")),
            tunnel: .client(of: network, issuer: fingerprint),
            owner: .process(.wgup, pid: 42, startTime: 4242),
            placement: .container,
            backend: .kernel,
            addresses: [try #require(InterfaceAddress("10.0.0.2/24"))],
            notAfter: UnixTime(seconds: 2_000_000_000)
        )
        journal.former = .process(.wgup, pid: 41, startTime: 4141)
        journal.workload = CheckValue(of: [1, 2, 3].span, personalization: "0123456789abcdef")
        let name = try #require(Name("wgseal-client"))
        let entries: [(Journal.Part, Resource)] = [
            (.link, .path("/run/wgseal/wg-tunnel.log")), (.workload, .input("/run/wgseal/wg-tunnel.pull")),
            (.link, .output("/run/wgseal/wg-tunnel.device.log")), (.namespace, .namespace(name)),
            (.namespace, .namespaceDirectory), (.link, .link(try link())),
            (.link, .process(.device, pid: 7, startTime: 9)),
            (.workload, .container(engine: "docker", name: name)),
        ]
        for (part, resource) in entries { journal.add(Journal.Entry(part, resource)) }
        return journal
    }

    @Test("reads back what it wrote, in the same order")
    func roundTrip() throws {
        let journal = try journal()
        #expect(Journal(text: journal.text) == journal)
    }

    @Test("a server's journal has no expiry")
    func server() throws {
        let network = try #require(Name("lab"))
        let journal = Journal(
            interface: try #require(InterfaceName("wg0")),
            tunnel: .server(of: network),
            owner: .process(.wgup, pid: 1, startTime: 1),  // wgup may be the first process of a container
            placement: .host,
            backend: .userspace,
            addresses: [],
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
            "made link process device 1 5", "made link process device -7 5", "made link process device 07 5",
            "made link path etc",
            "made link namespace ../x", "made link link wg%d 7 mark",
            "made link link wg0", "made link link wg0 7", "made link link wg0 0 mark", "made link link wg0 7 ",
            "made link link wg0 7 mark ",
            "made link link wg0 7 mark in", "made link link wg0 7 mark in namespace",
            "made link link wg0 7 mark in namespace ../x",
            "made link link wg0 7 mark in process 1 5", "made link link wg0 7 mark in process 5", "backend kernel",
            "made link container docker", "made link shell rm", "role client",
            "address 10.0.0.300/24", "colour blue", "made", "made path /x", "made link", "made house path /x",
            "workload 1", "former process 1", "former process wgup 1 1",
            "issuer 00",
        ]
    )
    func foreignLine(line: String) throws {
        let lines = try journal().text.dropLast("end\n".count)
        #expect(Journal(text: lines + line + "\nend\n") == nil)
    }

    private func link() throws -> LinkRecord {
        LinkRecord(try #require(InterfaceName("wg-tunnel")), madeBy: 42, startTime: 4242)
    }

    @Test("a link may be in any place")
    func places() throws {
        let name = try #require(Name("wgseal-client"))
        for place in [LinkRecord.Place.own, .namespace(name), .process(pid: 7, startTime: 9)] {
            let resource = Resource.link(try link().moved(to: place))
            #expect(Resource(resource.description) == resource)
        }
    }

    @Test("a link that moves is written down beside where it was: what uses it came later, and goes first")
    func movedLink() throws {
        var journal = try journal()
        let link = try link()
        let moved = link.moved(to: .process(pid: 99, startTime: 1))
        journal.add(Journal.Entry(.link, .link(moved)))
        #expect(journal.links == [link, moved])
        let position = try #require(journal.entries.firstIndex(of: Journal.Entry(.link, .link(link))))
        #expect(journal.entries[position + 1].resource == .link(moved))
        #expect(Journal(text: journal.text) == journal)
    }

    @Test("two runs never describe the same link, and no description has an index that the kernel counts up to")
    func unmistakable() throws {
        let name = try #require(InterfaceName("wg-tunnel"))
        let (first, later) = (LinkRecord(name, madeBy: 42, startTime: 1), LinkRecord(name, madeBy: 42, startTime: 2))
        #expect(first.mark != later.mark)
        #expect(first.index != later.index)
        #expect(first.index >= 1 << 30)
        let extreme = LinkRecord(name, madeBy: 1 << 22 - 1, startTime: .max)
        #expect(extreme.index == UInt32(Int32.max))
    }

    @Test("a backend that has not been settled is refused")
    func unsettledBackend() throws {
        let text = try journal().text
        #expect(text.contains("\nbackend kernel\n"))
        #expect(Journal(text: text.replacing("backend kernel", with: "backend auto")) == nil)
    }

    @Test("a resource is written down once")
    func once() throws {
        var journal = try journal()
        journal.add(Journal.Entry(.link, .process(.device, pid: 7, startTime: 9)))
        #expect(journal == (try self.journal()))
    }
}
