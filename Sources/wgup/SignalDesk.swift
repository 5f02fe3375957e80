import Synchronization
import SystemIO

/// Gives each signal to whoever is responsible at that moment; one that comes in between waits for the next.
final class SignalDesk: Sendable {
    private struct State {
        var waiting: [TerminationSignal] = []
        var handler: (@Sendable (TerminationSignal) -> Void)?
    }

    private let state = Mutex(State())

    /// Takes the signals of this process from now on, until it ends.
    init(_ signals: AsyncStream<TerminationSignal>) {
        Task {
            for await signal in signals { take(signal) }
        }
    }

    /// Whether a signal waits that asks this process to end.
    var isAskedToEnd: Bool { state.withLock { $0.waiting.contains { $0 != .handOver } } }

    /// Makes somebody responsible, also for the signals that wait.
    func handle(with handler: @escaping @Sendable (TerminationSignal) -> Void) {
        let waiting = state.withLock { state in
            state.handler = handler
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach(handler)
    }

    /// Makes nobody responsible; signals that wait are forgotten.
    func close() { state.withLock { $0 = State() } }

    private func take(_ signal: TerminationSignal) {
        let handler = state.withLock { state in
            if state.handler == nil { state.waiting.append(signal) }
            return state.handler
        }
        handler?(signal)
    }
}
