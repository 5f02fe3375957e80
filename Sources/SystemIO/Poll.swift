internal import Glibc

/// Waiting for descriptors (`poll(2)`).
package enum Poll {
    /// Waits until one of the descriptors is ready, failed or closed, and keeps its thread.
    ///
    /// - Parameters:
    ///   - descriptors: Each with what it is to be ready for (`POLLIN` …).
    ///   - timeout: `nil` waits for ever.
    ///   - path: What to name in an error.
    /// - Returns: The index of the first one that is ready; `nil` after the timeout.
    /// - Throws: What `poll(2)` reports.
    package static func wait(
        for descriptors: [(descriptor: Int32, events: Int32)],
        timeout: Duration?,
        path: String?
    ) throws(SystemError) -> Int? {
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now + $0 }
        var entries = descriptors.map { pollfd(fd: $0.descriptor, events: Int16($0.events), revents: 0) }
        while true {
            let milliseconds = deadline.map { Self.milliseconds(clock.now.duration(to: $0)) } ?? -1
            let count = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
            if count > 0 { return entries.firstIndex { $0.revents != 0 } }
            // A timeout longer than poll(2) can count ends early, and goes on here.
            if count == 0, let deadline, clock.now >= deadline { return nil }
            guard count == 0 || errno == EINTR else { throw .failed("poll", path) }
        }
    }

    /// Rounded up, so that a short wait does not become a busy one; within what `poll(2)` takes.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 86_400 else { return 86_400_000 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
