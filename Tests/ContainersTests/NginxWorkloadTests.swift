internal import Glibc
internal import Processes
internal import SystemIO
internal import TestSupport
internal import Testing
internal import WireGuard

@testable internal import Containers

@Suite("Nginx workload")
struct NginxWorkloadTests {
    @Test("is configured to write nowhere but its run directory")
    func configuration() throws {
        let listeners = try [("10.0.0.1", 80), ("fd00::1", 8080)].map { text, port in
            NginxWorkload.Listener(address: try #require(IPAddress(text)), port: port)
        }
        let workload = try #require(
            NginxWorkload(
                runDirectory: "/run/wgseal/wg-tunnel",
                root: "/var/www/html",
                listeners: listeners
            )
        )
        #expect(
            workload.configuration == """
                worker_processes 1;
                pid /run/wgseal/wg-tunnel/nginx.pid;
                error_log stderr;
                events {}
                http {
                    access_log off;
                    server_tokens off;
                    client_body_temp_path /run/wgseal/wg-tunnel/nginx-client_body;
                    proxy_temp_path /run/wgseal/wg-tunnel/nginx-proxy;
                    fastcgi_temp_path /run/wgseal/wg-tunnel/nginx-fastcgi;
                    uwsgi_temp_path /run/wgseal/wg-tunnel/nginx-uwsgi;
                    scgi_temp_path /run/wgseal/wg-tunnel/nginx-scgi;
                    server {
                        listen 10.0.0.1:80;
                        listen [fd00::1]:8080;
                        root /var/www/html;
                        index index.html index.nginx-debian.html;
                    }
                }

                """
        )
    }

    @Test(
        "takes no path that could say more",
        arguments: ["", "run", "/run/a b", "/run/a;", "/run/$x", "/run/\"", "/run/a\n", "/run/é"]
    )
    func path(path: String) throws {
        let listener = NginxWorkload.Listener(address: try #require(IPAddress("10.0.0.1")), port: 80)
        #expect(NginxWorkload(runDirectory: path, root: "/srv", listeners: [listener]) == nil)
        #expect(NginxWorkload(runDirectory: "/run", root: path, listeners: [listener]) == nil)
    }

    @Test("listens somewhere")
    func listeners() {
        #expect(NginxWorkload(runDirectory: "/run", root: "/srv", listeners: []) == nil)
    }

    @Test("runs in the foreground, inside a namespace")
    func command() throws {
        let nginx = try #require(ExecutablePath("/usr/sbin/nginx"))
        let nsenter = try #require(ExecutablePath("/usr/bin/nsenter"))
        let command = NginxWorkload.command(nginx: nginx, configurationPath: "/run/x.conf")
        #expect(command.arguments == ["-e", "stderr", "-c", "/run/x.conf", "-g", "daemon off;"])
        let inside = command.entering(networkNamespace: "/run/netns/web", with: nsenter)
        #expect(inside.executable == nsenter)
        #expect(inside.arguments == ["--net=/run/netns/web", "--", "/usr/sbin/nginx"] + command.arguments)
    }
}

@Suite(
    "Nginx workload, with a real nginx",
    .enabled(
        if: User.isRoot && ExecutablePath.find("nginx") != nil && NginxWorkload.installedRoot() != nil,
        "needs root, nginx and its welcome page"
    ),
    .timeLimit(.minutes(1))
)
struct NginxTests {
    @Test("serves the welcome page in its namespace, and nowhere else, until it is ended")
    func serves() async throws {
        let name = try #require(Name("wgsealtest-nginx-\(getpid())"))
        _ = try NetworkNamespace.create(named: name)
        defer { try? NetworkNamespace.remove(named: name) }
        _ = try await Tool("ip").run(["-netns", "\(name)", "link", "set", "lo", "up"])
        let temporary = try TemporaryDirectory()
        let process = try await start(in: temporary, ports: [80], namespace: NetworkNamespace.path(of: name))

        let fetch = ["netns", "exec", "\(name)", "curl", "-sf", "http://127.0.0.1/"]
        var page = ""
        while page.isEmpty, process.identity.isAlive { page = try await Tool("ip").run(fetch).text }
        #expect(page.contains("Welcome to nginx!"))
        try await process.identity.terminate(grace: .seconds(60))
        #expect(try await process.exitStatus() == .exited(0))
        let unreachable = try await Tool("ip").run(fetch)
        #expect(unreachable.status == 7, "curl's status for a refused connection")
    }

    @Test("leaves its last words in the log when it cannot start")
    func fails() async throws {
        let name = try #require(Name("wgsealtest-nginx2-\(getpid())"))
        _ = try NetworkNamespace.create(named: name)
        defer { try? NetworkNamespace.remove(named: name) }
        let temporary = try TemporaryDirectory()
        // The same address twice.
        let process = try await start(in: temporary, ports: [80, 80], namespace: NetworkNamespace.path(of: name))
        #expect(try await process.exitStatus() == .exited(1))
        let line = try LogFile.lastLines(of: temporary.path(of: "log"), count: 1).first ?? ""
        #expect(line.contains("duplicate listen"))
    }

    private func start(
        in directory: borrowing TemporaryDirectory,
        ports: [UInt16],
        namespace: String
    ) async throws -> StartedProcess {
        let address = try #require(IPAddress("127.0.0.1"))
        let listeners = ports.map { NginxWorkload.Listener(address: address, port: $0) }
        let root = try #require(NginxWorkload.installedRoot())
        let workload = try #require(
            NginxWorkload(runDirectory: directory.path, root: root, listeners: listeners)
        )
        let path = try directory.write(Array(workload.configuration.utf8), to: "nginx.conf")
        let command = NginxWorkload.command(
            nginx: try #require(ExecutablePath.find("nginx")),
            configurationPath: path
        )
        return try await command.entering(
            networkNamespace: namespace,
            with: try #require(ExecutablePath.find("nsenter"))
        ).start(log: directory.path(of: "log"))
    }
}
