import SystemIO

/// What `wgup` may do.
enum Privilege {
    /// Refuses anybody but root, before anything is read; `command` is what to repeat with sudo.
    static func require(for command: String) throws(WgupFailure) {
        guard User.isRoot else { throw .notRoot(command: command) }
        guard User.mayAdministerNetworks else { throw .noCapability(command: command) }
    }
}
