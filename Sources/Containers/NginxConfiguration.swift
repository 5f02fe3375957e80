package import WireGuard

/// The web server that a server runs where it has no container engine and no command: this host's nginx, with nothing of
/// this host's configuration.
package enum NginxConfiguration {
    /// An address and a TCP port to listen on.
    package struct Listener: Hashable, Sendable {
        /// An address of the namespace, or the unspecified one.
        package let address: IPAddress
        /// The TCP port.
        package let port: UInt16

        /// Listens on an address that exists by the time nginx starts.
        package init(_ address: IPAddress, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    /// The words of the command, for a configuration at `path`.
    package static func command(path: String) -> [String] {
        // Without -e, nginx opens the log of this host's own nginx before it reads the configuration.
        ["nginx", "-e", "stderr", "-c", path]
    }

    private static let temporaryNames = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]

    /// All that nginx may leave in `runDirectory`, besides the configuration.
    package static func leftovers(runDirectory: String) -> [String] {
        (["nginx.pid", "nginx.lock"] + temporaryNames).map { "\(runDirectory)/\($0)" }
    }

    /// A configuration that serves the welcome page of nginx's package, and writes nowhere but in `runDirectory`.
    ///
    /// That is an absolute path of letters, digits and `/._-`; nginx makes five directories in it and removes none.
    package static func text(listeners: [Listener], runDirectory: String) -> String {
        let temporary =
            temporaryNames.map { "    \($0)_temp_path \(runDirectory)/\($0);\n" }.joined()
        let listen = listeners.map { "        listen \($0);\n" }.joined()
        // No `user`: the one that nginx was built with exists on every distribution, and can read the page.
        return """
            daemon off;
            worker_processes 1;
            pid \(runDirectory)/nginx.pid;
            lock_file \(runDirectory)/nginx.lock;
            error_log stderr;
            events {}
            http {
                access_log off;
                server_tokens off;
                types { text/html html; }
            \(temporary)\
                server {
            \(listen)\
                    root /usr/share/nginx/html;
                }
            }

            """
    }
}

extension NginxConfiguration.Listener: CustomStringConvertible {
    /// The value of the `listen` directive.
    package var description: String {
        address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
