import Foundation
import TestSupport
import Testing

/// A few hosts on one wire, made of namespaces by `Tests/Lab/lab`, which see the programs that were just built.
final class Lab: Sendable {
    /// The directory of the lab's own files.
    let directory: String
    /// The names of the hosts.
    let hosts: [String]

    /// The lab of the suite or test that is running.
    @TaskLocal static var current: Lab?

    // Takes the lab down when this process lets go of it, or ends in whatever way.
    private let holder: BackgroundCommand

    private init(hosts: [String]) throws {
        directory = "/tmp/wgseal-lab.\(UUID().uuidString.prefix(8))"
        self.hosts = hosts
        holder = try BackgroundCommand.untilEnd(Self.scriptPath, ["hold", directory])
    }

    /// Makes the hosts, and a Docker daemon on each if asked for.
    static func up(hosts: [String], withDocker: Bool) async throws -> Lab {
        let lab = try Lab(hosts: hosts)
        try await lab.script("up", hosts)
        if withDocker {
            try await lab.script("images")
            try await withThrowingTaskGroup { group in
                for host in hosts { group.addTask { try await lab.script("dockerd", [host]) } }
                try await group.waitForAll()
            }
        }
        return lab
    }

    /// Starts Docker's daemon on a host, or gives Podman its images.
    func prepare(engine: String, on host: String) async throws {
        try await script(engine == "docker" ? "dockerd" : engine, [host])
    }

    /// Removes everything, even for a test that was cancelled because its time was over.
    func down() async throws {
        try holder.endInput()
        // A task of its own is not cancelled.
        let status = try await Task { [holder] in try await holder.waitForEnd(seconds: 120) }.value
        try #require(status == 0, "lab hold: \(holder.output)")
    }

    /// Runs a command on a host to its end.
    @discardableResult
    func run(_ host: String, _ words: String..., input: [UInt8] = []) async throws -> Tool.Result {
        try await run(host, words, input: input)
    }

    /// Runs a command on a host to its end.
    func run(_ host: String, _ words: [String], input: [UInt8] = []) async throws -> Tool.Result {
        try await Tool(Self.scriptPath).run(Self.arguments(directory, host, words), environment: nil, input: input)
    }

    /// Runs a command on a host that has to succeed.
    ///
    /// - Returns: Its standard output, without the last line's end.
    @discardableResult
    func text(_ host: String, _ words: String...) async throws -> String { try await text(host, words) }

    /// Runs a command on a host that has to succeed.
    ///
    /// - Returns: Its standard output, without the last line's end.
    @discardableResult
    func text(_ host: String, _ words: [String]) async throws -> String {
        let result = try await run(host, words)
        try #require(result.status == 0, "\(words) on \(host), status \(result.status): \(result.error)")
        return result.text.hasSuffix("\n") ? String(result.text.dropLast()) : result.text
    }

    /// Starts a command on a host.
    func start(_ host: String, _ words: [String]) throws -> BackgroundCommand {
        try BackgroundCommand(Self.scriptPath, Self.arguments(directory, host, words))
    }

    /// Starts a command on a host, on a terminal of its own.
    func startOnTerminal(_ host: String, _ words: [String]) throws -> BackgroundCommand {
        try BackgroundCommand.onTerminal(Self.scriptPath, Self.arguments(directory, host, words))
    }

    /// Carries a file in root's home from one host to another, as mail or a USB stick would.
    func carry(_ name: String, from source: String, to target: String) async throws {
        let contents = try await run(source, "cat", name)
        try #require(contents.status == 0, "\(contents.error)")
        try await write(contents.output, to: name, on: target)
    }

    /// Writes a file, in root's home unless the path is absolute.
    func write(_ contents: [UInt8], to path: String, on host: String) async throws {
        let result = try await run(host, ["sh", "-c", "umask 077 && cat >\"$1\"", "sh", path], input: contents)
        try #require(result.status == 0, "\(result.error)")
    }

    /// All that a tool could have left behind on a host.
    func snapshot(_ host: String) async throws -> String { try await script("snapshot", [host]).text }

    /// Records what is on the wire while `body` runs.
    ///
    /// - Returns: The packets, one line each, as tcpdump prints them.
    func capture(_ body: () async throws -> Void) async throws -> [Substring] {
        let file = "\(directory)/capture.pcap"
        try await script("capture", [file])
        try await body()
        try await script("capture-stop")
        let result = try await Tool("tcpdump").run(["-nn", "-r", file])
        return result.text.split(separator: "\n")
    }

    @discardableResult
    private func script(_ verb: String, _ arguments: [String] = []) async throws -> Tool.Result {
        let result = try await Tool(Self.scriptPath).run([verb, directory] + arguments)
        try #require(result.status == 0, "lab \(verb) \(arguments): \(result.error)")
        return result
    }

    private static let scriptPath = "\(SourceTree.root)/Tests/Lab/lab"

    private static func arguments(_ directory: String, _ host: String, _ words: [String]) -> [String] {
        [
            "exec", directory, host, "--", "env",
            "PATH=\(BuiltPrograms.directory):/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin",
        ]
            + words
    }
}

/// Gives a suite a lab of its own, for as long as the suite runs, or each of its tests one.
struct LabTrait: SuiteTrait, TestTrait, TestScoping {
    let hosts: [String]
    let withDocker: Bool
    let isRecursive: Bool

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let lab = try await Lab.up(hosts: hosts, withDocker: withDocker)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await Lab.$current.withValue(lab, operation: function)) } catch {
            outcome = .failure(error)
        }
        try await lab.down()
        try outcome.get()
    }
}

extension Trait where Self == LabTrait {
    /// Hosts on one wire, for a suite or a test.
    static func lab(_ hosts: String..., withDocker: Bool = false) -> LabTrait {
        LabTrait(hosts: hosts, withDocker: withDocker, isRecursive: false)
    }

    /// Hosts on one wire that are new for each test of a suite.
    static func labForEachTest(_ hosts: String..., withDocker: Bool = false) -> LabTrait {
        LabTrait(hosts: hosts, withDocker: withDocker, isRecursive: true)
    }
}

/// The lab of the suite or test that is running.
func lab() throws -> Lab { try #require(Lab.current, "neither the test nor its suite has a lab") }
