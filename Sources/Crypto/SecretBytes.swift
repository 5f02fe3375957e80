internal import CSodium

/// Bytes that must not leave this process: locked, guarded, wiped when the value dies.
///
/// The memory comes from `sodium_malloc`: it lies between guard pages, is excluded from core dumps, and is kept out of
/// swap where `RLIMIT_MEMLOCK` allows it. The type is noncopyable, so it cannot be printed, interpolated, compared with
/// `==` or put into an array; the bytes are only ever lent to a closure.
@safe
package struct SecretBytes: ~Copyable, @unchecked Sendable {
    /// The number of bytes.
    package let count: Int
    private let base: UnsafeMutableRawPointer

    /// Makes `count` zero bytes.
    ///
    /// - Parameter count: Zero or more. Running out of memory ends the process, as everywhere in Swift.
    package init(count: Int) {
        unsafe base = SecretMemory.take(count)
        self.count = count
    }

    /// Makes `count` bytes from the kernel's random generator (`randombytes_buf`).
    package static func random(count: Int) -> SecretBytes {
        let secret = SecretBytes(count: count)
        unsafe randombytes_buf(secret.base, count)
        return secret
    }

    /// Copies bytes that somebody else owns and wipes.
    package init(copying bytes: Span<UInt8>) {
        self.init(count: bytes.count)
        withMutableBytes { target in
            for index in bytes.indices { target[index] = bytes[index] }
        }
    }

    deinit { unsafe SecretMemory.giveBack(base, count) }

    /// Lends the bytes for reading.
    package borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: base, count: count).bindMemory(to: UInt8.self)
        return try unsafe body(buffer.span)
    }

    /// Lends the bytes for writing.
    package mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeMutableRawBufferPointer(start: base, count: count).bindMemory(to: UInt8.self)
        var span = unsafe buffer.mutableSpan
        return try body(&span)
    }

    /// Lends the address, for a C function that reads.
    borrowing func withPointer<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafePointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafePointer(base.assumingMemoryBound(to: UInt8.self)))
    }

    /// Lends the address, for a C function that writes.
    mutating func withMutablePointer<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeMutablePointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(base.assumingMemoryBound(to: UInt8.self))
    }

    /// Tells whether two secrets hold the same bytes, in a time that depends on their length alone (`sodium_memcmp`).
    package static func constantTimeEqual(_ left: borrowing SecretBytes, _ right: borrowing SecretBytes) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe sodium_memcmp(left.base, right.base, left.count) == 0
    }
}

/// The library's one-time initialisation.
enum Sodium {
    private static let initialized: Void = {
        // -1 means that there is no source of random bytes; nothing in this package can work then.
        guard sodium_init() >= 0 else { fatalError("libsodium cannot initialise: no random source") }
    }()

    /// Must come before any other call; cheap when repeated (`sodium_init`).
    static func initialize() { initialized }
}
