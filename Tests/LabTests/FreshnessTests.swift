import Foundation
import TestSupport
import Testing

/// Old, expired and other bundles that a host has to tell from the latest word of their issuer.
@Suite("Freshness of bundles", .serialized, .timeLimit(.minutes(4)), .labForEachTest("B"))
struct FreshnessTests {
    @Test("only grows: what is older, another one, or runs away is refused, and the last one is taken again")
    func history() async throws {
        let lab = try lab()
        let identity = try await lab.makeIdentity(of: "B")
        let issuer = try await Issuer.trusted("issuer", by: "B")
        let last = try issuer.seal(to: identity, serial: 5)
        try await lab.apply(last).interrupt()
        try await lab.expectRefusal(
            of: issuer.seal(to: identity, serial: 4),
            "the bundle is older (epoch 1, serial 4) than the one accepted before (epoch 1, serial 5)\n"
        )
        try await lab.expectRefusal(
            of: issuer.seal(to: identity, epoch: 0, serial: 99),
            "the bundle is older (epoch 0, serial 99) than the one accepted before (epoch 1, serial 5)\n"
        )
        try await lab.expectRefusal(
            of: issuer.seal(to: identity, serial: 5, mtu: 1401),
            "the issuer signed two different bundles as epoch 1, serial 5\n"
        )
        try await lab.expectRefusal(
            of: issuer.seal(to: identity, serial: .max),
            "the bundle's serial 18446744073709551615 is "
        )
        try await lab.expectRefusal(
            of: issuer.seal(to: identity, serial: 6, created: -20, lifetime: 10),
            "the bundle expired at "
        )
        try await lab.apply(last).interrupt()
        try await lab.apply(issuer.seal(to: identity, epoch: 2, serial: 1)).interrupt()
        try await lab.expectRefusal(of: last, "the bundle is older (epoch 1, serial 5)")
    }

    @Test("knows a clock to be wrong that is behind what was accepted, but for the last bundle")
    func clock() async throws {
        let lab = try lab()
        let identity = try await lab.makeIdentity(of: "B")
        let issuer = try await Issuer.trusted("issuer", by: "B")
        try await lab.expectRefusal(
            of: issuer.seal(to: identity, serial: 1, created: 25 * 3600),
            "the bundle was made at "
        )
        try await lab.expectRefusal(
            of: issuer.seal(to: identity, serial: 1, created: -31 * 86_400),
            "the first bundle from an issuer must not be older than 30 days"
        )
        let ahead = try issuer.seal(to: identity, serial: 1, created: 3600)
        try await lab.apply(ahead).interrupt()
        try await lab.expectRefusal(of: issuer.seal(to: identity, serial: 2), "this host's clock is wrong: it says ")
        try await lab.apply(ahead).interrupt()
    }

    @Test("a record that was changed or cut short is an error, and stays as it is")
    func damage() async throws {
        let lab = try lab()
        let identity = try await lab.makeIdentity(of: "B")
        let issuer = try await Issuer.trusted("issuer", by: "B")
        try await lab.apply(issuer.seal(to: identity, serial: 5)).interrupt()
        let path = try await lab.text("B", "sh", "-c", "echo /var/lib/wgseal/*.seen")
        let record = try await lab.run("B", "cat", path).output
        let newer = try issuer.seal(to: identity, serial: 6)

        var damaged = stride(from: 0, to: record.count, by: record.count / 8).map { Array(record.prefix($0)) }
        for index in stride(from: 3, to: record.count, by: record.count / 12) {
            var changed = record
            changed[index] ^= 1 << UInt8(index % 8)
            damaged.append(changed)
        }
        try #require(damaged.count >= 20)
        for bytes in damaged {
            try await lab.write(bytes, to: path, on: "B")
            try await lab.expectRefusal(of: newer, "\(path): was changed or cut short", status: 78)
            #expect(try await lab.run("B", "cat", path).output == bytes)
        }
        try await lab.write(record, to: path, on: "B")
        try await lab.apply(newer).interrupt()
    }

    @Test("a bundle that expires does not take its tunnel down, is not applied again, and its end is announced")
    func expiry() async throws {
        let lab = try lab()
        let identity = try await lab.makeIdentity(of: "B")
        let issuer = try await Issuer.trusted("issuer", by: "B")
        let bundle = try issuer.seal(to: identity, serial: 1, lifetime: 15)
        let client = try await lab.apply(bundle)
        #expect(client.output.contains("note: the bundle expires at "), "\(client.output)")
        let soon = try await lab.status()
        #expect(soon.text.contains("\n  bundle   about to expire: valid until "), "\(soon.text)")
        #expect(soon.notes.hasPrefix("note: the bundle of wg-test expires at "), "\(soon.notes)")
        #expect(soon.expiry == "soon")

        while try await lab.status().expiry != "expired" { try await Task.sleep(for: .milliseconds(200)) }
        try await lab.expectRefusal(of: bundle, "the bundle expired at ")
        let over = try await lab.status()
        #expect(over.text.hasPrefix("wg-test: client of network test, up\n"), "\(over.text)")
        #expect(over.text.contains("\n  bundle   expired at "), "\(over.text)")
        #expect(over.notes.hasPrefix("note: the bundle of wg-test expired at "), "\(over.notes)")
        #expect(client.isRunning)

        // A new one takes over.
        let next = try await lab.apply(issuer.seal(to: identity, serial: 2))
        #expect(try await client.waitForEnd() == 0)
        let valid = try await lab.status()
        #expect(valid.text.contains("\n  bundle   valid until "), "\(valid.text)")
        #expect(valid.notes == "")
        #expect(valid.expiry == "valid")
        #expect(!next.output.contains("expires"), "\(next.output)")
        try await next.interrupt()
    }
}

extension Lab {
    /// What `wgup status` on host B says of its one tunnel, on both streams, and of its bundle with `--json`.
    fileprivate func status() async throws -> (text: String, notes: String, expiry: String?) {
        let status = try await run("B", "wgup", "status")
        let json = try JSONSerialization.jsonObject(with: Data(try await run("B", "wgup", "status", "--json").output))
        let tunnel = (json as? [[String: Any]])?.first
        return (status.text, status.error, tunnel?["bundle_expiry"] as? String)
    }
}
