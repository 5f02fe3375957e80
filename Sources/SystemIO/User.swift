internal import CLinux
internal import Glibc

/// The user for whom this process acts.
package struct User: Equatable, Sendable {
    /// The user's number.
    package let id: UInt32
    /// The absolute path of the home directory: `$HOME` of a user who runs us directly, the user database's under sudo.
    package let homeDirectory: String
}

extension User {
    /// Whether this process may do everything.
    package static var isRoot: Bool { geteuid() == 0 }

    /// Whether this process may change the network of its namespace (`CAP_NET_ADMIN`), which root in a container often may
    /// not; a kernel that does not say will do so when it is asked to.
    package static var mayAdministerNetworks: Bool { clinux_may_administer_networks() != 0 }

    /// The user whose rights this process has.
    package static var effectiveID: UInt32 { geteuid() }

    /// The user who called sudo, or whose rights this process has.
    ///
    /// - Returns: `nil` if that user has no home directory.
    package static func invoking() -> User? {
        let id = sudoID ?? effectiveID
        let declared = id == effectiveID ? Environment.value("HOME") : nil
        guard let home = declared ?? homeDirectory(of: id), home.hasPrefix("/") else { return nil }
        return User(id: id, homeDirectory: home)
    }

    /// Whether what belongs to this user is as good as our own: root's, ours, or that of the user who called sudo.
    static func isTrusted(_ id: UInt32) -> Bool { id == 0 || id == effectiveID || id == sudoID }

    /// Whether files in a directory of this user must be given to him: only when root acts for the user of sudo.
    static func isServed(_ id: UInt32) -> Bool { id == sudoID && id != effectiveID }

    /// `SUDO_UID`, which only root believes: anybody can set it.
    private static var sudoID: UInt32? {
        guard isRoot, let text = Environment.value("SUDO_UID") else { return nil }
        return UInt32(text)
    }

    private static func homeDirectory(of id: UInt32) -> String? {
        clinux_prepare_user_database()
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                unsafe getpwuid_r(id, &entry, base, buffer.count, &found) == 0,
                let home = unsafe found?.pointee.pw_dir
            else { return nil }
            return unsafe String(validatingCString: home)
        }
    }
}
