internal import Subprocess
internal import SystemIO
internal import SystemPackage

extension Command {
    /// Runs the program to its end, in a session of its own, so that ^C at the terminal does not reach it.
    ///
    /// Each line of standard error is handed to `onErrorLine` as it comes. Cancelling the task sends TERM to the
    /// program and its children, and KILL two seconds later.
    ///
    /// - Throws: `.tooMuchOutput` when standard output is longer than `maximumOutput` bytes. A status other than 0 is no
    ///   error.
    package func run(
        maximumOutput: Int = 1 << 20,
        onErrorLine: (@Sendable (String) -> Void)? = nil
    ) async throws(ProcessError) -> CommandResult {
        let input: Descriptor
        do throws(SystemError) { input = try LogFile.open(self.input) } catch { throw .system(error) }
        var lines = LineCollector(keeping: 65_536, onLine: onErrorLine)
        do {
            let result = try await Subprocess.run(
                configuration(workingDirectory: nil),
                input: .fileDescriptor(FileDescriptor(rawValue: input.rawValue), closeAfterSpawningProcess: false),
                output: .string(limit: maximumOutput),
                error: .sequence
            ) { execution in
                for try await buffer in execution.standardError { lines.append(buffer.bytes) }
            }
            guard !Task.isCancelled else { throw ProcessError.cancelled(executable) }
            lines.finish()
            return CommandResult(
                status: Termination(result.terminationStatus),
                output: result.standardOutput,
                error: lines.text
            )
        } catch {
            throw Task.isCancelled
                ? .cancelled(executable) : ProcessError(error, running: executable, limit: maximumOutput)
        }
    }

    func configuration(workingDirectory: FilePath?) -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        return Configuration(
            executable: .path(FilePath(executable.description)),
            arguments: Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: environment.map { (.init(stringLiteral: $0), $1) })),
            workingDirectory: workingDirectory,
            platformOptions: options
        )
    }
}
