/// An error that knows how a command ends because of it, and what the user can do.
///
/// Every error type has its conformance in one place: those of the libraries below are here, others beside the command
/// that meets them.
package protocol Diagnosable: Error {
    /// The status that the command ends with.
    var exitStatus: ExitStatus { get }
    /// What to do about it, best a command that can be pasted; `nil` if that is obvious or unknown.
    var hint: String? { get }
}

/// An error of a command itself: what the command line asks for can't be done.
package struct CommandFailure: Diagnosable, CustomStringConvertible {
    package let exitStatus: ExitStatus
    package let description: String
    package let hint: String?

    /// - Parameters:
    ///   - exitStatus: How the command ends.
    ///   - description: One line, lower case, without a full stop.
    ///   - hint: What to do about it.
    package init(_ exitStatus: ExitStatus, _ description: String, hint: String? = nil) {
        self.exitStatus = exitStatus
        self.description = description
        self.hint = hint
    }
}
