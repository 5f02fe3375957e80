internal import Testing
internal import WireGuard

@testable internal import Containers

@Suite("Docker arguments")
struct DockerArgumentsTests {
    @Test("start the default server")
    func server() throws {
        #expect(
            DockerArguments.run(try serverSpec()) == [
                "container", "run", "--detach", "--pull", "missing", "--name", "wgseal-server",
                "--label", "org.wgseal.interface=wg-tunnel", "--label", "org.wgseal.role=server", "--", "nginx",
            ]
        )
    }

    @Test("start the default client, which stays until it is killed")
    func client() throws {
        #expect(
            DockerArguments.run(try clientSpec()) == [
                "container", "run", "--detach", "--pull", "missing", "--name", "wgseal-client",
                "--label", "org.wgseal.interface=wg-tunnel", "--label", "org.wgseal.role=client",
                "--stop-signal", "KILL", "--entrypoint", "sleep", "--", "curlimages/curl", "infinity",
            ]
        )
    }

    @Test(
        "publish a port on one address, and no other",
        arguments: [("10.0.0.1", "10.0.0.1:8080:80/tcp"), ("fd00::1", "[fd00::1]:8080:80/tcp")]
    )
    func publish(address: String, expected: String) throws {
        var spec = try serverSpec()
        spec.publications = [.init(address: try #require(IPAddress(address)), hostPort: 8080, containerPort: 80)]
        let arguments = DockerArguments.run(spec)
        let index = try #require(arguments.firstIndex(of: "--publish"))
        #expect(arguments[index + 1] == expected)
    }

    @Test("keep the operator's arguments before the image, and the image from being one")
    func order() throws {
        var spec = try serverSpec()
        spec.image = "--privileged"
        spec.engineArguments = ["--memory", "64m"]
        spec.command = ["--", "-x"]
        #expect(DockerArguments.run(spec).suffix(6) == ["--memory", "64m", "--", "--privileged", "--", "-x"])
    }

    @Test("name the container exactly")
    func list() throws {
        #expect(
            DockerArguments.list(try #require(Name("a-b"))) == [
                "container", "ls", "--all", "--quiet", "--no-trunc", "--filter", "name=^/?a-b$",
            ]
        )
    }

    @Test("stop and remove by identifier")
    func remove() throws {
        let id = try containerID()
        #expect(DockerArguments.stop(id, seconds: 5) == ["container", "stop", "-t", "5", "--", "\(id)"])
        #expect(DockerArguments.remove(id) == ["container", "rm", "--force", "--volumes", "--", "\(id)"])
    }
}
