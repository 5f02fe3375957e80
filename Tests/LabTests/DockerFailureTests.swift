import Foundation
import TestSupport
import Testing

/// What ``FailureTests`` does to the host's own effects, done by a Docker daemon.
@Suite("Failure with Docker", .serialized, .timeLimit(.minutes(2)), .lab("A", "B", withDocker: true))
struct DockerFailureTests {
    @Test("of the engine to start another container gives the old one back")
    func engine() async throws {
        let lab = try lab()
        let subject = try await lab.subjects([])[0]
        let server = try lab.start("A", subject.command)
        try await server.waitForOutput("is up")
        let refused = try await lab.run("A", subject.command + ["--engine-arg", "--memory=1"])
        #expect(refused.status == 69)
        #expect(refused.error.hasPrefix("wgup: error: docker create: "), "\(refused.error)")
        try await server.waitForOutput("the other wgup did not take over wg-tunnel; going on")
        try await lab.expectPlanIsEmpty(subject, "docker refused")
        try await server.interrupt()
        try await lab.expectUnchanged(subject, "after a refusal")
    }
}
