import Foundation
import TestSupport
import Testing

/// As ``CrashTests``, but for what goes to the kernel alone: where each command takes a second, for the rest of them
/// the kernel that carries the packets makes no difference.
@Suite("Crash beside the kernel", .serialized, .timeLimit(.minutes(6)), .lab("A", "B"))
struct KernelCrashTests {
    @Test("before and after each message of a bring-up: down removes all, or the next run goes on")
    func bringUp() async throws {
        try await lab().killAtEachEffect(try await lab().subjects(["--engine", "process"])[0], of: "netlink")
    }
}
