internal import Subprocess
internal import SystemIO
internal import SystemPackage

/// A program that runs in a session of its own, and goes on when this process ends.
package struct StartedProcess: Sendable {
    /// Which process it is.
    package let identity: ProcessIdentity
    fileprivate let ending: Task<Result<Termination, ProcessError>, Never>

    /// Waits until the program has ended.
    ///
    /// - Returns: `nil` if the waiting task was cancelled; the program runs on.
    package func exitStatus() async throws(ProcessError) -> Termination? {
        // A task's value cannot be waited for with cancellation, but a stream can.
        let (stream, continuation) = AsyncStream.makeStream(of: Result<Termination, ProcessError>.self)
        Task.detached { [ending] in
            continuation.yield(await ending.value)
            continuation.finish()
        }
        for await result in stream { return try result.get() }
        return nil
    }
}

extension Command {
    /// Starts the program, and returns once it has been executed.
    ///
    /// It writes standard output and standard error to a new file at `log`, reads nothing, and works in `/`. Nothing but
    /// its ``ProcessIdentity`` ends it.
    ///
    /// - Throws: `.notStarted`; `.system` if the log cannot be made.
    package func start(log path: String) async throws(ProcessError) -> StartedProcess {
        let log: Descriptor
        do throws(SystemError) { log = try LogFile.create(path) } catch { throw .system(error) }
        return try await start(writingTo: log)
    }

    private func start(writingTo log: consuming Descriptor) async throws(ProcessError) -> StartedProcess {
        let (started, announcement) = AsyncStream.makeStream(of: ProcessIdentity.self)
        let configuration = configuration(workingDirectory: "/")
        let log = log
        // The spawning library ends a child whose task is cancelled or throws. Nobody holds this task to cancel it, and
        // its body does nothing that throws; so the child is only waited for, and outlives us when we exit.
        let ending = Task.detached { [executable] () -> Result<Termination, ProcessError> in
            defer { announcement.finish() }
            let output = FileDescriptor(rawValue: log.rawValue)
            do {
                let result = try await Subprocess.run(
                    configuration,
                    input: .none,
                    output: .fileDescriptor(output, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(output, closeAfterSpawningProcess: false)
                ) { execution in
                    // The child cannot be reaped before this returns, so the number is still its own.
                    if let identity = ProcessIdentity(running: execution.processIdentifier.value) {
                        announcement.yield(identity)
                    }
                    announcement.finish()
                }
                return .success(Termination(result.terminationStatus))
            } catch {
                return .failure(ProcessError(error, running: executable, limit: 0))
            }
        }
        // Not cancelled with the caller's task: a child that has been started must be known.
        let first = Task.detached { await started.first { _ in true } }
        if let identity = await first.value { return StartedProcess(identity: identity, ending: ending) }
        switch await ending.value {
        case .success(let status): throw .notObserved(executable, reason: "ended at once: \(status)")
        case .failure(let error): throw error
        }
    }
}
