import Foundation
import TestSupport
import Testing

/// All that a run lets out: what its commands print, what others can see of its processes, the wire, and files.
struct Evidence {
    private let lab: Lab
    private var directory: String { "\(lab.directory)/evidence" }

    init(_ lab: Lab) throws {
        self.lab = lab
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    }

    /// Keeps something that was printed on a host.
    func keep(_ bytes: [UInt8], of host: String, as kind: String = "output") throws {
        let path = "\(directory)/\(host) \(kind)"
        let before = FileManager.default.contents(atPath: path) ?? Data()
        try (before + bytes).write(to: URL(filePath: path))
    }

    /// Runs a command to its end, and keeps what it prints.
    ///
    /// - Returns: Its standard output, without the last line's end.
    @discardableResult
    func run(_ host: String, _ words: String..., status: Int32 = 0) async throws -> String {
        let result = try await lab.run(host, words)
        try #require(result.status == status, "\(words) on \(host): \(result.error)")
        try keep(result.output + Array(result.error.utf8), of: host)
        return result.text.hasSuffix("\n") ? String(result.text.dropLast()) : result.text
    }

    /// Starts a command, and keeps the arguments and the environment of every program that comes of it.
    func start(_ host: String, _ words: String...) throws -> BackgroundCommand {
        // In the background, strace leaves the command the child of the caller, who signals it.
        let strace = [
            "strace", "--daemonize", "--follow-forks", "--seccomp-bpf", "--no-abbrev", "--string-limit=1000000",
            "--trace=execve,execveat", "--output=\(trace(of: host))",
        ]
        return try lab.start(host, strace + words)
    }

    /// The paths of the programs that a command has started, its own among them, as they were given.
    func programs(startedOn host: String) throws -> Set<String> {
        let trace = try String(contentsOfFile: trace(of: host), encoding: .utf8)
        return Set(trace.matches(of: #/execve\("([^"]*)"/#).map { String($0.1) })
    }

    private func trace(of host: String) -> String { "\(directory)/\(host) trace" }

    /// Keeps what the processes and the containers of a host show to anybody on it.
    func look(at host: String) async throws {
        // A process may end before its files are read.
        let processes = try await lab.run(host, "sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>&1")
        try keep(processes.output, of: host, as: "processes")
        let containers = "for id in $(docker ps --all --quiet); do docker inspect $id; docker logs $id 2>&1; done"
        try keep(try await lab.run(host, "sh", "-c", containers).output, of: host, as: "containers")
    }

    /// Searches what was kept, the wire's packets, the logs, and every file that is a host's own.
    ///
    /// - Returns: The files that hold a part of a secret; those of hosts start with the host's name and a colon.
    func places(of secrets: [Secret]) async throws -> Set<String> {
        let patterns = "\(lab.directory)/patterns"
        try Data(Secret.patternFile(secrets)).write(to: URL(filePath: patterns))
        defer { try? FileManager.default.removeItem(atPath: patterns) }
        let grep = [
            "LC_ALL=C", "grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings", "--devices=skip",
            "--no-messages", "--file=\(patterns)",
        ]
        let common = try await Tool("env").run(
            grep + [directory, "\(lab.directory)/logs", "\(lab.directory)/capture.pcap"]
        )
        var places = Set(common.text.split(separator: "\n").map { String($0.dropFirst(lab.directory.count + 1)) })
        for host in lab.hosts {
            let own = try await lab.run(
                host,
                ["env"] + grep + ["/etc", "/run", "/root", "/var/lib", "/var/log", "/var/tmp", "/dev/shm"]
            )
            places.formUnion(own.text.split(separator: "\n").map { "\(host):\($0)" })
        }
        return places
    }
}
