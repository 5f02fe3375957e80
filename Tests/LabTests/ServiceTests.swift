import Foundation
import TestSupport
import Testing

/// What `make install` puts where, and what its units let `wgup` do.
@Suite("Service", .serialized, .timeLimit(.minutes(3)))
struct ServiceTests {
    private static let units = ["wgup-server@.service", "wgup-client@.service"]

    /// The values of an option of a unit, which may stand in several lines.
    private func values(of option: String, in unit: String) throws -> [String] {
        let text = try SourceTree.file("Sources/wgup/systemd/\(unit)").text
        return text.split(separator: "\n").filter { $0.hasPrefix(option + "=") }
            .flatMap { $0.dropFirst(option.count + 1).split(separator: " ").map(String.init) }
    }

    @Test("is installed and taken away whole, and its units are what systemd expects")
    func install() async throws {
        let directory = try TemporaryDirectory()
        let make = { (verb: String) in
            try await Tool("make").run(["-s", "-C", SourceTree.root, verb, "PREFIX=\(directory.path)/usr"])
        }
        let installed = try await make("install")
        try #require(installed.status == 0, "\(installed.error)")
        let files = try await Tool("find").run([directory.path, "-type", "f", "-printf", "%m /%P\n"]).text
        #expect(
            Set(files.split(separator: "\n")) == [
                "755 /usr/bin/wgbundle", "755 /usr/bin/wgkey", "755 /usr/bin/wgup",
                "644 /usr/lib/systemd/system/wgup-client@.service",
                "644 /usr/lib/systemd/system/wgup-server@.service",
                "644 /usr/share/bash-completion/completions/wgbundle",
                "644 /usr/share/bash-completion/completions/wgkey",
                "644 /usr/share/bash-completion/completions/wgup",
                "644 /usr/share/fish/vendor_completions.d/wgbundle.fish",
                "644 /usr/share/fish/vendor_completions.d/wgkey.fish",
                "644 /usr/share/fish/vendor_completions.d/wgup.fish",
                "644 /usr/share/zsh/site-functions/_wgbundle",
                "644 /usr/share/zsh/site-functions/_wgkey",
                "644 /usr/share/zsh/site-functions/_wgup",
                "644 /usr/share/man/man1/wgbundle.1", "644 /usr/share/man/man1/wgkey.1",
                "644 /usr/share/man/man5/wgbundle.5", "644 /usr/share/man/man7/wgseal.7",
                "644 /usr/share/man/man8/wgup.8",
            ]
        )
        for tool in ["wgbundle", "wgkey", "wgup"] {
            let version = try await Tool("\(directory.path)/usr/bin/\(tool)").run(["--version"])
            #expect(version.text.hasPrefix("wgseal "))
        }
        let manual = try SourceTree.file("man/wgup.8").text
        let exposure = try #require(manual.firstMatch(of: #/exposure of (\d\.\d)/#)).1
        for unit in Self.units {
            let verified = try await Tool("systemd-analyze").run(
                ["verify", "--man=no", "\(directory.path)/usr/lib/systemd/system/\(unit)"]
            )
            let complaints = verified.error.split(separator: "\n").filter { $0.contains("wgup") }
            #expect(complaints == [], "\(verified.error)")
            let report = try await Tool("systemd-analyze").run(
                ["security", "--offline=true", "--no-pager", "\(directory.path)/usr/lib/systemd/system/\(unit)"]
            )
            #expect(report.text.contains(" \(exposure) "), "\(report.text)\(report.error)")
        }
        #expect(try await make("uninstall").status == 0)
        #expect(try await Tool("find").run([directory.path, "-type", "f"]).text == "")
    }

    @Test("is told what becomes of the tunnel", .lab("A", "B"))
    func notices() async throws {
        let lab = try lab()
        try await lab.prepare()
        let script = """
            import os, socket, subprocess, sys
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            listener.bind("/run/notify")
            process = subprocess.Popen(sys.argv[1:], env=dict(os.environ, NOTIFY_SOCKET="/run/notify"))
            while True:
                # In one go, as wgup writes to the same place.
                for line in listener.recv(4096).decode().split("\\n"): os.write(1, f"told {line}\\n".encode())
            """
        let server = try lab.start("A", ["python3", "-c", script, "wgup", "server", "--engine", "process"])
        try await server.waitForOutput("told READY=1\ntold STATUS=wg-tunnel is up for 1 peer\n")
        let from = try await lab.fingerprint
        let client = try lab.start(
            "B",
            ["python3", "-c", script, "wgup", "client", "bundle.bin", "--engine", "process", "--from", from]
        )
        try await client.waitForOutput("told READY=1\n")
        try await client.waitForOutput("told STATUS=wg-tunnel is up, and host-a has answered\n")
        for (host, command) in [("B", client), ("A", server)] {
            try await lab.text(host, "wgup", "down")
            try await command.waitForOutput("told STOPPING=1\n")
            command.signal(SIGTERM)
            _ = try await command.waitForEnd()
        }
    }

    @Test("needs no capability and no system call that its unit does not leave it", .lab("A", "B", withDocker: true))
    func restrictions() async throws {
        let lab = try lab()
        try await lab.prepare()
        let unit = Self.units[0]
        let capabilities = try values(of: "CapabilityBoundingSet", in: unit).map {
            $0.dropFirst("CAP_".count).lowercased()
        }
        let bounds = "-all" + capabilities.map { ",+\($0)" }.joined()
        let allowed = try await systemCalls(try values(of: "SystemCallFilter", in: unit))
        #expect(allowed.contains("setns") && allowed.contains("mount") && !allowed.contains("reboot"))

        let from = try await lab.fingerprint
        for engine in ["docker", "process"] {
            var commands: [BackgroundCommand] = []
            for (host, words) in [("A", ["server"]), ("B", ["client", "bundle.bin", "--from", from])] {
                let command = try lab.start(
                    host,
                    ["strace", "-f", "-qq", "-o", "/root/calls", "-e", "signal=none"]
                        + ["setpriv", "--bounding-set", bounds, "--inh-caps", "-all", "--no-new-privs"]
                        + ["wgup"] + words + ["--engine", engine]
                )
                try await command.waitForOutput("press ctrl-c", seconds: 120)
                commands.append(command)
            }
            let fetch = ["curl", "-sm", "5", "http://10.0.0.1"]
            let enter =
                engine == "docker" ? ["docker", "exec", "wgseal-client"] : ["ip", "netns", "exec", "wgseal-client"]
            #expect(try await lab.text("B", enter + fetch).contains("Welcome to nginx!"))
            for (host, command) in zip(["B", "A"], commands.reversed()) {
                try await lab.text(host, "wgup", "down")
                #expect(try await command.waitForEnd() == 0, "\(command.output)")
                let names = #"sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' calls | sort -u"#
                let used = Set(try await lab.text(host, "sh", "-c", names).split(separator: "\n").map(String.init))
                #expect(used.count > 50)
                #expect(used.subtracting(allowed) == [], "\(engine) on \(host)")
            }
        }
    }

    /// The system calls of groups, as systemd has them.
    private func systemCalls(_ groups: [String]) async throws -> Set<String> {
        var result: Set<String> = []
        for group in groups {
            let text = try await Tool("systemd-analyze").run(["syscall-filter", group]).text
            let words = text.split(separator: "\n").dropFirst().map { $0.drop { $0 == " " } }.filter {
                !$0.hasPrefix("#")
            }
            for word in words where !word.isEmpty {
                if word.hasPrefix("@") {
                    result.formUnion(try await systemCalls([String(word)]))
                } else {
                    result.insert(String(word))
                }
            }
        }
        return result
    }
}
