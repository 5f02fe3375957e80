import TestSupport
import Testing

/// The story as people play it who are not root: their keys are their own, and only `wgup` runs under sudo.
@Suite("Ordinary users", .serialized, .timeLimit(.minutes(2)), .labForEachTest("A", "B"))
struct OrdinaryUserTests {
    @Test("make keys and bundles, and bring tunnels up with sudo, which gives them what it keeps")
    func story() async throws {
        let lab = try lab()
        for host in lab.hosts { try await addUser(on: host) }
        try await asAda("A", "wgkey", "gen")
        let identity = try await asAda("B", "wgkey", "gen")
        try await asAda("A", "wgbundle", "seal", "--to", identity)
        let bundle = try await lab.run("A", "cat", "/var/tmp/ada/bundle.bin")
        try await lab.write(bundle.output, to: "/var/tmp/ada/bundle.bin", on: "B")
        try await lab.text("B", "chown", "ada:", "/var/tmp/ada/bundle.bin")

        let server = try lab.start("A", sudo + ["wgup", "server"])
        try await server.waitForOutput("press ctrl-c")
        let fingerprint = try await asAda("A", "wgkey", "show", "--fingerprint")
        let client = try lab.start("B", sudo + ["wgup", "client", "bundle.bin", "--from", fingerprint])
        try await client.waitForOutput("press ctrl-c")
        let page = try await lab.text("B", "ip", "netns", "exec", "wgseal-client", "curl", "http://10.0.0.1")
        #expect(page.contains("Welcome to nginx!"))
        try await client.interrupt()
        try await server.interrupt()

        for host in lab.hosts {
            let foreign = try await lab.text(host, "find", "/var/tmp/ada", "!", "-user", "ada")
            #expect(foreign == "", "\(host)")
            let root = try await lab.run(host, "test", "-e", "/root/.config")
            #expect(root.status == 1, "\(host)")
        }
        let trusted = try await asAda("B", "wgkey", "list")
        #expect(trusted.contains(fingerprint))
    }

    @Test("cannot bring a tunnel up without sudo, and read what to type")
    func withoutRoot() async throws {
        let lab = try lab()
        try await addUser(on: "A")
        let server = try await lab.run("A", ada + ["wgup", "server"])
        #expect(server.status == 77)
        #expect(server.error == "wgup: error: 'wgup server' must run as root\nhint: sudo wgup server\n")
    }

    @Test("name a home where only a module of nsswitch.conf could know them, which a static program cannot load")
    func unknown() async throws {
        let lab = try lab()
        try await lab.write(Array("passwd: files systemd\n".utf8), to: "/etc/nsswitch.conf", on: "A")
        let show = try await lab.run("A", "env", "SUDO_UID=54321", "wgkey", "show")
        #expect(show.status == 78)
        #expect(
            show.error == """
                wgkey: error: there is no home directory to keep keys in
                hint: give one with --home DIRECTORY

                """
        )
    }

    /// What sudo leaves of the environment and adds to it; the directory is the one where it was typed.
    private let sudo = [
        "env", "--chdir=/var/tmp/ada", "SUDO_USER=ada", "SUDO_UID=54321", "SUDO_GID=54321", "SUDO_COMMAND=wgup",
    ]

    // The capability only lets her read: the programs and Swift's libraries, which may be in a directory of root's.
    private let ada = [
        "setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--inh-caps=+dac_read_search",
        "--ambient-caps=+dac_read_search", "env", "--chdir=/var/tmp/ada", "HOME=/var/tmp/ada", "USER=ada",
        "LOGNAME=ada",
    ]

    @discardableResult
    private func asAda(_ host: String, _ words: String...) async throws -> String {
        try await lab().text(host, ada + words)
    }

    private func addUser(on host: String) async throws {
        let words = ["--uid=54321", "--user-group", "--create-home", "--home-dir=/var/tmp/ada", "ada"]
        try await lab().text(host, ["useradd"] + words)
    }
}
