import Foundation
import Testing

/// A command that runs while the test goes on.
final class BackgroundCommand: Sendable {
    private let process: Process
    private let outputPath: String
    private let keyboard: FileHandle?

    /// Starts a program without a terminal and without input.
    convenience init(_ program: String, _ arguments: [String]) throws {
        try self.init(program, arguments, keyboard: nil)
    }

    /// Starts a program on a terminal of its own, at which ``type(_:)`` is the person.
    static func onTerminal(_ program: String, _ arguments: [String]) throws -> BackgroundCommand {
        // Of what `script` does, only the pseudo-terminal is wanted; it takes a command for a shell, and no list of words.
        let words = ([program] + arguments).map { "'" + $0.replacing("'", with: "'\\''") + "'" }
        let line = "exec " + words.joined(separator: " ")
        return try BackgroundCommand(
            "/usr/bin/script",
            ["--quiet", "--return", "--flush", "--command", line, "/dev/null"],
            keyboard: Pipe()
        )
    }

    /// Starts a program whose input ends with this process, or at ``endInput()``.
    static func untilEnd(_ program: String, _ arguments: [String]) throws -> BackgroundCommand {
        try BackgroundCommand(program, arguments, keyboard: Pipe())
    }

    private init(_ program: String, _ arguments: [String], keyboard: Pipe?) throws {
        self.keyboard = keyboard?.fileHandleForWriting
        outputPath = FileManager.default.temporaryDirectory.appending(path: "wgseal-output-\(UUID().uuidString)").path
        try Data().write(to: URL(filePath: outputPath))
        let output = try FileHandle(forWritingTo: URL(filePath: outputPath))
        process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        if let keyboard { process.standardInput = keyboard } else { process.standardInput = FileHandle.nullDevice }
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit { try? FileManager.default.removeItem(atPath: outputPath) }

    /// What the command has said so far, on both streams.
    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    /// Whether the command still runs.
    var isRunning: Bool { process.isRunning }

    /// Waits until the command has said something.
    func waitForOutput(_ text: String, seconds: Double = 60) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !output.contains(text) {
            try #require(process.isRunning, "ended before it said '\(text)':\n\(output)")
            try #require(ContinuousClock.now < deadline, "did not say '\(text)':\n\(output)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Presses keys; "\u{3}" is ctrl-c.
    func type(_ text: String) throws {
        try #require(keyboard, "has no terminal").write(contentsOf: Data(text.utf8))
    }

    /// Ends the input.
    func endInput() throws { try keyboard?.close() }

    /// Sends a signal.
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until the command has ended.
    ///
    /// - Returns: Its exit status.
    func waitForEnd(seconds: Double = 60) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            try #require(ContinuousClock.now < deadline, "did not end:\n\(output)")
            try await Task.sleep(for: .milliseconds(10))
        }
        return process.terminationStatus
    }
}
