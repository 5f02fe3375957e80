internal import Testing
internal import WireGuard

@testable internal import Containers

@Suite("Container error")
struct ContainerErrorTests {
    @Test("is one line that names what it is about")
    func text() throws {
        let name = try #require(Name("web"))
        let texts: [(ContainerError, String)] = [
            (.notInstalled(.docker), "docker is not installed"),
            (.daemonNotRunning(.docker, reason: "r"), "the docker daemon is not running: r"),
            (.permissionDenied(.docker, reason: "r"), "no permission to use docker: r"),
            (.foreign(name), "container web exists, and was not made by this program"),
            (.nameInUse(name), "container web exists already"),
            (.imageUnavailable("a\nb", reason: "r"), "image a?b cannot be had: r"),
            (.portInUse(name, reason: "r"), "a port of container web is taken: r"),
            (.ended(name, exitCode: 1, lastLine: "l"), "container web ended with status 1: l"),
            (.ended(name, exitCode: 1, lastLine: nil), "container web ended with status 1"),
            (.refused(.docker, reason: "r"), "docker: r"),
            (.unintelligible(.docker), "docker gave an answer that is not understood"),
        ]
        for (error, text) in texts { #expect(error.description == text) }
    }
}
