import CommandSupport
import Subprocess
import TestSupport

/// What came of one run of a command.
struct Transcript: Equatable {
    var status: Int32
    var output = ""
    var error = ""

    init(_ status: ExitStatus, output: String = "", error: String = "") {
        self.status = status.rawValue
        self.output = output
        self.error = error
    }

    init(_ result: Tool.Result) {
        status = if case .exited(let code) = result.termination { code } else { -1 }
        output = result.text
        error = result.error
    }
}

/// A home of keys and networks that the built commands use, in a directory that is removed with it.
struct Host: ~Copyable {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A host that has an identity.
    static func withIdentity() async throws -> (host: HostBox, identity: String) {
        let host = HostBox(try Host())
        let transcript = try await host.run("wgkey", "gen")
        return (host, String(transcript.output.dropLast()))
    }
}

/// Shares a host between the tasks of a test.
final class HostBox: Sendable {
    private let host: Host

    init(_ host: consuming Host) { self.host = host }
    convenience init() throws { self.init(try Host()) }

    /// The directory that commands run in; the home is `home` below it.
    var path: String { host.directory.path }
    var home: String { "\(path)/home" }

    /// Runs a command in the host's directory, in an environment that holds `WGSEAL_HOME` and nothing else.
    func run(_ tool: String, _ arguments: String..., input: [UInt8] = []) async throws -> Transcript {
        try await run(tool, arguments, input: input)
    }

    func run(_ tool: String, _ arguments: [String], input: [UInt8] = []) async throws -> Transcript {
        Transcript(
            try await Tool("/usr/bin/env").run(
                ["-C", path, "\(Self.binaries)/\(tool)"] + arguments,
                environment: ["WGSEAL_HOME": home],
                input: input
            )
        )
    }

    /// Runs a line of shell that finds the commands as `$bin/wgkey`.
    func shell(_ line: String) async throws -> Transcript {
        Transcript(
            try await Tool("/usr/bin/env").run(
                ["-C", path, "/bin/sh", "-c", line],
                environment: ["WGSEAL_HOME": home, "bin": Self.binaries, "PATH": "/usr/bin:/bin"]
            )
        )
    }

    func read(_ name: String) throws -> [UInt8] { try host.directory.read(name) }

    @discardableResult
    func write(_ contents: [UInt8], to name: String, mode: Int = 0o600) throws -> String {
        try host.directory.write(contents, to: name, mode: mode)
    }

    func exists(_ name: String) throws -> Bool { try host.directory.names().contains(name) }

    /// Where the test runner has put the commands that it built: beside its own bundle.
    private static let binaries: String = {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        guard let end = bundle.range(of: "/", options: .backwards) else { return "\(SourceTree.root)/.build/debug" }
        return String(bundle[..<end.lowerBound])
    }()
}
