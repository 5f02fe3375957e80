package import Crypto
internal import Glibc

/// A secret that the service manager gave to this service (`systemd.exec(5)`, CREDENTIALS).
package enum Credential {
    /// The path that a credential would have.
    ///
    /// - Returns: `nil` if this process is no service with credentials.
    package static func path(of name: String) -> String? {
        guard let directory = Environment.value("CREDENTIALS_DIRECTORY"), directory.hasPrefix("/") else { return nil }
        return "\(directory)/\(name)"
    }

    /// Reads a credential straight into locked memory.
    ///
    /// What it must be is what systemd makes: a file of root or of this user that nobody can write to and others cannot
    /// read, in directories where nobody else can replace it. The bit that lets the group read is let pass: for a
    /// service of an ordinary user, it is how the access list of that user shows in a mode (`acl(5)`).
    ///
    /// - Parameters:
    ///   - path: What ``path(of:)`` returned.
    ///   - maximumByteCount: The limit.
    /// - Returns: `nil` if there is none of this name.
    /// - Throws: `.notRegular`, `.insecure`; `.tooLarge` after `maximumByteCount` bytes.
    package static func read(_ path: String, maximumByteCount: Int) throws(SystemError) -> SecretBytes? {
        do throws(SystemError) {
            let location = try PathWalk.locate(path, ancestors: .trusted)
            return try location.directory.readSecret(
                location.name,
                forbidden: 0o037,
                maximumByteCount: maximumByteCount,
                path: path
            )
        } catch .missing {
            return nil
        } catch {
            throw error
        }
    }
}
