internal import Glibc

/// Ports of the network namespace that the calling thread is in.
package enum UDPPort {
    /// Whether nobody listens on the port, at any address, over IPv4 or IPv6.
    ///
    /// Only a forecast: somebody may take the port a moment later.
    package static func isFree(_ port: UInt16) -> Bool {
        isFree(port, family: AF_INET) && isFree(port, family: AF_INET6)
    }

    private static func isFree(_ port: UInt16, family: Int32) -> Bool {
        let result = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // A host without the family has no such port to take.
        guard result >= 0 else { return true }
        let descriptor = Descriptor(adopting: result)
        return bind(descriptor, port: port, family: family) == 0 || errno != EADDRINUSE
    }

    private static func bind(_ descriptor: borrowing Descriptor, port: UInt16, family: Int32) -> Int32 {
        if family == AF_INET {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(family)
            address.sin_port = port.bigEndian
            return unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe Glibc.bind(descriptor.rawValue, address, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        // Without this an IPv6 socket takes the IPv4 port as well, and the first check would be repeated.
        var only: Int32 = 1
        unsafe setsockopt(descriptor.rawValue, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only, 4)
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(family)
        address.sin6_port = port.bigEndian
        return unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe Glibc.bind(descriptor.rawValue, address, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
