internal import CSodium

/// Bytes that may hold secrets, written front to back into locked memory that grows.
package struct SecretWriter: ~Copyable {
    private var storage: SecretBytes
    /// How many bytes were written.
    package private(set) var count = 0

    /// Starts with nothing written.
    ///
    /// - Parameter capacity: One or more bytes; more are found when they are needed, by copying.
    package init(capacity: Int = 512) { storage = SecretBytes(count: capacity) }

    /// Lends what was written.
    package borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let count = count
        return try storage.withBytes { (bytes) throws(Failure) in try body(bytes.extracting(0..<count)) }
    }

    /// Writes bytes behind those that were written before.
    package mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        let start = count
        storage.withMutableBytes { target in
            for index in bytes.indices { target[start + index] = bytes[index] }
        }
        count += bytes.count
    }

    /// Writes public bytes.
    package mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    /// Writes two lower-case hexadecimal digits for each byte (`sodium_bin2hex`, whose time does not depend on the bytes).
    package mutating func append(hexadecimal bytes: Span<UInt8>) {
        // The function ends its output with a NUL.
        let capacity = 2 * bytes.count + 1
        unsafe append(count: capacity) { target in
            unsafe bytes.withPointer { source in
                _ = unsafe target.withMemoryRebound(to: CChar.self, capacity: capacity) { output in
                    unsafe sodium_bin2hex(output, capacity, source, bytes.count)
                }
            }
        }
        count -= 1
    }

    /// Writes standard base64 (`sodium_bin2base64`, whose time does not depend on the bytes).
    package mutating func append(base64 bytes: Span<UInt8>) {
        // The function ends its output with a NUL, which is counted.
        let capacity = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
        unsafe append(count: capacity) { target in
            unsafe bytes.withPointer { source in
                _ = unsafe target.withMemoryRebound(to: CChar.self, capacity: capacity) { output in
                    unsafe sodium_bin2base64(output, capacity, source, bytes.count, sodium_base64_VARIANT_ORIGINAL)
                }
            }
        }
        count -= 1
    }

    /// Writes `count` bytes that `fill` makes where they are to be.
    mutating func append(count additionalCount: Int, filledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        reserve(additionalCount)
        let start = count
        unsafe storage.withMutablePointer { unsafe fill($0 + start) }
        count += additionalCount
    }

    /// Overwrites bytes that were written before.
    package mutating func replace(at offset: Int, with bytes: [UInt8]) {
        storage.withMutableBytes { target in
            for index in bytes.indices { target[offset + index] = bytes[index] }
        }
    }

    /// Starts again at the front; what was written is wiped when it is overwritten, or with the writer.
    package mutating func removeAll() { count = 0 }

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
