internal import Glibc

/// The service manager that has started this process and wants to hear of it, as sd_notify(3) has it.
package enum ServiceManager {
    /// Something to tell.
    package enum Notice: Sendable {
        /// The service does what it is for, with a line for people.
        case ready(String)
        /// A line for people, such as `systemctl status` shows.
        case status(String)
        /// The service is about to end.
        case stopping
    }

    /// Tells something, if there is a service manager that listens (`NOTIFY_SOCKET`).
    ///
    /// It never waits, and what is not heard is no reason to stop.
    package static func notify(_ notice: Notice) {
        guard let path = Environment.value("NOTIFY_SOCKET"), path.hasPrefix("/") || path.hasPrefix("@") else { return }
        let text =
            switch notice {
            case .ready(let words): "READY=1\nSTATUS=\(words.printable)"
            case .status(let words): "STATUS=\(words.printable)"
            case .stopping: "STOPPING=1"
            }
        send(Array(text.utf8), to: path)
    }

    private static func send(_ bytes: [UInt8], to path: String) {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard let descriptor = try? Descriptor.adopting(socket(AF_UNIX, type, 0), "socket", path),
            var address = try? UnixSocket.address(path, of: "sendto")
        else { return }
        // A name without a file begins with NUL, and its length is a part of it.
        let offset = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
        var length = MemoryLayout<sockaddr_un>.size
        if path.hasPrefix("@") {
            address.sun_path.0 = 0
            length = offset + path.utf8.count
        }
        _ = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bytes.withUnsafeBytes { bytes in
                    unsafe sendto(
                        descriptor.rawValue,
                        bytes.baseAddress,
                        bytes.count,
                        Int32(MSG_NOSIGNAL),
                        address,
                        socklen_t(length)
                    )
                }
            }
        }
    }
}
