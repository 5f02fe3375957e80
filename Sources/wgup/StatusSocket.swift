import Planning
import SystemIO
import WireGuard

/// Where a `wgup` tells what there is to say of its tunnel, to root and to the members of a group.
enum StatusSocket {
    /// The group whose members may ask.
    static let groupName = "wgseal"

    private static let timeout = Duration.seconds(2)
    // A peer has some 200 bytes.
    private static let maximumByteCount = 1 << 24

    private static func path(of interface: InterfaceName) -> String { RunDirectory.path(of: "status", for: interface) }

    /// Answers one after the other, until the task is cancelled; who does not read is let go after two seconds.
    ///
    /// The socket is removed with the other files of the run.
    ///
    /// - Throws: What keeps it from listening.
    static func serve(_ interface: InterfaceName, from directory: RunDirectory) async throws(SystemError) {
        let listener = try UnixListener.open(path(of: interface), group: Group.id(named: groupName))
        while try await Readiness.wait(for: [listener.rawDescriptor], within: nil) != nil {
            // Whoever asks again and again does not keep it from ending.
            while !Task.isCancelled, let connection = listener.accept() {
                let answer = Answer(connection)
                await BlockingCall.run {
                    guard let journal = try? directory.journal(of: interface),
                        let notes = try? directory.notes(of: interface)
                    else { return }
                    answer.send(TunnelStatus(journal, notes: notes).text)
                }
            }
        }
    }

    // What cannot be copied cannot be captured.
    private final class Answer: Sendable {
        private let connection: UnixSocket

        init(_ connection: consuming UnixSocket) { self.connection = connection }

        func send(_ text: String) {
            let bytes = Array(text.utf8)
            // Whoever has asked may be gone.
            try? connection.send(bytes.span, timeout: StatusSocket.timeout)
        }
    }

    /// Asks the `wgup` of an interface.
    ///
    /// - Returns: `nil` if it does not answer.
    /// - Throws: `EACCES` for who may not ask.
    static func ask(_ interface: InterfaceName) throws(SystemError) -> TunnelStatus? {
        let socket: UnixSocket
        do throws(SystemError) { socket = try UnixSocket.connect(path(of: interface)) } catch {
            if error.isAbsence { return nil }
            throw error
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < maximumByteCount {
            var span = buffer.mutableSpan
            let count = try socket.receive(into: &span, timeout: timeout * 2)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return TunnelStatus(text: String(decoding: bytes, as: UTF8.self))
    }
}
