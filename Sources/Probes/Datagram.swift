internal import Glibc
internal import SystemIO
internal import WireGuard

/// Raw datagrams, with addresses in our own words.
enum Datagram {
    /// Takes what has come in, without waiting.
    ///
    /// - Returns: The length and the sender's address; `nil` if nothing is there.
    static func receive(from descriptor: Int32, into buffer: inout [UInt8]) -> (count: Int, sender: IPAddress)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), address, &length)
            }
        }
        guard count >= 0, let sender = unsafe withUnsafeBytes(of: &storage, { unsafe Self.address(in: $0) }) else {
            return nil
        }
        return (count, sender)
    }

    // Family and port come before the address, and in IPv6 the flow label (`sockaddr_in`, `sockaddr_in6`).
    private static func address(in bytes: UnsafeRawBufferPointer) -> IPAddress? {
        let family = unsafe Int32(bytes.loadUnaligned(as: sa_family_t.self))
        let (offset, count) = family == AF_INET ? (4, 4) : (8, 16)
        return unsafe IPAddress(bytes: [UInt8](bytes[offset..<offset + count]).span)
    }

    /// Calls `body` with the C form of an address.
    static func withAddress<Result>(
        _ address: SocketAddress,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch address.address.family {
        case .v4:
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = address.port.bigEndian
            unsafe withUnsafeMutableBytes(of: &form.sin_addr) { unsafe $0.copyBytes(from: address.address.bytes) }
            return unsafe withUnsafePointer(to: &form) { form in
                unsafe form.withMemoryRebound(to: sockaddr.self, capacity: 1) { form in
                    unsafe body(form, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .v6:
            var form = sockaddr_in6()
            form.sin6_family = sa_family_t(AF_INET6)
            form.sin6_port = address.port.bigEndian
            unsafe withUnsafeMutableBytes(of: &form.sin6_addr) { unsafe $0.copyBytes(from: address.address.bytes) }
            return unsafe withUnsafePointer(to: &form) { form in
                unsafe form.withMemoryRebound(to: sockaddr.self, capacity: 1) { form in
                    unsafe body(form, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }

    /// Opens a raw socket of the calling thread's network namespace, which does not block.
    static func open(_ family: IPAddress.Family, protocolNumber: Int32) throws(SystemError) -> Descriptor {
        let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let result = socket(family == .v4 ? AF_INET : AF_INET6, type, protocolNumber)
        guard result >= 0 else { throw .call("socket", path: nil, errno: errno) }
        return Descriptor(adopting: result)
    }

    /// Opens a socket for IPv6.
    ///
    /// - Returns: `nil` on a host without it.
    static func ifSupported(_ body: () throws(SystemError) -> Descriptor) throws(SystemError) -> Descriptor? {
        do throws(SystemError) {
            return try body()
        } catch .call(_, _, EAFNOSUPPORT) {
            return nil
        } catch {
            throw error
        }
    }
}

extension Descriptor? {
    /// The number of one that is there.
    var number: Int32? {
        switch self {
        case .some(let descriptor): descriptor.rawValue
        case .none: nil
        }
    }
}
