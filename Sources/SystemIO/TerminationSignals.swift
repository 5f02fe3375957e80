internal import CLinux
internal import Glibc

/// A signal by which somebody asks this process to end.
package enum TerminationSignal: Int32, Sendable {
    /// INT, as ^C sends it.
    case interrupt = 2
    /// TERM.
    case terminate = 15
    /// HUP: the terminal went away.
    case hangup = 1
    /// USR1: another process of this program asks for what this one holds, as it is.
    case handOver = 10
}

extension TerminationSignal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .interrupt: "INT"
        case .terminate: "TERM"
        case .hangup: "HUP"
        case .handOver: "USR1"
        }
    }
}

/// The signals INT, TERM, HUP and USR1, read as events instead of ending the process.
///
/// They are caught by a handler, and not blocked for a `signalfd(2)`: a signal goes to whichever thread lets it through,
/// and the main thread of an asynchronous program sleeps in `sigsuspend(2)` with nothing blocked.
package struct TerminationSignals: ~Copyable, Sendable {
    private let descriptor: Descriptor

    private init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Begins to catch the signals.
    ///
    /// Until then they end the process. Programs that it starts are not affected.
    package static func watch() throws(SystemError) -> TerminationSignals {
        let result = clinux_catch_termination_signals()
        guard result >= 0 else { throw .call("sigaction", path: nil, errno: -result) }
        return TerminationSignals(Descriptor(adopting: result))
    }

    /// Waits for the next signal.
    ///
    /// No timeout waits for ever; zero only looks.
    ///
    /// - Returns: `nil` after the timeout.
    package borrowing func wait(for timeout: Duration?) throws(SystemError) -> TerminationSignal? {
        while try Poll.wait(for: [(rawDescriptor, POLLIN)], timeout: timeout, path: nil) != nil {
            var number: UInt8 = 0
            let count = unsafe read(rawDescriptor, &number, 1)
            // Another thread may have taken the signal between the two calls.
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count == 1 else { throw .failed("read", nil) }
            if let signal = TerminationSignal(rawValue: Int32(number)) { return signal }
        }
        return nil
    }

    /// The signals as they come.
    ///
    /// A thread of its own waits for them until the process ends, so that nothing has to look for them now and then.
    ///
    /// - Throws: What `pthread_create` reports.
    package consuming func stream() throws(SystemError) -> AsyncStream<TerminationSignal> {
        let (stream, continuation) = AsyncStream.makeStream(of: TerminationSignal.self)
        let holder = Holder(self)
        try FreshThread.detach {
            while let signal = try? holder.signals.wait(for: nil) { continuation.yield(signal) }
            continuation.finish()
        }
        return stream
    }

    /// The descriptor, readable when a signal waits; for `poll(2)` together with others.
    package var rawDescriptor: Int32 { descriptor.rawValue }
}

/// Shares a value that cannot be copied with the thread that reads it.
private final class Holder: Sendable {
    let signals: TerminationSignals

    init(_ signals: consuming TerminationSignals) { self.signals = signals }
}
