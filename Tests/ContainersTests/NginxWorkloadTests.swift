internal import Processes
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
