internal import Glibc
internal import Subprocess
package import SystemIO
internal import SystemPackage

/// Why a program did not run to its end.
package enum ProcessError: Error, Equatable {
    /// The program could not be started.
    case notStarted(ExecutablePath, errno: Int32)
    /// The program wrote more to standard output than the limit, and was ended.
    case tooMuchOutput(ExecutablePath, limit: Int)
    /// Our task was cancelled, and the program was ended.
    case cancelled(ExecutablePath)
    /// The program, running or ended, could not be observed any more.
    case notObserved(ExecutablePath, reason: String)
    /// A system call on behalf of a process failed.
    case system(SystemError)
}

extension ProcessError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notStarted(let path, let errno): "\(SystemError.call("exec", path: "\(path)", errno: errno))"
        case .tooMuchOutput(let path, let limit): "\(path): wrote more than \(limit) bytes"
        case .cancelled(let path): "\(path): was stopped"
        case .notObserved(let path, let reason): "\(path): \(reason.printable)"
        case .system(let error): "\(error)"
        }
    }
}

extension ProcessError {
    /// Says in our words what the spawning library reports.
    init(_ error: any Error, running path: ExecutablePath, limit: Int) {
        guard let error = error as? SubprocessError else {
            self = .notObserved(path, reason: "\(error)")
            return
        }
        switch error.code {
        case .outputLimitExceeded: self = .tooMuchOutput(path, limit: limit)
        case .executableNotFound:
            // The library says the same of a file that may not be executed.
            self = .notStarted(path, errno: FileEntry.exists("\(path)") ? EACCES : ENOENT)
        case .spawnFailed: self = .notStarted(path, errno: error.underlyingError?.rawValue ?? EIO)
        default: self = .notObserved(path, reason: error.description)
        }
    }
}
