import TestSupport
import Testing

/// The units as a real systemd runs them, with the kernel's own WireGuard.
@Suite("Kernel lab with systemd", .serialized, .timeLimit(.minutes(10)))
struct KernelServiceTests {
    @Test(
        "starts the service, starts it again after a crash with the tunnel as it was, and leaves nothing when it stops"
    )
    func unit() async throws {
        let systemd = ["/lib/systemd/systemd", "/lib/systemd/systemd-cgroups-agent", "/lib/systemd/systemd-shutdown"]
        let tools = ["env", "grep", "ip", "nginx", "nsenter", "pgrep", "systemctl", "systemd-creds", "unshare", "wg"]
        let pages = ["/usr/share/nginx/html"]
        let programs = ["wgbundle", "wgkey", "wgup"].map { "\(BuiltPrograms.directory)/\($0)" }
        let units = "\(SourceTree.root)/Sources/wgup/systemd"
        let result = try await KernelMachine.run(
            [Self.script(units, try Self.encrypt)],
            programs: systemd + tools + pages + programs + [units]
        )
        let report = result.text + result.error
        #expect(result.status == 0, "\(report)")
        for line in [
            "started: active, wg-tunnel is up for 1 peer, tunnel 10.0.0.1/24",
            "after a crash: active, wg-tunnel is up for 1 peer, tunnel 10.0.0.1/24, same workload",
            "stopped: inactive, 0 links, 0 namespaces, 0 files, 0 processes",
            "without a network: failed, 0 restarts",
            "with a credential: active, wg-tunnel is up for 1 peer, tunnel 10.0.0.1/24",
            "with an encrypted one: active, wg-tunnel is up for 1 peer, tunnel 10.0.0.1/24",
            "after HUP: inactive, 0 links, 0 namespaces, 0 files, 0 processes",
        ] { #expect(report.contains(line + "\n"), "\(report)") }
    }

    /// How wgkey(1) has the key encrypted.
    private static var encrypt: String {
        get throws {
            let displays = try ManualPage("man/wgkey.1").displays(under: "EXAMPLES")
            let commands = displays.flatMap(\.typedLines).map(\.command)
            let command = try #require(commands.first { $0.contains("systemd-creds encrypt ") })
            // By itself it makes no key on a file system in memory, which is all that this machine has.
            return command.replacing("encrypt ", with: "encrypt --with-key=host ")
        }
    }

    /// Systemd is the first process of a namespace, and has what little it needs of a system.
    private static func script(_ units: String, _ encrypt: String) -> String {
        #"""
        set -e
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        mkdir -p /etc/systemd/system /etc/credstore
        mkdir -m 700 /etc/wgseal
        for target in sysinit basic shutdown multi-user network-online default; do
            printf '[Unit]\nDefaultDependencies=no\n' >/etc/systemd/system/$target.target
        done
        echo 0123456789abcdef0123456789abcdef >/etc/machine-id
        sed "s,@bindir@,$(dirname "$(readlink "$(command -v wgup)")")," '\#(units)/wgup-server@.service' \
            >/etc/systemd/system/wgup-server@.service
        wgkey gen --home /etc/wgseal
        WGSEAL_HOME=/etc/wgseal wgbundle seal --to "$(wgkey gen --home /root/b)" --endpoint 192.0.2.1 -o /root/bundle.bin
        container=lab unshare --pid --fork --mount-proc sh -c 'mount --make-rshared /; exec "$@"' sh \
            /lib/systemd/systemd --system --log-target=console --show-status=no >/tmp/systemd.log 2>&1 &
        enter() { nsenter --pid --mount --target "$(pgrep -o -x systemd)" "$@"; }
        until [ -S /run/systemd/private ]; do sleep 0.2; done

        unit=wgup-server@default
        show() { enter systemctl show --property "$1" --value $unit; }
        up() { # WORDS: what is there, in one line
            echo "$1: $(show ActiveState), $(show StatusText), tunnel" \
                "$(enter ip -n wgseal-server -o -4 address show wg-tunnel | awk '{ print $4 }')$2"
        }
        gone() {
            echo "$1: $(show ActiveState), $(ip -o link show type wireguard | wc -l) links," \
                "$(enter ip netns | wc -l) namespaces, $(ls /run/wgseal 2>/dev/null | wc -l) files," \
                "$(pgrep -x 'wgup|nginx' | wc -l) processes"
        }
        enter systemctl start $unit
        up started
        workload=$(pgrep -o nginx) main=$(show MainPID)
        enter kill -9 "$main"
        until [ "$(show ActiveState)" = active ] && [ "$(show MainPID)" != "$main" ]; do sleep 0.5; done
        up 'after a crash' ", $([ "$(pgrep -o nginx)" = "$workload" ] && echo same || echo other) workload"
        enter systemctl stop $unit
        gone stopped

        ! enter systemctl start wgup-server@none
        sleep 6
        echo "without a network: $(enter systemctl show --property ActiveState --value wgup-server@none)," \
            "$(enter systemctl show --property NRestarts --value wgup-server@none) restarts"

        mkdir -p /etc/credstore.encrypted /etc/systemd/system/$unit.service.d /var/lib/systemd
        \#(encrypt)
        mv /etc/wgseal/identity.key /etc/credstore/wgseal.identity
        enter systemctl start $unit
        up 'with a credential'
        enter systemctl stop $unit
        rm /etc/credstore/wgseal.identity
        printf '[Service]\nLoadCredentialEncrypted=wgseal.identity\n' >/etc/systemd/system/$unit.service.d/key.conf
        enter systemctl daemon-reload
        enter systemctl start $unit
        up 'with an encrypted one'
        enter systemctl kill --kill-who=main --signal HUP $unit
        until [ "$(show ActiveState)" = inactive ]; do sleep 0.2; done
        gone 'after HUP'
        """#
    }
}
