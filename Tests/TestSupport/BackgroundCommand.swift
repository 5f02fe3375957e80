internal import Foundation

/// A command that runs while the test goes on.
package final class BackgroundCommand: Sendable {
    private let process: Process
    private let outputPath: String
    private let keyboard: FileHandle?

    /// What a command did instead of what a test waited for.
    package struct Surprise: Error, CustomStringConvertible {
        /// In words, with all that the command has said.
        package let description: String
    }

    /// Starts a program without a terminal and without input.
    ///
    /// - Throws: What Foundation says of a program that cannot be started.
    package convenience init(_ program: String, _ arguments: [String]) throws {
        try self.init(program, arguments, environment: nil, keyboard: nil)
    }

    /// Starts a program on a terminal of its own, at which ``type(_:)`` is the person.
    ///
    /// - Parameters:
    ///   - program: A path.
    ///   - arguments: Without the program's own name.
    ///   - environment: All of it, where given; otherwise that of the test.
    /// - Returns: The running command.
    /// - Throws: What Foundation says of a program that cannot be started.
    package static func onTerminal(
        _ program: String,
        _ arguments: [String],
        environment: [String: String]? = nil
    ) throws -> BackgroundCommand {
        // Of what `script` does, only the pseudo-terminal is wanted; it takes a command for a shell, and no list of words.
        let words = ([program] + arguments).map { "'" + $0.replacing("'", with: "'\\''") + "'" }
        let line = "exec " + words.joined(separator: " ")
        return try BackgroundCommand(
            "/usr/bin/script",
            ["--quiet", "--return", "--flush", "--command", line, "/dev/null"],
            environment: environment,
            keyboard: Pipe()
        )
    }

    /// Starts a program whose input ends with this process, or at ``endInput()``.
    package static func untilEnd(_ program: String, _ arguments: [String]) throws -> BackgroundCommand {
        try BackgroundCommand(program, arguments, environment: nil, keyboard: Pipe())
    }

    private init(_ program: String, _ arguments: [String], environment: [String: String]?, keyboard: Pipe?) throws {
        self.keyboard = keyboard?.fileHandleForWriting
        outputPath = FileManager.default.temporaryDirectory.appending(path: "wgseal-output-\(UUID().uuidString)").path
        try Data().write(to: URL(filePath: outputPath))
        let output = try FileHandle(forWritingTo: URL(filePath: outputPath))
        process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        if let environment { process.environment = environment }
        if let keyboard { process.standardInput = keyboard } else { process.standardInput = FileHandle.nullDevice }
        process.standardOutput = output
        process.standardError = output
        // A program gets the mask of the thread that starts it, and threads of the tests let no signal through.
        var (none, previous) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &previous)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try process.run()
    }

    deinit { try? FileManager.default.removeItem(atPath: outputPath) }

    /// What the command has said so far, on both streams.
    package var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    /// Whether the command still runs.
    package var isRunning: Bool { process.isRunning }

    /// The number of the process that was started.
    package var processID: Int32 { process.processIdentifier }

    /// Waits until the command has said something.
    ///
    /// - Throws: ``Surprise`` if it ends or is silent for too long.
    package func waitForOutput(_ text: String, seconds: Double = 60) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !output.contains(text) {
            let hasEnded = !process.isRunning
            if output.contains(text) { return }
            if hasEnded { throw Surprise(description: "ended before it said '\(text)':\n\(output)") }
            if ContinuousClock.now > deadline { throw Surprise(description: "did not say '\(text)':\n\(output)") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Presses keys; "\u{3}" is ctrl-c.
    ///
    /// - Throws: ``Surprise`` if the command has no terminal.
    package func type(_ text: String) throws {
        guard let keyboard else { throw Surprise(description: "has no terminal") }
        try keyboard.write(contentsOf: Data(text.utf8))
    }

    /// Ends the input.
    package func endInput() throws { try keyboard?.close() }

    /// Sends a signal.
    package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until the command has ended.
    ///
    /// - Returns: Its exit status.
    /// - Throws: ``Surprise`` if it does not end in time.
    package func waitForEnd(seconds: Double = 60) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            if ContinuousClock.now > deadline { throw Surprise(description: "did not end:\n\(output)") }
            try await Task.sleep(for: .milliseconds(10))
        }
        return process.terminationStatus
    }
}
