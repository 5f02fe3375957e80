internal import CLinux
internal import Glibc

/// A handle on one process, ours or not; it never comes to stand for a later process of the same number (`pidfd`).
package struct ProcessHandle: ~Copyable, Sendable {
    private let descriptor: Descriptor

    private init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Opens a handle on the process that has this number now.
    ///
    /// - Returns: `nil` if there is no such process.
    package static func open(_ id: Int32) throws(SystemError) -> ProcessHandle? {
        let result = clinux_open_process(id)
        // EINVAL is what a number gets that no process can have, or that is a thread's.
        if result == -ESRCH || result == -EINVAL { return nil }
        guard result >= 0 else { throw .call("pidfd_open", path: nil, errno: -result) }
        return ProcessHandle(Descriptor(adopting: result))
    }

    /// The descriptor, readable once the process has ended; for `poll(2)`.
    package var rawDescriptor: Int32 { descriptor.rawValue }

    /// Sends a signal by its number; a process that is gone is no error.
    package borrowing func send(_ signal: Int32) throws(SystemError) {
        let error = clinux_signal_process(descriptor.rawValue, signal)
        guard error == 0 || error == ESRCH else { throw .call("pidfd_send_signal", path: nil, errno: error) }
    }

    /// Waits until the process has ended, whether or not its parent has taken notice; no timeout waits for ever.
    ///
    /// - Returns: Whether it has ended.
    package borrowing func waitForExit(timeout: Duration?) throws(SystemError) -> Bool {
        try Poll.wait(for: [(descriptor.rawValue, POLLIN)], timeout: timeout, path: nil) != nil
    }
}
