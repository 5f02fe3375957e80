internal import CLinux
package import Crypto
internal import Glibc

/// A copy of this process that can compute and answer, and nothing else: no file, no network, no privilege.
///
/// What reads the work of strangers belongs there: whatever they make of it, they are not root, and what ends it does not
/// end this process.
package struct ConfinedChild: ~Copyable, Sendable {
    private let process: Int32
    private let channel: MessageChannel

    /// Makes a child which runs `serve`, and ends when that returns, when this value dies, or with this process.
    ///
    /// It is nobody where this process is root, cannot get new privileges, is limited to ten seconds of processor time,
    /// has no descriptor but `/dev/null` and the channel, and, where the kernel filters system calls (`seccomp`), may make
    /// none that opens one or reaches another process; elsewhere it has no network. After ``ProcessHardening/apply()`` a
    /// crash ends it; the runtime's own handling of one would need what is filtered, and run for ever.
    ///
    /// - Parameter serve: Answers what comes over the channel. It finds the memory of this process as it is now.
    /// - Returns: What asks the child.
    /// - Throws: `EBUSY` unless this process has one thread, as a copy has no other, and waits for ever for what they
    ///   were about to release.
    package static func fork(_ serve: (borrowing MessageChannel) throws -> Void) throws(SystemError) -> ConfinedChild {
        var channel: Int32 = -1
        let process = unsafe clinux_fork_confined(&channel)
        guard process >= 0 else { throw .call("fork", path: nil, errno: -process) }
        let end = MessageChannel(Descriptor(adopting: channel))
        guard process == 0 else { return ConfinedChild(process: process, channel: end) }
        do { try serve(end) } catch { _exit(EXIT_FAILURE) }
        _exit(EXIT_SUCCESS)
    }

    deinit {
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }

    /// Sends a message and waits for the answer.
    ///
    /// - Parameters:
    ///   - message: At most ``MessageChannel/maximumByteCount`` bytes.
    ///   - maximumByteCount: The longest answer that is taken.
    /// - Returns: The answer.
    /// - Throws: `.endOfInput` if the child has ended; `.tooLarge`.
    package borrowing func ask(
        _ message: Span<UInt8>,
        maximumByteCount: Int
    ) throws(SystemError) -> SecretBytes {
        do throws(SystemError) {
            try channel.send(message)
            return try channel.receive(maximumByteCount: maximumByteCount)
        } catch .call(_, path: _, errno: EPIPE), .call(_, path: _, errno: ECONNRESET) {
            throw .endOfInput(path: MessageChannel.name)
        } catch {
            throw error
        }
    }
}

/// One end of a stream of messages, each a length of four bytes, big-endian, and as many bytes.
package struct MessageChannel: ~Copyable, Sendable {
    private let descriptor: Descriptor
    fileprivate static let name = "confined child"
    private static let lengthByteCount = 4

    fileprivate init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Sends one message.
    ///
    /// - Parameter message: Fewer than 2³² bytes.
    /// - Throws: `EPIPE` if the other end is closed.
    package borrowing func send(_ message: Span<UInt8>) throws(SystemError) {
        let length = UInt32(message.count)
        let bytes = (0..<Self.lengthByteCount).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) }
        try descriptor.writeAll(bytes.span, path: Self.name)
        try descriptor.writeAll(message, path: Self.name)
    }

    /// Waits for one message.
    ///
    /// - Parameter maximumByteCount: The longest message that is taken.
    /// - Returns: The message.
    /// - Throws: `.endOfInput` if the other end closes first; `.tooLarge`, without reading on.
    package borrowing func receive(maximumByteCount: Int) throws(SystemError) -> SecretBytes {
        let length = try read(Self.lengthByteCount).withBytes { bytes in
            bytes.indices.reduce(0) { $0 << 8 | Int(bytes[$1]) }
        }
        guard length <= maximumByteCount else { throw .tooLarge(path: Self.name, limit: maximumByteCount) }
        return try read(length)
    }

    private borrowing func read(_ count: Int) throws(SystemError) -> SecretBytes {
        var bytes = SecretBytes(count: count)
        let read = try bytes.withMutableBytes { (bytes) throws(SystemError) in
            try descriptor.readAll(into: &bytes, path: Self.name)
        }
        guard read == count else { throw .endOfInput(path: Self.name) }
        return bytes
    }
}
