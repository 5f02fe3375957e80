internal import Glibc
internal import SystemIO
internal import Testing

/// Each test is a process of its own, because a signal that is not blocked would end them all.
@Suite("Termination signals")
struct TerminationSignalsTests {
    @Test(
        "arrive as events, those sent before watching too",
        arguments: [TerminationSignal.interrupt, .terminate, .hangup]
    )
    func event(signal: TerminationSignal) async {
        await #expect(processExitsWith: .success) { [number = signal.rawValue as Int32] in
            unblockSignals()
            TerminationSignals.block()
            raise(number)
            let signals = try TerminationSignals.watch()
            #expect(try signals.wait(for: nil)?.rawValue == number)
        }
    }

    @Test("arrive one after the other")
    func second() async {
        await #expect(processExitsWith: .success) {
            unblockSignals()
            TerminationSignals.block()
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

    @Test("are blocked in threads made later as well", .enabled(if: User.isRoot, "needs root to enter a namespace"))
    func threads() async {
        await #expect(processExitsWith: .success) {
            unblockSignals()
            TerminationSignals.block()
            let blocked = try NetworkNamespace.current().run { () -> [Bool] in
                var mask = sigset_t()
                unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
                return [SIGINT, SIGTERM, SIGHUP, SIGUSR1].map { unsafe sigismember(&mask, $0) == 1 }
            }.get()
            #expect(blocked == [true, true, true, false])
        }
    }
}
