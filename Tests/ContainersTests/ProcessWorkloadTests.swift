import Processes
import SystemIO
import TestSupport
import Testing
import WireGuard

@testable import Containers

@Suite("Workload that is a command")
struct ProcessWorkloadTests {
    @Test("enters its namespace by ip, which becomes the command")
    func namespace() throws {
        let command = try ProcessWorkload.command(["/opt/app", "--net", "x"], in: try name("wgseal-server"))
        #expect(command.executable == ExecutablePath.find("ip"))
        #expect(command.arguments == ["netns", "exec", "wgseal-server", "/opt/app", "--net", "x"])
    }

    @Test("runs as it is on the host, its program found where root put it")
    func host() throws {
        let command = try ProcessWorkload.command(["sleep", "infinity"], in: nil)
        #expect(command.executable == ExecutablePath.find("sleep"))
        #expect(command.arguments == ["infinity"])
    }

    @Test("needs a program that there is", arguments: ["wgseal-no-such-program", "", "bin/sh", "../bin/sh"])
    func noProgram(program: String) throws {
        #expect(throws: ContainerError.noProgram(program)) { try ProcessWorkload.command([program], in: nil) }
    }

    @Test("needs words")
    func noWords() { #expect(throws: ContainerError.noCommand) { try ProcessWorkload.command([], in: nil) } }
}

@Suite("Configuration of nginx")
struct NginxConfigurationTests {
    @Test("listens where it is told, and nowhere else")
    func listeners() throws {
        let text = NginxConfiguration.text(
            listeners: [
                .init(IPAddress(10, 0, 0, 1), port: 80), .init(try #require(IPAddress("fd00::1")), port: 8080),
            ],
            runDirectory: "/run/x"
        )
        let listening = text.split(separator: "\n").map { $0.drop(while: \.isWhitespace) }
            .filter { $0.hasPrefix("listen") }
        #expect(listening == ["listen 10.0.0.1:80;", "listen [fd00::1]:8080;"])
    }

    @Test(
        "makes nginx serve its welcome page in a namespace, and write nowhere but in its directory",
        .enabled(if: User.isRoot && ExecutablePath.find("nginx") != nil, "needs root and nginx")
    )
    func serves() async throws {
        let directory = try TemporaryDirectory()
        let text = NginxConfiguration.text(
            listeners: [.init(IPAddress(127, 0, 0, 1), port: 80)],
            runDirectory: directory.path
        )
        let file = try directory.write(Array(text.utf8), to: "nginx.conf")
        let namespace = try #require(Name("wgseal-test-\(UInt32.random(in: 0 ... .max))"))
        _ = try NetworkNamespace.create(named: namespace)
        defer { try? NetworkNamespace.remove(named: namespace) }
        _ = try await Tool("ip").run(["-n", namespace.description, "link", "set", "lo", "up"])

        let command = try ProcessWorkload.command(NginxConfiguration.command(path: file), in: namespace)
        let server = try await command.start(log: directory.path(of: "log"))
        let fetch = try ProcessWorkload.command(["curl", "-sS", "http://127.0.0.1/"], in: namespace)
        var page = try await fetch.run()
        while !page.isSuccess, server.identity.isAlive { page = try await fetch.run() }
        try await server.identity.terminate(grace: .seconds(5))

        #expect(page.output.contains("Welcome to nginx!"))
        #expect(try directory.read("log") == [])
        #expect(
            try directory.names() == ["client_body", "fastcgi", "log", "nginx.conf", "proxy", "scgi", "uwsgi"]
        )
    }
}
