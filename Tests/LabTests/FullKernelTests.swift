import TestSupport
import Testing

/// What takes the emulated machine too long for `make test`; `make kernel` runs it, on programs that are built for release.
@Suite("Kernel lab in full", .serialized, .timeLimit(.minutes(60)), .enabled(if: BuiltPrograms.areGiven))
struct FullKernelTests {
    @Test("sees nothing left of what was killed at any effect, and everything undone of which one failed")
    func effects() async throws {
        _ = try await Effects.compile()
        var report = ""
        for suite in ["LabTests/CrashTests", "LabTests/OtherCrashTests", "LabTests/FailureTests"] {
            report += try await KernelMachine.play(suite, witnesses: Effects.witnesses, isShown: true)
        }
        let crashes = report.matches(of: #/: (\d+) crash points/#).compactMap { Int($0.1) }
        let failures = report.matches(of: #/: (\d+) failures/#).compactMap { Int($0.1) }
        print("in all: \(crashes.reduce(0, +)) crash points, \(failures.reduce(0, +)) failures")
        #expect(crashes.reduce(0, +) >= 200)
        #expect(failures.reduce(0, +) >= 100)
    }

    @Test("has room for ten thousand peers, and wg sees the same")
    func manyPeers() async throws {
        let suite = "TunnelTests/ManyPeersTests"
        let result = try await KernelMachine.run(TestBundle.command(suite, on: ["kernel"]), isShown: true)
        try TestBundle.expectSuccess(result, of: suite, caseCount: 1)
    }
}
