import Foundation
import TestSupport
import Testing

/// How `wgup` is run: all that decides which things it makes.
struct Setting: Sendable, CustomTestStringConvertible {
    let engine: String
    let placement: String

    static let all = ["docker", "process"].flatMap { engine in
        ["container", "host"].map { Setting(engine: engine, placement: $0) }
    }

    var arguments: [String] { ["--engine", engine, "--placement", placement] }
    var testDescription: String { "\(engine), \(placement)" }
}

/// A host, what runs on it, and what it is to be like afterwards.
struct Subject: Sendable {
    let host: String
    let command: [String]
    let before: String

    var isServer: Bool { command.contains("server") }
}

extension Lab {
    /// Gives host A a server's keys and host B its bundle, and lets them meet once, so that what B keeps of that is no
    /// change later.
    func acquaint() async throws {
        guard try await run("B", "test", "-e", "bundle.bin").status != 0 else { return }
        try await prepare()
        try await join("B", ["--engine", "none"], until: "is up").interrupt()
    }

    /// A server on A and a client on B, with the hosts as they are now.
    func subjects(_ arguments: [String]) async throws -> [Subject] {
        try await acquaint()
        async let server = subject("A", ["wgup", "server"] + arguments)
        async let client = subject("B", ["wgup", "client", "bundle.bin"] + arguments)
        return try await [server, client]
    }

    /// A command on a host as it is now.
    func subject(_ host: String, _ command: [String]) async throws -> Subject {
        Subject(host: host, command: command, before: try await snapshot(host))
    }

    private func join(
        _ client: String,
        _ arguments: [String],
        until words: String
    ) async throws -> BackgroundCommand {
        let command = try await startClient(client, arguments)
        try await command.waitForOutput(words)
        return command
    }

    /// Requires that a host is as it was.
    func expectUnchanged(_ subject: Subject, _ context: String) async throws {
        let changes = changes(from: subject.before, to: try await snapshot(subject.host))
        #expect(changes == [], "host \(subject.host), \(context)")
    }

    /// Reads a file of a host from outside, which takes microseconds; nothing is started there for it.
    func read(_ path: String, on host: String) -> String? {
        firstProcess(of: host).flatMap { try? String(contentsOfFile: "\($0)/root\(path)", encoding: .utf8) }
    }

    /// The directory of a host's first process.
    private func firstProcess(of host: String) -> String? {
        let words = try? String(contentsOfFile: "\(directory)/\(host)/init", encoding: .utf8)
        return words?.split(separator: " ").first.map { "/proc/\($0)" }
    }

    /// Much of what ``snapshot(_:)`` tells, from outside: links, addresses, routes, mounts, processes, and the files of
    /// those directories that `wgup` writes to.
    func glance(_ host: String) throws -> String {
        let process = try #require(firstProcess(of: host))
        // Of the links, only the names; of the addresses and routes, all.
        let links = try String(contentsOfFile: "\(process)/net/dev", encoding: .utf8).split(separator: "\n").dropFirst(
            2
        )
        var lines = links.map { "link \($0.split(separator: ":")[0])" }
        for table in ["fib_trie", "if_inet6", "ipv6_route"] {
            // Whether a route is used is no difference.
            let text = (try? String(contentsOfFile: "\(process)/net/\(table)", encoding: .utf8)) ?? ""
            let rows = text.split(separator: "\n").filter { !$0.hasPrefix("fe80") && !$0.contains("fe8") }
            lines += rows.map { "\(table) \($0.split(separator: " ").filter { $0.count > 8 || $0.contains(".") })" }
        }
        lines += try String(contentsOfFile: "\(process)/mounts", encoding: .utf8).split(separator: "\n").map(
            String.init
        )
        for directory in ["run", "var/lib/wgseal"] {
            let names = FileManager.default.enumerator(atPath: "\(process)/root/\(directory)")?.allObjects ?? []
            lines += names.map { "file \(directory)/\($0)" }.sorted()
        }
        let pids = try FileManager.default.contentsOfDirectory(atPath: "\(process)/root/proc").filter { Int($0) != nil }
        lines += pids.compactMap { try? String(contentsOfFile: "\(process)/root/proc/\($0)/stat", encoding: .utf8) }
            .compactMap { stat in
                let words = stat.split(separator: " ")
                return ["Z", "X"].contains(words[2]) ? nil : "process \(words[1])"
            }
            .sorted()
        return lines.joined(separator: "\n")
    }

    /// The things that the journal on a host names.
    func journal(on host: String) -> [String] {
        let text = read("/run/wgseal/wg-tunnel.journal", on: host) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("made ") }.map { String($0.dropFirst("made ".count)) }
    }

    /// Kills the `wireguard-go` of a host's tunnel.
    func killDevice(on host: String) async throws {
        let words = journal(on: host).lazy.map { $0.split(separator: " ") }.first {
            $0.starts(with: ["link", "process"])
        }
        let pid = try #require(words).dropFirst(3).first
        try await text(host, "kill", "-KILL", String(try #require(pid)))
    }

    /// Starts a command once for each line that it adds to the journal, and calls `body` as soon as the line is written.
    ///
    /// The last time the journal is complete. Whatever the machine's load is, this hits the moments between a record and
    /// what it stands for.
    func forEachRecord(
        of subject: Subject,
        _ body: (_ command: BackgroundCommand, _ context: String) async throws -> Void
    ) async throws {
        for count in 1... {
            let command = try start(subject.host, subject.command)
            var journal = journal(on: subject.host)
            while journal.count < count, !command.output.contains("is up") {
                try #require(command.isRunning, "\(command.output)")
                try await Task.sleep(for: .microseconds(200))
                journal = self.journal(on: subject.host)
            }
            let isComplete = journal.count < count
            try await body(command, "after \(journal.last ?? "nothing")")
            if isComplete { return }
        }
    }
}

/// Runs the same for several subjects at once; each host has one.
func concurrently(_ subjects: [Subject], _ body: @escaping @Sendable (Subject) async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
        for subject in subjects { group.addTask { try await body(subject) } }
        try await group.waitForAll()
    }
}
