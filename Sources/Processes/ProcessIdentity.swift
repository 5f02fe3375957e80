internal import Glibc
package import SystemIO

/// One process, and no later one of the same number.
package struct ProcessIdentity: Hashable, Sendable {
    /// The process's number.
    package let pid: Int32
    /// When it was started, in clock ticks after boot (field 22 of proc(5)'s `stat`).
    package let startTime: UInt64

    /// Puts together what was recorded earlier.
    package init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }

    /// The process that has this number now, even if it has ended and nobody has taken notice yet.
    ///
    /// - Returns: `nil` if there is none.
    package init?(running pid: Int32) {
        guard let status = ProcessStatus(pid: pid) else { return nil }
        self.init(pid: pid, startTime: status.startTime)
    }

    /// This process; `nil` where `/proc` is not mounted.
    package static var current: ProcessIdentity? { ProcessIdentity(running: getpid()) }
}

/// A signal that this package sends.
package enum ProcessSignal: Int32, Sendable {
    case hangup = 1
    case kill = 9
    case handOver = 10
    case terminate = 15
}

extension ProcessIdentity {
    /// Whether this process still runs; one that has ended but was not reaped does not.
    package var isAlive: Bool {
        guard let status = ProcessStatus(pid: pid) else { return false }
        return status.startTime == startTime && !status.hasEnded
    }

    /// Sends a signal to this process and to no other; does nothing if it is gone.
    package func signal(_ signal: ProcessSignal) throws(ProcessError) {
        guard let handle = try handle() else { return }
        do throws(SystemError) { try handle.send(signal.rawValue) } catch { throw .system(error) }
    }

    /// Asks this process to end (TERM), makes it end after `grace` (KILL), and waits until it has.
    ///
    /// Whatever files, links and ports the process held are free afterwards. A task that is cancelled waits all the same.
    package func terminate(grace: Duration) async throws(ProcessError) {
        try await BlockingCall.run { () throws(ProcessError) in
            guard let handle = try handle() else { return }
            do throws(SystemError) {
                try handle.send(ProcessSignal.terminate.rawValue)
                if try handle.waitForExit(timeout: grace) { return }
                try handle.send(ProcessSignal.kill.rawValue)
                _ = try handle.waitForExit(timeout: nil)
            } catch {
                throw .system(error)
            }
        }
    }

    /// A handle on this process; the number is compared only after the handle holds it.
    ///
    /// - Returns: `nil` once nothing is left of it. Of a program with several threads, something may be left that holds its
    ///   files, links and ports, while ``isAlive`` says already that it has ended; the handle tells when that is over.
    package func handle() throws(ProcessError) -> ProcessHandle? {
        do throws(SystemError) {
            guard let handle = try ProcessHandle.open(pid), ProcessStatus(pid: pid)?.startTime == startTime else {
                return nil
            }
            return handle
        } catch {
            throw .system(error)
        }
    }
}

/// A line of `/proc/<pid>/stat`.
struct ProcessStatus: Equatable {
    let hasEnded: Bool
    let startTime: UInt64

    /// Reads the line of a process; `nil` if there is no such process.
    init?(pid: Int32) {
        guard let bytes = try? InputFile.read("/proc/\(pid)/stat", maximumByteCount: 4096) else { return nil }
        self.init(String(decoding: bytes, as: UTF8.self))
    }

    /// Parses a line; the second field is the program's name, which may contain spaces and parentheses.
    init?(_ text: String) {
        guard let end = text.utf8.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
        // The first of these is field 3, the state.
        guard fields.count > 19, let startTime = UInt64(fields[19]) else { return nil }
        hasEnded = fields[0] == "Z" || fields[0] == "X"
        self.startTime = startTime
    }
}
