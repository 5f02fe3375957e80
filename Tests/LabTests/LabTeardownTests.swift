import Foundation
import Testing

@Suite("Teardown of a lab", .timeLimit(.minutes(1)))
struct LabTeardownTests {
    @Test("comes even where a test was cancelled because its time was over")
    func cancelled() async throws {
        let lab = try await Lab.up(hosts: ["A"], withDocker: false)
        let words = try String(contentsOfFile: "\(lab.directory)/A/init", encoding: .utf8).split(separator: " ")
        let pid = try #require(words.first.flatMap { pid_t($0) })
        #expect(kill(pid, 0) == 0)
        let test = Task {
            try? await Task.sleep(for: .seconds(60))
            try await lab.down()
        }
        test.cancel()
        try await test.value
        #expect(kill(pid, 0) == -1)
        #expect(!FileManager.default.fileExists(atPath: lab.directory))
    }
}
