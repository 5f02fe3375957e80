internal import Glibc

@testable import Netlink

/// A kernel that answers with given datagrams.
///
/// Only one thread uses it.
@safe
final class ReplayTransport: NetlinkTransport, @unchecked Sendable {
    static let port: UInt32 = 0x0102_0304

    /// Datagrams that are still to be received.
    var queue: ArraySlice<[UInt8]>
    /// Whether each message gets the sequence and port numbers that the session expects.
    ///
    /// The fuzzer would not often guess them, and must be able to get past the check as well as to run into it.
    let stampsReplies: Bool
    /// The number of the request that is answered.
    private(set) var sequence: UInt32 = 0
    /// Whether the queue answers that request even when the next one was sent.
    var isLate = false
    // Where the longest datagram was put.
    private var place = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init(_ datagrams: [[UInt8]], stampsReplies: Bool) {
        queue = datagrams[...]
        self.stampsReplies = stampsReplies
    }

    var portID: UInt32 { Self.port }

    func send(_ datagram: Span<UInt8>) {
        if !isLate { sequence = datagram.uint32(at: 8) }
    }

    func receive(into buffer: inout MutableSpan<UInt8>, for request: String) throws(NetlinkError) -> Int {
        guard var datagram = queue.popFirst() else { throw .timedOut(request: request) }
        guard datagram.count <= buffer.count else { throw .truncatedReply(byteCount: datagram.count) }
        if stampsReplies { datagram.stamp(sequence: sequence, port: Self.port) }
        let count = datagram.count
        // SAFETY: the buffer lives as long as the session, which outlives each use of `isWiped`.
        unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe bytes.copyBytes(from: datagram)
            if unsafe count > place.count { unsafe place = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]) }
        }
        return count
    }

    /// Whether nothing is left where the datagrams were put.
    var isWiped: Bool {
        guard let start = unsafe place.baseAddress else { return true }
        // All bytes are zero if the first is, and each is as the one before.
        return unsafe place[0] == 0 && memcmp(start, start + 1, place.count - 1) == 0
    }
}

extension [UInt8] {
    /// Puts numbers into the header of each message of a datagram, as far as the lengths make sense.
    mutating func stamp(sequence: UInt32? = nil, port: UInt32) {
        var offset = 0
        while count - offset >= 16 {
            if let sequence { put(sequence, at: offset + 8) }
            put(port, at: offset + 12)
            let length = Int(span.uint32(at: offset))
            guard length >= 16 else { return }
            offset += (length + 3) & ~3
        }
    }

    private mutating func put(_ number: UInt32, at offset: Int) {
        for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt32(index))) }
    }
}
