/// Where keys and networks are kept.
package enum HomeLocation {
    /// The home of a whole host, used by root where it exists.
    package static let system = "/etc/wgseal"

    /// The first that is given: the option, `WGSEAL_HOME`, ``system`` for root where it exists, the user's configuration
    /// directory.
    ///
    /// - Parameters:
    ///   - option: What `--home` named.
    ///   - environment: Looks up a variable of the environment.
    ///   - isRoot: Whether the effective user is root.
    ///   - systemHomeExists: Whether ``system`` is there.
    ///   - userHome: The home directory of the user who invoked us, under `sudo` too; `nil` if there is none.
    /// - Returns: `nil` if it would lie in a home directory that there is not.
    package static func path(
        option: String?,
        environment: (String) -> String?,
        isRoot: Bool,
        systemHomeExists: Bool,
        userHome: String?
    ) -> String? {
        if let option { return option }
        if let path = environment("WGSEAL_HOME"), !path.isEmpty { return path }
        if isRoot, systemHomeExists { return system }
        // The XDG specification has a relative path ignored.
        if let directory = environment("XDG_CONFIG_HOME"), directory.hasPrefix("/") { return "\(directory)/wgseal" }
        return userHome.map { "\($0)/.config/wgseal" }
    }
}
