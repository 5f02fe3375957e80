import CommandSupport
import TestSupport
import Testing

/// What the programs answer a shell that asks what a word may become; the shells are in ``ShellCompletionTests``.
@Suite("Completion")
struct CompletionTests {
    @Test("waits for nobody and changes nothing, even where the index of peers would have to be made anew")
    func changesNothing() async throws {
        let host = try await Self.hub()
        // By other means than ours, so the index is that of an older directory.
        _ = try await host.shell("touch home/networks/default/peers/b.peer")
        let state = "find home -printf '%p %i %s %T@ %m\\n' | sort"
        let before = try await host.shell(state)
        let asked = try await host.shell(
            """
            exec 8<home/networks/default/lock 9<home/lock
            flock 8; flock 9
            timeout 10 $bin/wgbundle ---completion renew -- positional@0 2 0 wgbundle renew ''
            timeout 10 $bin/wgbundle ---completion renew -- --network 3 0 wgbundle renew --network ''
            timeout 10 $bin/wgkey ---completion untrust -- positional@0 2 0 wgkey untrust ''
            """
        )
        #expect(asked == Transcript(.done, output: "a\nb\ndefault\nissuer\n"))
        #expect(try await host.shell(state) == before)
    }

    @Test("of very many names is so few that a shell takes them at once, and their common beginning is that of all")
    func many() async throws {
        let host = try await Self.hub()
        _ = try await host.shell("cd home/networks/default/peers; touch $(seq --format=host-%04.0f.peer 1 2500)")
        let names = (1...2500).map { "host-\(String("000\($0)".suffix(4)))" }
        #expect(try await Self.peers(of: host, beginningWith: "host-00") == Array(names[..<99]))
        #expect(try await Self.peers(of: host, beginningWith: "host") == names[..<999] + ["host-2500"])
    }

    @Test(
        "says nothing where there is nothing to read, and asks for no passphrase",
        arguments: [
            "rm -r home", "chmod 755 home", "rm home/networks/default/network.conf",
            "echo x >home/networks/default/network.conf", "rm -r home/networks/default/peers", "unset WGSEAL_HOME HOME",
        ]
    )
    func silent(damage: String) async throws {
        let host = try await Self.hub()
        let asked = try await host.shell(
            "\(damage); $bin/wgbundle ---completion renew -- positional@0 2 0 wgbundle renew ''"
        )
        #expect(asked == Transcript(.done, output: "\n"))
    }

    @Test(
        "refuses in silence what no shell asks",
        arguments: [
            "", "--", "-- --to", "seal -- --to x y", "none -- --to 2 0 wgbundle", "seal -- --none 2 0 wgbundle",
        ]
    )
    func refused(words: String) async throws {
        let asked = try await Host().shell("$bin/wgbundle ---completion \(words)")
        #expect(asked == Transcript(.usage))
    }

    /// A host whose key has a passphrase, with a peer and an issuer.
    private static func hub() async throws -> Host {
        let host = try Host()
        let made = try await host.shell(
            """
            echo secret | $bin/wgkey gen --passphrase-fd 0 >own.id
            $bin/wgkey gen --home other >id
            echo secret | $bin/wgbundle seal --passphrase-fd 0 --to id --name a --endpoint 192.0.2.1
            $bin/wgkey trust "$(cat id)" --name issuer
            touch home/lock
            """
        )
        try #require(made.status == 0, "\(made.error)")
        return host
    }

    private static func peers(of host: Host, beginningWith start: String) async throws -> [String] {
        let words = ["---completion", "renew", "--", "positional@0", "2", "0", "wgbundle", "renew", start]
        let asked = try await host.run("wgbundle", words)
        #expect(asked.status == 0 && asked.error == "")
        return asked.output.split(separator: "\n").map(String.init)
    }
}
