internal import Subprocess
internal import SystemPackage

/// A program that a test runs as an independent witness, or as the thing under test.
package struct Tool: Sendable {
    /// What came of one run.
    package struct Result: Sendable {
        /// The exit status, or minus the number of the signal that ended the program.
        package let status: Int32
        /// Standard output.
        package let output: [UInt8]
        /// Standard error.
        package let error: String

        /// Standard output as text, with a replacement character for what is not UTF-8.
        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    private let executable: Executable

    /// A program, by its name on `PATH` or by its path if there is a slash in `name`.
    package init(_ name: String) {
        executable = name.contains("/") ? .path(FilePath(name)) : .name(name)
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - arguments: Without the program's own name.
    ///   - environment: All of it, where given; otherwise that of the test.
    ///   - input: Standard input.
    ///   - progress: Called with each piece of standard output, as soon as it is there.
    /// - Returns: How it ended, and what it wrote.
    /// - Throws: What Subprocess says of a program that cannot be started, or writes more than 64 MiB of errors.
    package func run(
        _ arguments: [String] = [],
        environment: [String: String]? = nil,
        input: [UInt8] = [],
        progress: ([UInt8]) -> Void = { _ in }
    ) async throws -> Result {
        let result = try await Subprocess.run(
            executable,
            arguments: Arguments(arguments),
            environment: Self.environment(environment),
            input: .array(input),
            output: .sequence,
            error: .string(limit: 64 << 20)
        ) { execution in
            var output: [UInt8] = []
            for try await buffer in execution.standardOutput {
                let piece = unsafe buffer.withUnsafeBytes { unsafe Array($0) }
                progress(piece)
                output += piece
            }
            return output
        }
        return Result(
            status: Self.status(result.terminationStatus),
            output: result.closureResult,
            error: result.standardError
        )
    }

    private static func status(_ termination: TerminationStatus) -> Int32 {
        switch termination {
        case .exited(let status): status
        case .signaled(let signal): -signal
        }
    }

    private static func environment(_ values: [String: String]?) -> Environment {
        guard let values else { return .inherit }
        let pairs = values.map { (Environment.Key(stringLiteral: $0), $1) }
        return .custom(Dictionary(uniqueKeysWithValues: pairs))
    }
}
