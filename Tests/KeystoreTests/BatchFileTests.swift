import Crypto
import PeerBundle
import TestSupport
import Testing
import WireGuard

@testable import Keystore

@Suite("Batch file")
struct BatchFileTests {
    private let identity: Identity

    init() throws { identity = try IdentityKey.fixed(seed: 2, wireGuard: 2).identity }

    private func requests(_ text: String) throws -> [EnrolmentRequest] {
        let text = text.replacing("ID", with: identity.text)
        return try BatchFile(Array(text.utf8)).rows.map { try $0.request(defaultPort: 51_820) }
    }

    private func problem(_ text: String) -> BatchError? {
        do {
            _ = try requests(text)
            return nil
        } catch {
            return error as? BatchError
        }
    }

    @Test("CSV and JSON Lines say the same")
    func forms() throws {
        let head = "identity,name,address,endpoint,allowed-ips,service,mesh,own-endpoint,note"
        let note = #""Anna's, ""new""""#
        let values =
            "ID,laptop,10.0.0.7 fd00::7,a.example [2001:db8::1]:7,10.1.0.0/16,web:80 dns:53/udp,yes,b.example:9"
        let forms = [
            "\(head)\n\(values),\(note)\n",
            "note,\(head.dropLast(",note".count))\r\n\(note),\(values)\r\n\r\n",
            "\n"
                + #"{ "identity" : "ID", "name": "laptop", "address": ["10.0.0.7", "fd00::7"], "mesh": true, "#
                + #""endpoint":["a.example","[2001:db8::1]:7"],"allowed-ips":"10.1.0.0/16","#
                + #""service":["web:80","dns:53/udp"],"own-endpoint":["b.example:9"],"note":"Anna's, \u0022new\""} "#,
        ]
        for form in forms {
            let request = try #require(try requests(form).first)
            #expect(request.identity == identity)
            #expect(request.name?.description == "laptop")
            #expect(request.addresses.map(\.description) == ["10.0.0.7", "fd00::7"])
            #expect(request.endpoints.map(\.description) == ["a.example:51820", "[2001:db8::1]:7"])
            #expect(request.routes.map(\.description) == ["10.1.0.0/16"])
            #expect(request.services.map(\.description) == ["web:80", "dns:53/udp"])
            #expect(request.isInMesh)
            #expect(request.ownEndpoints.map(\.description) == ["b.example:9"])
            #expect(request.note?.description == "Anna's, \"new\"")
        }
    }

    @Test("what is left out is left to the options")
    func absent() throws {
        for text in ["\u{feff}identity,name\nID,\n", "{\"identity\":\"ID\"}\n\n  \n", "identity\nID"] {
            let request = try #require(try requests(text).first)
            #expect(request.name == nil)
            #expect(request.addresses.isEmpty)
            #expect(!request.isInMesh)
        }
    }

    @Test(
        "what is wrong is said with its line",
        arguments: [
            ("", 1, .noRows), ("identity,name\n", 1, .noRows), ("name\nx", 1, .missing(.identity)),
            ("identity,colour\nID,red", 1, .unknownColumn("colour")),
            ("identity,name,name\nID,a,b", 1, .repeatedColumn(.name)),
            ("identity,name\nID,a\nID", 3, .fieldCount(1, 2)), ("identity,name\nID,\"a\"b\n", 2, .quote),
            ("identity,name\nID,\"a\n\n", 4, .quote), ("identity,name\nID,A", 2, .invalid(.name)),
            ("identity,name\n,a", 2, .missing(.identity)), ("identity,address\nID,10.0.0.2 x", 2, .invalid(.address)),
            ("identity\nID\nwgid1xyz", 3, .identity(.notAnIdentity)), ("{\"identity\":\"ID\"", 1, .notObject),
            ("{\"identity\":\"ID\"}\n{\"identity\":\"ID\",}", 2, .notObject),
            ("{\"identity\":1}", 1, .notObject), ("{\"identity\":null}", 1, .notObject),
            ("{\"identity\":\"ID\"} x", 1, .notObject), ("{\"identity\":\"\\ud800\"}", 1, .notObject),
            ("{\"identity\":\"\\u00g0\"}", 1, .notObject), ("{\"identity\":\"a\\", 1, .notObject),
            ("{\"identity\":\"ID\",\"identity\":\"ID\"}", 1, .repeatedColumn(.identity)),
            ("{\"colour\":\"red\"}", 1, .unknownColumn("colour")), ("{}", 1, .missing(.identity)),
            ("{\"identity\":\"ID\",\"note\":\"a\\u001bb\"}", 1, .invalid(.note)),
        ] as [(String, Int, BatchError.Problem)]
    )
    func problems(text: String, line: Int, expected: BatchError.Problem) {
        let found = problem(text)
        if case .identity = expected {
            guard case .identity = found?.problem else {
                Issue.record("\(String(describing: found))")
                return
            }
            #expect(found?.line == line)
        } else {
            #expect(found == BatchError(line, expected))
        }
    }

    @Test("text that nobody meant ends in an error or in rows, and never the program")
    func random() {
        var generator = SplitMix64(seed: 3)
        let alphabet = Array("{}[]\"\\,:u0dD8 \r\n\tabidentity".utf8)
        for _ in 0..<50_000 {
            var bytes = (0..<Int(generator.next() % 40)).map { _ in
                alphabet[Int(generator.next() % UInt64(alphabet.count))]
            }
            if generator.next() & 1 == 0 { bytes = Array("{\"identity\":".utf8) + bytes }
            if generator.next() & 3 == 0 { bytes = Array("identity,note\n".utf8) + bytes }
            guard let file = try? BatchFile(bytes) else { continue }
            for row in file.rows { _ = try? row.request(defaultPort: 1) }
        }
    }
}
