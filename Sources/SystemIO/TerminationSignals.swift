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
}

extension TerminationSignal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .interrupt: "INT"
        case .terminate: "TERM"
        case .hangup: "HUP"
        }
    }
}

/// The signals INT, TERM and HUP, read as events instead of ending the process (`signalfd(2)`).
package struct TerminationSignals: ~Copyable, Sendable {
    private let descriptor: Descriptor

    private init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Keeps the signals from ending the process from now on.
    ///
    /// The first thing in `main`: every thread inherits the mask from the one that makes it, and a single thread without
    /// it would still let the signal end the process.
    package static func block() {
        var signals = set
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Lets the signals end the process again, also those that came since ``block()``.
    package static func unblock() {
        var signals = set
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Begins to read the signals, and those that came since ``block()``.
    package static func watch() throws(SystemError) -> TerminationSignals {
        var signals = set
        let result = unsafe clinux_signal_descriptor(&signals)
        guard result >= 0 else { throw .call("signalfd", path: nil, errno: -result) }
        return TerminationSignals(Descriptor(adopting: result))
    }

    /// Waits for the next signal.
    ///
    /// No timeout waits for ever; zero only looks.
    ///
    /// - Returns: `nil` after the timeout.
    package borrowing func wait(for timeout: Duration?) throws(SystemError) -> TerminationSignal? {
        while try Poll.wait(for: [(rawDescriptor, POLLIN)], timeout: timeout, path: nil) != nil {
            let result = clinux_read_signal(rawDescriptor)
            // Another thread may have taken the signal between the two calls.
            if result == -EAGAIN || result == -EINTR { continue }
            guard result >= 0 else { throw .call("read", path: nil, errno: -result) }
            if let signal = TerminationSignal(rawValue: result) { return signal }
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

    private static var set: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, signal) }
        return signals
    }
}

/// Shares a value that cannot be copied with the thread that reads it.
private final class Holder: Sendable {
    let signals: TerminationSignals

    init(_ signals: consuming TerminationSignals) { self.signals = signals }
}
