internal import Glibc
internal import SystemIO
internal import Testing

@Suite("UDP port")
struct UDPPortTests {
    @Test("is not free while somebody has it", arguments: [AF_INET, AF_INET6])
    func taken(family: Int32) throws {
        let socket = Descriptor(adopting: Glibc.socket(family, Int32(SOCK_DGRAM.rawValue), 0))
        try #require(socket.rawValue >= 0)
        let port = try bindToAny(socket, family: family)
        #expect(!UDPPort.isFree(port))
        _ = consume socket
    }

    @Test("is free where nobody has it")
    func free() {
        // Other programs have some of them.
        #expect((20_000..<20_100).contains { UDPPort.isFree($0) })
    }
}

private func bindToAny(_ socket: borrowing Descriptor, family: Int32) throws -> UInt16 {
    // Both address structures begin with the family and the port.
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(family)
    var length = socklen_t(family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
    let descriptor = socket.rawValue
    let result = unsafe withUnsafeMutablePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            guard unsafe bind(descriptor, address, length) == 0 else { return Int32(-1) }
            return unsafe getsockname(descriptor, address, &length)
        }
    }
    try #require(result == 0)
    return UInt16(bigEndian: address.sin6_port)
}
