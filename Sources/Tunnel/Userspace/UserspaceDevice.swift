internal import SystemIO
package import WireGuard

/// A WireGuard device that `wireguard-go` runs, spoken to over its socket in `/run/wireguard`.
package struct UserspaceDevice: Sendable {
    /// The name of the device's interface.
    package let interface: InterfaceName

    /// Where `wireguard-go` puts its sockets; it makes the directory.
    package static let socketDirectory = "/run/wireguard"

    // A device answers in well under a millisecond; one that is stopped or hung must not hold us.
    private static let timeout = Duration.seconds(5)

    /// - Parameter interface: The device need not exist yet.
    package init(_ interface: InterfaceName) { self.interface = interface }

    /// The device's socket.
    package var socketPath: String { "\(Self.socketDirectory)/\(interface).sock" }

    /// Whether a device of this name takes requests.
    package var answers: Bool { (try? UnixSocket.connect(socketPath)) != nil }

    /// Changes the device.
    ///
    /// - Throws: ``TunnelError/device(errno:)`` if the device refuses, ``TunnelError/system(_:)`` if it is not there.
    package func apply(_ change: DeviceChange) throws(TunnelError) {
        let socket = try connect()
        try UAPIRequest.set(change) { (bytes) throws(TunnelError) in try Self.send(bytes, to: socket) }
        _ = try Self.receive(from: socket)
    }

    /// Asks the device for its state.
    ///
    /// - Throws: ``TunnelError/protocolViolation(_:)``, ``TunnelError/system(_:)``.
    package func state() throws(TunnelError) -> DeviceState {
        let socket = try connect()
        let request = UAPIRequest.get
        try Self.send(request.span, to: socket)
        return try Self.receive(from: socket)
    }

    private func connect() throws(TunnelError) -> UnixSocket {
        do throws(SystemError) { return try UnixSocket.connect(socketPath) } catch { throw .system(error) }
    }

    private static func send(_ bytes: Span<UInt8>, to socket: borrowing UnixSocket) throws(TunnelError) {
        do throws(SystemError) { try socket.send(bytes, timeout: timeout) } catch { throw .system(error) }
    }

    private static func receive(from socket: borrowing UnixSocket) throws(TunnelError) -> DeviceState {
        try UAPIReply.read { (buffer: inout MutableSpan<UInt8>) throws(TunnelError) -> Int in
            do throws(SystemError) {
                return try socket.receive(into: &buffer, timeout: timeout)
            } catch {
                throw .system(error)
            }
        }
    }
}
