import Processes
import Testing
import WireGuard

@testable import Containers

@Suite("Container errors")
struct ContainerErrorTests {
    @Test("are one line that names what it is about")
    func texts() throws {
        let name = try name("wgseal-server")
        let texts: [(ContainerError, String)] = [
            (.unavailable(engine: "docker", .notInstalled), "docker: is not installed"),
            (.unavailable(engine: "docker", .notRunning), "docker: its daemon is not running"),
            (.unavailable(engine: "docker", .other("no such context")), "docker: no such context"),
            (.imageUnavailable(try image("app"), reason: "denied"), "image app is not to be had: denied"),
            (.foreign(name), "container wgseal-server exists, and was not made by wgup"),
            (.inUse(name, interface: try owner().interface), "container wgseal-server serves wg-tunnel"),
            (.ended(name, status: 1, lastLine: "boom"), "container wgseal-server ended with status 1: boom"),
            (.ended(name, status: 1, lastLine: nil), "container wgseal-server ended with status 1, and wrote nothing"),
            (.refused(engine: "docker", verb: "start", reason: "port taken"), "docker start: port taken"),
            (.noProgram("a\nb"), "no program 'a?b'"),
        ]
        for (error, text) in texts { #expect("\(error)" == text) }
    }
}
