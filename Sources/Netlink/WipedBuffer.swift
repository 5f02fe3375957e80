internal import Glibc

/// Memory for messages, zeroed when made and overwritten when the value dies: a message may carry a private key.
@safe
struct WipedBuffer: ~Copyable, @unchecked Sendable {
    let byteCount: Int
    /// The first byte, aligned for any netlink header.
    let base: UnsafeMutableRawPointer

    init(byteCount: Int) {
        self.byteCount = byteCount
        unsafe base = .allocate(byteCount: byteCount, alignment: MemoryLayout<UInt64>.alignment)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    }

    deinit {
        wipe()
        unsafe base.deallocate()
    }

    /// Overwrites every byte, in a way that the compiler does not leave out (`explicit_bzero`).
    borrowing func wipe() { unsafe explicit_bzero(base, byteCount) }

    /// Lends the first `count` bytes for reading.
    borrowing func withBytes<Result, Failure: Error>(
        _ count: Int,
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: base, count: min(max(0, count), byteCount))
        return try unsafe body(buffer.bindMemory(to: UInt8.self).span)
    }

    /// Lends all bytes for writing.
    mutating func withMutableBytes<Result, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: base, count: byteCount)
        var span = unsafe buffer.bindMemory(to: UInt8.self).mutableSpan
        return try body(&span)
    }
}
