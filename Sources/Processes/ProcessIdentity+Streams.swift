internal import SystemIO

/// What a program does with a file that it was started with.
package enum StandardStreamUse: Sendable {
    /// The file is its standard input.
    case input
    /// The file is its standard output or its standard error.
    case output

    fileprivate var numbers: ClosedRange<Int> {
        switch self {
        case .input: 0...0
        case .output: 1...2
        }
    }
}

extension ProcessIdentity {
    /// The processes that were started with a file as a standard stream, without this one.
    ///
    /// A program that was given a file of its own is found by it, even if who started it was killed before the program's
    /// number was written down; what it has started itself is found as well.
    ///
    /// - Throws: What reading `/proc` reports.
    package static func users(of path: String, as use: StandardStreamUse) throws(ProcessError) -> [ProcessIdentity] {
        guard let file = FileIdentity(path) else { return [] }
        let names: [String]
        do throws(SystemError) { names = try Directory.open("/proc", privacy: .any).names() } catch {
            throw .system(error)
        }
        let ownPid = current?.pid
        return names.compactMap { Int32($0) }.filter { $0 != ownPid }.compactMap { pid in
            // Looked at before the streams, so that the number is not that of a later process.
            guard let process = ProcessIdentity(running: pid),
                use.numbers.contains(where: { FileIdentity("/proc/\(pid)/fd/\($0)") == file })
            else { return nil }
            return process
        }
    }

    /// Ends all processes that ``users(of:as:)`` finds, as ``terminate(grace:)`` does.
    package static func terminateUsers(
        of path: String,
        as use: StandardStreamUse,
        grace: Duration
    ) async throws(ProcessError) {
        let deadline = ContinuousClock.now + grace
        while true {
            let processes = try users(of: path, as: use)
            if processes.isEmpty { return }
            for process in processes { try process.signal(.terminate) }
            for process in processes { try await process.terminate(grace: max(.zero, deadline - .now)) }
        }
    }

    /// Waits until this process has ended by itself, or the time is over; a task that is cancelled waits all the same.
    package func waitForEnd(within limit: Duration) async throws(ProcessError) {
        try await BlockingCall.run { () throws(ProcessError) in
            guard let handle = try handle() else { return }
            do throws(SystemError) { _ = try handle.waitForExit(timeout: limit) } catch { throw .system(error) }
        }
    }
}
