import TestSupport
import Testing

/// What `wgup doctor` says where the kernel's own WireGuard carries the packets, and of what can only be broken there.
@Suite("Kernel lab with a doctor", .serialized, .timeLimit(.minutes(10)))
struct KernelDoctorTests {
    @Test("finds what is broken, and nothing else")
    func verdicts() async throws {
        let programs = ["wgbundle", "wgkey", "wgup"].map { "\(BuiltPrograms.directory)/\($0)" }
        let result = try await KernelMachine.run([Self.script], programs: ["date", "pgrep", "tr"] + programs)
        let report = result.text + result.error
        #expect(result.status == 0, "\(report)")
        let found = report.split(separator: "\n").filter { $0.hasPrefix("verdict: ") }.map { $0.dropFirst(9) }
        #expect(
            found == [
                "no module: host no-wireguard", "well, A: wg-tunnel healthy", "well, B: wg-tunnel healthy",
                "filter in, A: wg-tunnel udp-blocked", "filter out, B: wg-tunnel udp-blocked",
                "large packets, B: wg-tunnel mtu-black-hole", "another address, B: wg-tunnel allowed-address-mismatch",
                "stranger, A: wg-tunnel wrong-peer-key", "an hour ago, A: host clock-wrong",
                "an hour ago, B: host clock-wrong", "mended, A: wg-tunnel healthy", "mended, B: wg-tunnel healthy",
            ],
            "\(report)"
        )
    }

    /// Host A is the machine itself, and host B a network namespace with a `/run` of its own.
    private static let script = #"""
        set -e
        \#(KernelHosts.script)
        mkdir /root/.config
        on_b() { nsenter --net --mount --target $client "$@"; }
        verdict() { # WHAT COMMAND…
            what=$1
            shift
            "$@" wgup doctor --json >/tmp/verdict || true
            echo "verdict: $what: $(sed -n 's/.*"\(subject\|verdict\)": "\(.*\)",/\2/p' /tmp/verdict | tr '\n' ' ' | sed 's/ $//')"
            sed -n 's/.*"words"/words/p' /tmp/verdict
        }
        # On a system that has the module somewhere, the kernel finds it by itself.
        module=$(echo /modules/*-wireguard.ko)
        rmmod wireguard
        verdict 'no module'
        insmod "$module"

        wgkey gen >/dev/null
        wgbundle seal --to "$(wgkey gen --home /root/b)" --endpoint 192.0.2.1 -o /root/bundle.bin
        wgup server --engine none --backend kernel >/tmp/server 2>&1 &
        server=$!
        until grep -q 'press ctrl-c' /tmp/server; do kill -0 $!; sleep 0.2; done
        ip netns exec b unshare --mount sh -c "mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib
            WGSEAL_HOME=/root/b exec wgup client /root/bundle.bin --engine none --backend kernel --from $(wgkey show --fingerprint)" \
            >/tmp/client 2>&1 &
        client=$!
        until grep -q 'press ctrl-c' /tmp/client; do kill -0 $!; sleep 0.2; done
        verdict 'well, A'
        verdict 'well, B' on_b
        filter() { # HOOK RULE…: on the host that is asked
            echo "table inet f { chain c { type filter hook $1 priority 0; $2 drop; }; }"
        }
        filter input 'udp dport 51820' | nft -f -
        verdict 'filter in, A'
        nft delete table inet f
        filter output 'udp dport 51820' | on_b nft -f -
        verdict 'filter out, B' on_b
        on_b nft delete table inet f
        filter input 'udp dport 51820 udp length > 1400' | nft -f -
        verdict 'large packets, B' on_b
        nft delete table inet f
        # What is broken by hand, a wgup that runs would mend.
        kill -STOP $server
        key=$(wg show wg-tunnel peers)
        wg set wg-tunnel peer $key allowed-ips 10.0.0.9/32
        verdict 'another address, B' on_b
        wg set wg-tunnel peer $key remove
        on_b wgup doctor >/dev/null 2>&1 || true
        verdict 'stranger, A'
        now=$(date +%s)
        date -s "@$((now - 3600))" >/dev/null
        verdict 'an hour ago, A'
        verdict 'an hour ago, B' on_b
        date -s "@$((now + 60))" >/dev/null
        kill -CONT $server
        until on_b ping -c 1 -W 1 10.0.0.1 >/dev/null; do sleep 1; done
        verdict 'mended, A'
        verdict 'mended, B' on_b
        kill $client $server
        wait
        """#
}
