package import Processes
internal import SystemIO
package import WireGuard

/// The default workload of the `process` engine: Debian's nginx with its welcome page.
package struct NginxWorkload: Hashable, Sendable {
    /// An address and port to listen on; it must exist where and when nginx is started.
    package struct Listener: Hashable, Sendable {
        package let address: IPAddress
        package let port: UInt16

        /// Listens on one address.
        package init(address: IPAddress, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    /// The text of nginx's configuration file.
    ///
    /// It writes nothing but its pid and temporary files, and those in the run directory; where that is closed to the
    /// worker's user, requests with long bodies fail, and pages are served all the same.
    package let configuration: String

    /// Describes an nginx.
    ///
    /// - Returns: `nil` if one of the paths is not absolute, or has other characters than letters, digits and `/._-`.
    package init?(runDirectory: String, root: String, listeners: [Listener]) {
        guard !listeners.isEmpty, [runDirectory, root].allSatisfy(\.isPlainAbsolutePath) else { return nil }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { kind in
            "    \(kind)_temp_path \(runDirectory)/nginx-\(kind);\n"
        }
        let listen = listeners.map { "        listen \(Self.text($0));\n" }
        configuration = """
            worker_processes 1;
            pid \(runDirectory)/nginx.pid;
            error_log stderr;
            events {}
            http {
                access_log off;
                server_tokens off;
            \(temporary.joined())    server {
            \(listen.joined())        root \(root);
                    index index.html index.nginx-debian.html;
                }
            }

            """
    }

    /// The directory of the welcome page.
    ///
    /// - Returns: `nil` where there is none.
    package static func installedRoot() -> String? {
        ["/usr/share/nginx/html", "/var/www/html"].first { root in
            ["index.html", "index.nginx-debian.html"].contains { FileEntry.exists("\(root)/\($0)") }
        }
    }

    /// The command that runs nginx in the foreground with the configuration at this path.
    package static func command(nginx: ExecutablePath, configurationPath: String) -> Command {
        // Without `-e` it would open the log of the packaged service first.
        Command(nginx, ["-e", "stderr", "-c", configurationPath, "-g", "daemon off;"])
    }

    private static func text(_ listener: Listener) -> String {
        let address = "\(listener.address)"
        let isIPv6 = address.utf8.contains(UInt8(ascii: ":"))
        return isIPv6 ? "[\(address)]:\(listener.port)" : "\(address):\(listener.port)"
    }
}

extension Command {
    /// The same command inside the network namespace that a file stands for.
    ///
    /// The process keeps its number, because nsenter(1) becomes the program.
    package func entering(networkNamespace path: String, with nsenter: ExecutablePath) -> Command {
        Command(nsenter, ["--net=\(path)", "--", "\(executable)"] + arguments, variables: environment)
    }
}

extension String {
    fileprivate var isPlainAbsolutePath: Bool {
        hasPrefix("/")
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "/._-".utf8.contains(byte)
                }
            }
    }
}
