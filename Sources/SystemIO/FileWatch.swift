internal import Glibc

/// Notices when files of some directories are written, replaced, made or removed (inotify(7)).
package struct FileWatch: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private let isRelevant: @Sendable (String) -> Bool

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - directories: Their paths, which have to be there.
    ///   - isRelevant: Whether a file of this name counts, in whichever of the directories.
    /// - Returns: What notices from now on.
    /// - Throws: `.missing`, or what `inotify` reports, such as `ENOSPC` where this user watches too much already.
    package static func open(
        _ directories: [String],
        _ isRelevant: @escaping @Sendable (String) -> Bool
    ) throws(SystemError) -> FileWatch {
        let flags = Int32(IN_CLOEXEC | IN_NONBLOCK)
        let descriptor = try Descriptor.adopting(inotify_init1(flags), "inotify_init", nil)
        // A file that was written without a name is complete when it gets one, and nothing follows.
        let made = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO
        let events = UInt32(made | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
        for path in directories {
            guard unsafe inotify_add_watch(descriptor.rawValue, path, events | UInt32(IN_ONLYDIR)) >= 0 else {
                throw .failed("inotify_add_watch", path)
            }
        }
        return FileWatch(descriptor: descriptor, isRelevant: isRelevant)
    }

    /// The descriptor, readable when something was noticed; for `poll(2)`.
    package var rawDescriptor: Int32 { descriptor.rawValue }

    /// Takes all that was noticed so far.
    ///
    /// - Returns: Whether any of it counts; so does what was lost, and the end of a directory.
    package borrowing func takeChanges() -> Bool {
        var isChanged = false
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe read(descriptor.rawValue, bytes.baseAddress, bytes.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return isChanged }
            if containsRelevant(buffer.span.extracting(first: count)) { isChanged = true }
        }
    }

    // `inotify_event`: watch, mask, cookie and the length of the name that follows, padded with NUL, four bytes each.
    private borrowing func containsRelevant(_ events: Span<UInt8>) -> Bool {
        let headerByteCount = 16
        var offset = 0
        while offset + headerByteCount <= events.count {
            let length = (12..<headerByteCount).reversed().reduce(0) { $0 << 8 | Int(events[offset + $1]) }
            let start = offset + headerByteCount
            guard length <= events.count - start else { return true }
            let name = (start..<start + length).map { events[$0] }.prefix { $0 != 0 }
            // Without a name it is about the directory itself, or about more than the kernel could hold.
            if name.isEmpty || isRelevant(String(decoding: name, as: UTF8.self)) { return true }
            offset = start + length
        }
        return false
    }
}
