import Synchronization

@testable import Netlink

/// Keeps what is sent, and replays what a kernel said.
final class RecordingTransport: NetlinkTransport {
    static let port: UInt32 = 0x0102_0304

    private struct Tape: Sendable {
        var sent: [[UInt8]] = []
        var replies: [[UInt8]]
        var longest = 0..<0 as Range<UInt>
    }

    private let tape: Mutex<Tape>
    private let repeated: [UInt8]?

    /// - Parameters:
    ///   - replies: One datagram each.
    ///   - repeated: What follows them for ever; `nil` for nothing.
    init(replies: [[UInt8]] = [], thenForEver repeated: [UInt8]? = nil) {
        tape = Mutex(Tape(replies: replies))
        self.repeated = repeated
    }

    var sent: [[UInt8]] { tape.withLock(\.sent) }
    var portID: UInt32 { Self.port }

    /// What is now where the longest datagram was put.
    ///
    /// The session that lent the memory must still be there.
    var memory: [UInt8] {
        let place = tape.withLock(\.longest)
        let start = unsafe UnsafeRawPointer(bitPattern: place.lowerBound)
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: place.count))
    }

    func send(_ datagram: Span<UInt8>) throws(NetlinkError) {
        let bytes = datagram.indices.map { datagram[$0] }
        tape.withLock { $0.sent.append(bytes) }
    }

    func receive(into buffer: inout MutableSpan<UInt8>, for request: String) throws(NetlinkError) -> Int {
        let next = tape.withLock { $0.replies.isEmpty ? repeated : $0.replies.removeFirst() }
        guard let next else { throw .timedOut(request: request) }
        let start = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe bytes.copyBytes(from: next)
            return UInt(bitPattern: bytes.baseAddress)
        }
        tape.withLock { if next.count > $0.longest.count { $0.longest = start..<start + UInt(next.count) } }
        return next.count
    }
}

extension RouteNetlink {
    /// Speaks to a recorder.
    init(_ transport: RecordingTransport) { self.init(session: NetlinkSession(transport: transport)) }
}
