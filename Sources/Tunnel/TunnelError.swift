/// What goes wrong with a tunnel's device.
package enum TunnelError: Error, Equatable {
    /// `wireguard-go` is not installed.
    case backendMissing
    /// `wireguard-go` ended or never answered; its own last words, made printable.
    case backendFailed(interface: String, message: String)
    /// The device refused a request with this errno.
    case device(errno: Int32)
    /// The device answered outside the protocol, at the named part.
    case protocolViolation(String)
    /// A system call on the way to the device failed.
    case system(String)
}
