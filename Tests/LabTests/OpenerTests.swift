import TestSupport
import Testing

/// The process that reads what a stranger may have written.
@Suite("The opener of bundles", .serialized, .timeLimit(.minutes(1)))
struct OpenerTests {
    /// Starts `wgup client` with a bundle that does not come yet, prints the status of its child, lets the bundle come, and
    /// prints the children of the client once the tunnel is up.
    private static let script = """
        mkfifo /tmp/bundle
        wgup client - --engine none --from "$1" </tmp/bundle 2>/tmp/log &
        exec 9>/tmp/bundle
        children=/proc/$!/task/$!/children
        until [ -n "$(cat $children)" ]; do sleep 0.02; done
        grep -E '^(Uid|Seccomp|NoNewPrivs):' /proc/$(tr -d ' ' <$children)/status
        readlink /proc/$(tr -d ' ' <$children)/fd/* | sort -u
        cat bundle.bin >&9
        exec 9>&-
        until grep -qs ' is up' /tmp/log; do kill -0 $! || break; sleep 0.02; done
        ps -o comm= --ppid $!
        kill $!
        wait $!
        pgrep wgup
        cat /tmp/log
        rm -r /tmp/bundle /tmp/log
        """

    @Test("is nobody behind a filter, and has no file", .lab("A", "B"))
    func isConfined() async throws {
        let lab = try lab()
        try await lab.prepare()
        let text = try await lab.text("B", "sh", "-c", Self.script, "opener", try await lab.fingerprint)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.starts(with: ["Uid:\t65534\t65534\t65534\t65534", "NoNewPrivs:\t1", "Seccomp:\t2", "/dev/null"]))
        #expect(lines.dropFirst(4).first?.hasPrefix("socket:") == true)
        // It stays, for the next bundle.
        #expect(Set(lines.dropFirst(5).prefix(2)) == ["wgup", "wireguard-go"])
        #expect(text.contains("is up; waiting for the handshake"))
    }

    /// Starts a command that reads a bundle which does not come yet, and prints what its child may do.
    private static let looking = """
        mkfifo /tmp/bundle
        "$@" - </tmp/bundle >/dev/null &
        exec 9>/tmp/bundle
        children=/proc/$!/task/$!/children
        until [ -n "$(cat $children)" ]; do sleep 0.02; done
        grep -E '^(Seccomp|NoNewPrivs):' /proc/$(tr -d ' ' <$children)/status
        cat bundle.bin >&9
        exec 9>&-
        wait $!
        echo "status $?"
        rm -r /tmp/bundle
        """

    @Test("is there for those who only look, too", .lab("A", "B"))
    func isThereForOthers() async throws {
        let lab = try lab()
        try await lab.prepare()
        try await lab.text("B", "wgkey", "trust", try await lab.text("A", "wgkey", "show"), "--name", "hub")
        for command in [["inspect"], ["export", "--format", "wg-quick", "-o", "exported.conf"]] {
            let text = try await lab.text("B", ["sh", "-c", Self.looking, "opener", "wgbundle"] + command)
            #expect(text == "NoNewPrivs:\t1\nSeccomp:\t2\nstatus 0", "\(command)")
        }
    }
}
