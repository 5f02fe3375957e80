package import SystemIO

/// Says of a file that the operator asked for and that cannot be written what to do.
package enum OutputFailure {
    /// Runs what writes the file.
    ///
    /// - Parameters:
    ///   - file: As the operator has named it.
    ///   - body: What writes it.
    /// - Throws: ``CommandFailure``, or what `body` throws.
    package static func naming(_ file: String, _ body: () throws(SystemError) -> Void) throws {
        do throws(SystemError) { try body() } catch { throw of(error, file) }
    }

    /// What to say of an error.
    ///
    /// - Parameters:
    ///   - error: What writing the file has met.
    ///   - file: As the operator has named it.
    /// - Returns: ``CommandFailure`` where there is something to do about it, else the error.
    package static func of(_ error: SystemError, _ file: String) -> any Error {
        switch error {
        case .exists:
            CommandFailure(
                .cannotCreate,
                "\(file.printable): exists already",
                hint: "-o FILE writes another file, --force-overwrite replaces this one"
            )
        case .missing: CommandFailure(.cannotCreate, "\(file.printable): there is no such directory")
        case .notRegular(_, let kind):
            CommandFailure(.cannotCreate, "\(file.printable): is \(kind.rawValue), which is not overwritten")
        default: error
        }
    }
}
