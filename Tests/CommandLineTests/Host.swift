import CommandSupport
import TestSupport

/// What came of one run of a command.
struct Transcript: Equatable {
    let status: Int32
    let output: String
    let error: String

    init(_ status: ExitStatus, output: String = "", error: String = "") {
        self.status = status.rawValue
        self.output = output
        self.error = error
    }

    init(_ status: Int32, output: String = "", error: String = "") {
        self.status = status
        self.output = output
        self.error = error
    }

    init(_ result: Tool.Result) {
        status = result.status
        output = result.text
        error = result.error
    }
}

/// A home of keys and networks that the built commands use, in a directory that goes with it.
final class Host: Sendable {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A host that has an identity.
    static func withIdentity() async throws -> (host: Host, identity: String) {
        let host = try Host()
        let transcript = try await host.run("wgkey", "gen")
        return (host, String(transcript.output.dropLast()))
    }

    /// Where the commands run; the home is `home` in it.
    var path: String { directory.path }

    /// Runs a command in an environment that holds `WGSEAL_HOME` and nothing else.
    func run(_ tool: String, _ arguments: String..., input: [UInt8] = []) async throws -> Transcript {
        try await run(tool, arguments, input: input)
    }

    /// Runs a command in an environment that holds `WGSEAL_HOME` and nothing else.
    func run(_ tool: String, _ arguments: [String], input: [UInt8] = []) async throws -> Transcript {
        Transcript(
            try await Tool("/usr/bin/env").run(
                ["-C", path, "\(BuiltPrograms.bundleDirectory)/\(tool)"] + arguments,
                environment: ["WGSEAL_HOME": "\(path)/home"],
                input: input
            )
        )
    }

    /// Runs a script of the shell, for which the commands are `$bin/wgkey` and so on.
    func shell(_ script: String, with arguments: String...) async throws -> Transcript {
        try await shell(script, with: arguments)
    }

    /// Runs a script of the shell, for which the commands are `$bin/wgkey` and so on.
    func shell(_ script: String, with arguments: [String]) async throws -> Transcript {
        Transcript(
            try await Tool("/usr/bin/env").run(
                ["-C", path, "/bin/sh", "-euc", script, "sh"] + arguments,
                environment: environment
            )
        )
    }

    /// What a script of the shell needs, and nothing else.
    var environment: [String: String] {
        ["WGSEAL_HOME": "\(path)/home", "bin": BuiltPrograms.bundleDirectory, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
    }
}
