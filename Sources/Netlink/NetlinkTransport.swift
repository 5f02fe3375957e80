/// What carries datagrams to the kernel and back: a socket, or a recorder in a test.
protocol NetlinkTransport: AnyObject, Sendable {
    /// The address that the kernel replies to.
    var portID: UInt32 { get }

    /// Hands over one datagram of one or more messages.
    func send(_ datagram: Span<UInt8>) throws(NetlinkError)

    /// Waits for one datagram from the kernel, which `request` needs, and writes it to the start of `buffer`.
    ///
    /// - Returns: The datagram's length in bytes, at most that of `buffer`.
    func receive(into buffer: inout MutableSpan<UInt8>, for request: String) throws(NetlinkError) -> Int
}
