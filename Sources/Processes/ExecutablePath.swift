internal import SystemIO

/// The absolute path of a program.
package struct ExecutablePath: Hashable, Sendable, LosslessStringConvertible {
    package let description: String

    /// Takes an absolute path as it is, without looking at the file.
    ///
    /// - Returns: `nil` for any other text.
    package init?(_ path: String) {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        description = path
    }

    /// The directories that are searched, in this order; `PATH` never is.
    package static let directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    /// Finds a program by its name.
    ///
    /// A program that somebody other than root could have put there or changed is passed over.
    ///
    /// - Returns: `nil` if there is none.
    package static func find(_ name: String) -> ExecutablePath? {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")) else { return nil }
        return directories.lazy.map { "\($0)/\(name)" }.first(where: ExecutableFile.isTrusted)
            .flatMap(ExecutablePath.init)
    }
}
