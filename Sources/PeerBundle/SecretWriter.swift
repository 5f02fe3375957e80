internal import Crypto

/// Bytes that may hold secrets, written front to back into locked memory that grows.
struct SecretWriter: ~Copyable {
    private var storage = SecretBytes(count: 512)
    private(set) var count = 0

    /// Lends what was written.
    borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let count = count
        return try storage.withBytes { (bytes) throws(Failure) in try body(bytes.extracting(0..<count)) }
    }

    mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        let start = count
        storage.withMutableBytes { target in
            for index in bytes.indices { target[start + index] = bytes[index] }
        }
        count += bytes.count
    }

    mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    /// Overwrites bytes that were written before.
    mutating func replace(at offset: Int, with bytes: [UInt8]) {
        storage.withMutableBytes { target in
            for index in bytes.indices { target[offset + index] = bytes[index] }
        }
    }

    private mutating func reserve(_ additionalCount: Int) {
        guard count + additionalCount > storage.count else { return }
        var larger = SecretBytes(count: max(2 * storage.count, count + additionalCount))
        let count = count
        storage.withBytes { source in
            larger.withMutableBytes { target in
                for index in 0..<count { target[index] = source[index] }
            }
        }
        storage = larger
    }
}
