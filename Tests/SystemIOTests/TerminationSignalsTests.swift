internal import Glibc
internal import SystemIO
internal import Testing

/// Each test is a process of its own, because a signal that is not caught would end them all.
@Suite("Termination signals")
struct TerminationSignalsTests {
    @Test(
        "arrive as events",
        arguments: [TerminationSignal.interrupt, .terminate, .hangup]
    )
    func event(signal: TerminationSignal) async {
        await #expect(processExitsWith: .success) { [number = signal.rawValue as Int32] in
            unblockSignals()
            let signals = try TerminationSignals.watch()
            raise(number)
            #expect(try signals.wait(for: nil)?.rawValue == number)
        }
    }

    @Test("arrive one after the other")
    func second() async {
        await #expect(processExitsWith: .success) {
            unblockSignals()
            let signals = try TerminationSignals.watch()
            #expect(try signals.wait(for: .zero) == nil)
            raise(SIGINT)
            #expect(try signals.wait(for: .zero) == .interrupt)
            raise(SIGINT)
            #expect(try signals.wait(for: .seconds(60)) == .interrupt)
            #expect(try signals.wait(for: .milliseconds(1)) == nil)
        }
    }

    @Test("would end the process otherwise")
    func unblocked() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            unblockSignals()
            raise(SIGTERM)
        }
    }

    @Test("arrive whichever thread they reach", .enabled(if: User.isRoot, "needs root to enter a namespace"))
    func threads() async {
        await #expect(processExitsWith: .success) {
            unblockSignals()
            let signals = try TerminationSignals.watch()
            try NetworkNamespace.current().run { _ = pthread_kill(pthread_self(), SIGTERM) }.get()
            #expect(try signals.wait(for: .zero) == .terminate)
        }
    }

    @Test("leave a HUP alone that nohup ignores")
    func nohup() async {
        await #expect(processExitsWith: .success) {
            unblockSignals()
            signal(SIGHUP, SIG_IGN)
            let signals = try TerminationSignals.watch()
            raise(SIGHUP)
            #expect(try signals.wait(for: .zero) == nil)
        }
    }
}
