internal import Subprocess
internal import SystemIO

/// How a program ended.
package enum Termination: Hashable, Sendable {
    /// By itself, with this status.
    case exited(Int32)
    /// By a signal of this number.
    case signaled(Int32)

    init(_ status: TerminationStatus) {
        self =
            switch status {
            case .exited(let code): .exited(code)
            case .signaled(let signal): .signaled(signal)
            }
    }
}

extension Termination: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }
}

/// What came of a program; that it failed is a result too.
package struct CommandResult: Hashable, Sendable {
    /// How it ended.
    package let status: Termination
    /// Standard output.
    package let output: String
    /// The end of standard error, at most 64 KiB.
    package let error: String

    /// Puts together what a program did.
    package init(status: Termination, output: String, error: String) {
        self.status = status
        self.output = output
        self.error = error
    }

    /// Whether it ended with status 0.
    package var isSuccess: Bool { status == .exited(0) }

    /// The last line of standard error that is not empty, or else the status: printable, at most 300 characters.
    package var reason: String {
        guard let line = error.split(whereSeparator: \.isNewline).last(where: { $0.contains { !$0.isWhitespace } })
        else { return status.description }
        return String(String(line).printable.prefix(300))
    }
}
