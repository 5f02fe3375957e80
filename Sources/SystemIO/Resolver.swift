internal import Glibc
package import WireGuard

/// The system's look-up of host names (`getaddrinfo(3)`).
package enum Resolver {
    /// The addresses of a name, in the order in which the system would try them (RFC 6724).
    ///
    /// It asks whatever the host is set up to ask, and may take as long as that takes.
    ///
    /// - Returns: Empty if the name has no address, or nobody answers.
    package static func addresses(of name: HostName) -> [IPAddress] {
        var hints = unsafe addrinfo()
        // One entry for each address, not one for each kind of socket.
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(name.description, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.address { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }
}

extension addrinfo {
    fileprivate var address: IPAddress? {
        // Family and port come before the address, and in IPv6 the flow label (`sockaddr_in`, `sockaddr_in6`).
        let (offset, count) = unsafe ai_family == AF_INET ? (4, 4) : (8, 16)
        guard let start = unsafe ai_addr, unsafe Int(ai_addrlen) >= offset + count else { return nil }
        let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: UnsafeRawPointer(start) + offset, count: count))
        return IPAddress(bytes: bytes.span)
    }
}
