import Foundation
import TestSupport
import Testing

@Suite("Many processes at once", .timeLimit(.minutes(10)))
struct StormTests {
    private static let workerCount = TestScale.isFull ? 64 : 16
    private static let operationCount = TestScale.isFull ? 32 : 16
    /// Each worker has hosts of its own; the first and the last are nobody's.
    private static let hostsPerWorker = 4

    /// What one worker knows of the hosts that are its own.
    fileprivate struct Knowledge {
        /// By identity: the command that made it a peer, or one that revoked it, has ended well.
        var peers: Set<String> = []
        var revoked: Set<String> = []
        /// A command was killed, which may have done its work or not.
        var undecided: Set<String> = []
        var operations = 0
        var killed = 0
        var failures: [String] = []
    }

    @Test("lose no peer, give no address twice and leave no half file, though a third of them is killed")
    func storm() async throws {
        let (hub, _) = try await Host.withIdentity()
        let count = 2 + Self.workerCount * Self.hostsPerWorker
        let identities = try await hub.shell(
            "for i in $(seq \(count)); do \"$bin/wgkey\" gen --home k$i 2>/dev/null; done"
        ).output.split(separator: "\n").map(String.init)
        try #require(identities.count == count)
        let first = try await hub.run(
            "wgbundle",
            "seal",
            "--to",
            identities[0],
            "--endpoint",
            "192.0.2.1",
            "--range",
            "10.7.0.0/16",
            "--ipv6"
        )
        try #require(first.status == 0, "\(first.error)")

        let results = try await withThrowingTaskGroup(of: Knowledge.self) { group in
            for worker in 0..<Self.workerCount {
                let own = (0..<Self.hostsPerWorker).map { identities[1 + worker + $0 * Self.workerCount] }
                group.addTask { try await Self.work(on: hub, worker, own) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.flatMap(\.failures) == [])
        let operations = results.reduce(0) { $0 + $1.operations }
        let killed = results.reduce(0) { $0 + $1.killed }
        print("storm: \(operations) operations, \(killed) killed")
        #expect(operations == Self.workerCount * Self.operationCount)
        #expect(killed >= operations / 10)

        // The next command takes up what the last one left.
        let last = try await hub.run("wgbundle", "seal", "--to", identities[count - 1], "-o", "last")
        #expect(last.status == 0, "\(last.error)")
        let peers = try await Self.list(hub)
        let listed = Set(peers.compactMap { $0["identity"] as? String })
        #expect(listed.count == peers.count)
        let addresses = peers.flatMap { $0["addresses"] as? [String] ?? [] }
        #expect(addresses.count == 2 * peers.count)
        #expect(Set(addresses).count == addresses.count)
        for knowledge in results {
            #expect(knowledge.peers.isSubset(of: listed))
            #expect(knowledge.revoked.isDisjoint(with: listed))
        }
        let revoked = try await hub.run("wgbundle", "peers", "--revoked", "--json")
        for identity in results.flatMap(\.revoked) { #expect(revoked.output.contains(identity)) }
        let files = try await hub.shell(
            "cd home/networks/default; ls -A . peers | grep -v -e 'peer$' -e 'revoked$'; cat serial"
        )
        let serials = peers.compactMap { $0["serial"] as? Int }
        let serial = files.output.split(separator: "\n").last.flatMap { Int($0) }
        #expect(Set(serials).count == serials.count)
        #expect(try #require(serial) >= #require(serials.max()))
        #expect(
            files.output.split(separator: "\n").dropLast().map(String.init) == [
                ".:", "index", "lock", "network.conf", "peers", "preshared.key", "serial", "peers:",
            ]
        )
    }

    private static func work(on hub: Host, _ worker: Int, _ identities: [String]) async throws -> Knowledge {
        var generator = SplitMix64(seed: UInt64(worker))
        var knowledge = Knowledge()
        // What the last command took that was not killed: of the next, a third is killed within that time.
        var seconds = 0.0
        for number in 0..<operationCount {
            let identity = identities[Int(generator.next() % UInt64(identities.count))]
            let output = ["-o", "out-\(worker)", "--force-overwrite"]
            let command: [String]
            switch generator.next() % 8 {
            case 0...3: command = ["seal", "--to", identity] + output
            case 4: command = ["renew", identity] + output
            case 5: command = ["revoke", identity]
            case 6: command = ["note", identity, "number \(number)"]
            default: command = ["peers", "--json"]
            }
            let limit = generator.next() % 3 == 0 ? seconds * Double(generator.next() % 1000) / 1000 : 60
            let start = Date()
            let result = try await hub.shell(
                "timeout -s KILL \"$@\"",
                with: ["\(limit)", "\(BuiltPrograms.directory)/wgbundle"] + command
            )
            if result.status != 137 { seconds = -start.timeIntervalSinceNow }
            knowledge.operations += 1
            knowledge.note(command[0], identity, result)
        }
        return knowledge
    }

    private static func list(_ hub: Host) async throws -> [[String: Any]] {
        let result = try await hub.run("wgbundle", "peers", "--json")
        try #require(result.status == 0, "\(result.error)")
        let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require(value as? [[String: Any]])
    }
}

extension StormTests.Knowledge {
    fileprivate mutating func note(_ command: String, _ identity: String, _ result: Transcript) {
        let isKilled = result.status == 137
        if isKilled { killed += 1 }
        switch (command, result.status) {
        case ("peers", 0):
            if (try? JSONSerialization.jsonObject(with: Data(result.output.utf8))) == nil {
                failures.append("peers printed \(result.output.prefix(200))")
            }
        case ("seal", 0), ("renew", 0):
            if revoked.contains(identity) { failures.append("\(command) of a revoked peer") }
            peers.insert(identity)
            undecided.remove(identity)
        case ("revoke", 0):
            revoked.insert(identity)
            peers.remove(identity)
            undecided.remove(identity)
        case ("revoke", 137):
            peers.remove(identity)
            undecided.insert(identity)
        case (_, 137), ("note", 0): break
        // What is no peer, or one no longer.
        case ("seal", 65), ("renew", 66), ("revoke", 66), ("note", 66), ("renew", 65):
            if peers.contains(identity) { failures.append("\(command) of a peer: \(result.error)") }
        default: failures.append("\(command): \(result.status) \(result.error)")
        }
    }
}
