import SystemIO
import WireGuard

/// What the routes of this host say about where it is.
struct HostRoutes {
    /// Where they lead; the default route may be among them.
    var destinations: [IPPrefix] = []
    /// The address that this host uses towards its default route.
    var defaultSource: IPAddress?

    /// Reads the routes of all tables; nothing where they cannot be read.
    static func read() -> HostRoutes {
        // TO BE WIRED to Netlink's route table.
        HostRoutes()
    }

    /// What this host is called in its UTS namespace.
    static var hostName: String {
        let bytes = try? InputFile.read("/proc/sys/kernel/hostname", maximumByteCount: 256)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}
