internal import CSodium
internal import Synchronization

/// Locked memory, kept for the next secret when one dies.
///
/// `sodium_malloc` and `sodium_free` together are ten system calls, which cost as much as a signature. So a few blocks
/// that were wiped are kept, locked between their guard pages and out of reach until they are taken again.
enum SecretMemory {
    /// What fits into a block takes a whole one: every key, and the bundle of a few peers.
    private static let blockByteCount = 1024
    private static let maximumKeptCount = 16

    @safe
    private struct Block: @unchecked Sendable {
        let start: UnsafeMutableRawPointer
    }

    private static let kept = Mutex<[Block]>([])

    /// The address of `count` zero bytes, followed by a guard page.
    static func take(_ count: Int) -> UnsafeMutableRawPointer {
        if count <= blockByteCount, let block = kept.withLock({ $0.popLast() }) {
            unsafe sodium_mprotect_readwrite(block.start)
            return unsafe block.start + (blockByteCount - count)
        }
        // `sodium_malloc` aborts when it is called before `sodium_init`.
        Sodium.initialize()
        let byteCount = max(count, blockByteCount)
        guard let start = unsafe sodium_malloc(byteCount) else { fatalError("out of memory for \(count) secret bytes") }
        unsafe sodium_memzero(start, byteCount)
        return unsafe start + (byteCount - count)
    }

    /// Wipes what ``take(_:)`` gave, and keeps it out of reach or frees it.
    static func giveBack(_ base: UnsafeMutableRawPointer, _ count: Int) {
        guard count <= blockByteCount else { return unsafe sodium_free(base) }
        unsafe sodium_memzero(base, count)
        let block = unsafe Block(start: base - (blockByteCount - count))
        unsafe sodium_mprotect_noaccess(block.start)
        let isKept = kept.withLock { kept in
            guard kept.count < maximumKeptCount else { return false }
            kept.append(block)
            return true
        }
        if !isKept { unsafe sodium_free(block.start) }
    }
}
