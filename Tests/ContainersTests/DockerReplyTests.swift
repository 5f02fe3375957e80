internal import Processes
internal import Testing
internal import WireGuard

@testable internal import Containers

@Suite("Docker reply")
struct DockerReplyTests {
    @Test("lists identifiers")
    func ids() throws {
        #expect(DockerReply.ids("") == [])
        #expect(DockerReply.ids("\(id)\n") == [try containerID()])
    }

    @Test(
        "lists nothing else",
        arguments: ["x", String(id.dropLast()), id + "0", id.uppercased(), "WARNING: x\n" + id, id + " nginx"]
    )
    func notIDs(text: String) {
        #expect(DockerReply.ids(text) == nil)
    }

    @Test("shows a running container of ours")
    func running() throws {
        let container = try #require(
            DockerReply.container(try containerID(), "true 4711 0 \"wg-tunnel\" \"server\"\n")
        )
        #expect(container.pid == 4711)
        #expect(container.interface == InterfaceName("wg-tunnel"))
        #expect(container.role == "server")
    }

    @Test("shows a container that ended")
    func ended() throws {
        let container = try #require(DockerReply.container(try containerID(), "false 0 137 \"wg0\" \"client\"\n"))
        #expect(container.pid == nil)
        #expect(container.exitCode == 137)
    }

    @Test(
        "takes no container for ours by half a label, or by one that tries to look like two",
        arguments: [
            "\"\" \"\"", "\"\" \"server\"", "\"WG\" \"server\"", "\"wg0 \\\"\" \"server\"", "\"wg0\" \"a\" \"b\"",
            "\"wg0\" \"ser\\\"ver\" x", "\"../x\" \"server\"", "wg0 server",
        ]
    )
    func foreign(labels: String) throws {
        let container = try #require(DockerReply.container(try containerID(), "true 5 0 \(labels)\n"))
        #expect(container.interface == nil)
        #expect(container.role == nil)
    }

    @Test(
        "shows nothing else",
        arguments: [
            "", "\n", "true", "true 5", "true 5 0", "yes 5 0 \"a\" \"b\"", "true 0 0 \"a\" \"b\"",
            "true -5 0 \"a\" \"b\"", "true 99999999999 0 \"a\" \"b\"", "true 5 x \"a\" \"b\"",
            "true 5 0 \"a\" \"b\"\ntrue 5 0 \"a\" \"b\"",
        ]
    )
    func notContainer(text: String) throws {
        #expect(DockerReply.container(try containerID(), text) == nil)
    }

    @Test(
        "tells why a container was not started",
        arguments: [
            (
                "docker: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n\nRun 'docker run --help' for more information\n",
                .daemonNotRunning(
                    .docker,
                    reason: "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?"
                )
            ),
            (
                "permission denied while trying to connect to the Docker daemon socket at unix:///x\n",
                .permissionDenied(
                    .docker,
                    reason: "permission denied while trying to connect to the Docker daemon socket at unix:///x"
                )
            ),
            (
                "docker: Error response from daemon: Conflict. The container name \"/wgseal-server\" is already in use by container \"abc\".\n",
                .nameInUse(wgsealServer)
            ),
            (
                "docker: Error response from daemon: driver failed programming external connectivity on endpoint: Bind for 10.0.0.1:8080 failed: port is already allocated\n",
                .portInUse(
                    wgsealServer,
                    reason:
                        "driver failed programming external connectivity on endpoint: Bind for 10.0.0.1:8080 failed: port is already allocated"
                )
            ),
            (
                "Unable to find image 'nginx:latest' locally\ndocker: Error response from daemon: pull access denied for nginx, repository does not exist\n",
                .imageUnavailable("nginx", reason: "pull access denied for nginx, repository does not exist")
            ),
            (
                "Unable to find image 'nginx:latest' locally\ndocker: Error response from daemon: Get \"http://127.0.0.1:1/v2/\": connection refused\n",
                .imageUnavailable("nginx", reason: "Get \"http://127.0.0.1:1/v2/\": connection refused")
            ),
            (
                "Unable to find image 'nginx:latest' locally\nStatus: Downloaded newer image for nginx:latest\ndocker: Error response from daemon: no space left on device\n",
                .refused(.docker, reason: "no space left on device")
            ),
            (
                "docker: invalid reference format\n\nRun 'docker run --help' for more information\n",
                .imageUnavailable("nginx", reason: "invalid reference format")
            ),
            ("docker: something\u{1b}[31m new\n", .refused(.docker, reason: "something?[31m new")),
            ("", .refused(.docker, reason: "exit status 125")),
        ] as [(String, ContainerError)]
    )
    func failure(text: String, expected: ContainerError) throws {
        #expect(DockerReply.startFailure(.docker, try serverSpec(), failed(text)) == expected)
    }
}

private let wgsealServer: Name = {
    guard let name = Name("wgseal-server") else { fatalError("this is a name") }
    return name
}()
