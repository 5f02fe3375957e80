internal import Subprocess
internal import SystemIO
internal import SystemPackage

extension Command {
    /// Runs a program that goes on for as long as there is something to tell, in a session of its own.
    ///
    /// Each line of standard output is handed to `onLine` as it comes; a longer one than 4096 bytes comes in pieces.
    /// Cancelling the task sends TERM to the program and its children, and KILL two seconds later.
    ///
    /// - Returns: How it ended, with the end of what it wrote.
    /// - Throws: `.notStarted`, `.cancelled`.
    package func follow(onLine: @escaping @Sendable (String) -> Void) async throws(ProcessError) -> CommandResult {
        let limit = 4096
        let input: Descriptor
        do throws(SystemError) { input = try LogFile.open(self.input) } catch { throw .system(error) }
        var lines = LineCollector(keeping: limit, onLine: onLine)
        do {
            let result = try await Subprocess.run(
                configuration(workingDirectory: nil),
                input: .fileDescriptor(FileDescriptor(rawValue: input.rawValue), closeAfterSpawningProcess: false),
                output: .sequence,
                // What it complains of is of no use once it has ended: who follows it looks for themselves then.
                error: .discarded
            ) { execution in
                for try await buffer in execution.standardOutput { lines.append(buffer.bytes) }
            }
            guard !Task.isCancelled else { throw ProcessError.cancelled(executable) }
            lines.finish()
            return CommandResult(status: Termination(result.terminationStatus), output: lines.text, error: "")
        } catch {
            throw Task.isCancelled ? .cancelled(executable) : ProcessError(error, running: executable, limit: limit)
        }
    }
}
