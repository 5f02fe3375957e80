import TestSupport
import Testing

/// A real systemd-networkd that brings up the tunnel of an exported bundle, with the kernel's own WireGuard.
@Suite("Kernel lab with networkd", .serialized, .timeLimit(.minutes(10)))
struct KernelNetworkdTests {
    @Test("takes the files of a bundle without a word, reads the keys with the rights that it has, and carries packets")
    func export() async throws {
        let tools = ["/lib/systemd/systemd-networkd", "env", "ip", "pgrep", "ping", "wg"]
        let programs = ["wgbundle", "wgkey", "wgup"].map { "\(BuiltPrograms.directory)/\($0)" }
        let result = try await KernelMachine.run([Self.script], programs: tools + programs)
        let report = result.text + result.error
        #expect(result.status == 0, "\(report)")
        #expect(report.contains("networkd runs as user 998\n"), "\(report)")
        // What is wrong in a file is said, so silence about ours is praise.
        let complaints = report.split(separator: "\n").filter { $0.hasPrefix("complaint: ") }
        #expect(!complaints.isEmpty && complaints.allSatisfy { $0.contains("bad.netdev") }, "\(report)")
        #expect(report.contains("addresses: 10.0.0.2/24 fd00::2/64\n"), "\(report)")
        #expect(report.contains("route: 198.51.100.0/24 dev wg-tunnel"), "\(report)")
        #expect(report.contains("peer: 192.0.2.1:51820, preshared key, keepalive 25, mtu 1380\n"), "\(report)")
        #expect(report.contains("10.0.0.1 answers\nfd00::1 answers\n"), "\(report)")
    }

    /// Host A is the machine itself, and host B a network namespace.
    private static let script = #"""
        set -e
        echo 'systemd-network:x:998:998::/:/bin/false' >>/etc/passwd
        echo 'systemd-network:x:998:' >>/etc/group
        mkdir -p /etc/systemd/network /run/systemd
        \#(KernelHosts.script)
        inside() { ip netns exec b "$@"; }

        wgkey gen --home /root/b >/root/b.pub
        wgkey trust "$(wgkey gen)" --name hub --home /root/b
        seal() { wgbundle seal --to /root/b.pub --endpoint 192.0.2.1 "$@"; }
        seal -o /root/first
        # Edited as the manual allows.
        sed -i 's,^addresses.*,&\, fd00::1/64,' /root/.config/wgseal/networks/default/network.conf
        echo 'mtu = 1380' >>/root/.config/wgseal/networks/default/network.conf
        seal --allowed-ips 198.51.100.0/24 -o /root/bundle.bin
        inside wgbundle export /root/bundle.bin --home /root/b --format networkd -o /etc/systemd/network
        printf '[NetDev]\nName=bad\nKind=wireguard\n[WireGuard]\nPublicKey=x\n' >/etc/systemd/network/bad.netdev
        wgup server --engine none --backend kernel >/tmp/server 2>&1 &
        until grep -q 'press ctrl-c' /tmp/server; do kill -0 $!; sleep 0.2; done

        # Where /sys cannot be written, as in a container, networkd does not wait for udev.
        inside sh -c 'mount -o remount,ro,bind /sys
            SYSTEMD_LOG_TARGET=console-prefixed exec /lib/systemd/systemd-networkd' >/tmp/networkd 2>&1 &
        for address in 10.0.0.1 fd00::1; do
            for attempt in 1 2 3 4 5 6 7 8 9; do ! inside ping -c 1 -w 9 $address >/dev/null 2>&1 || break; sleep 1; done
            inside ping -c 1 -w 9 $address >/dev/null
        done
        networkd=$(pgrep -x systemd-network)
        echo "networkd runs as user $(awk '/^Uid:/ { print $3 }' /proc/$networkd/status)"
        # The levels of syslog: 24 is the facility, 0 to 4 are complaints.
        sed -n 's/^<\(24\|25\|26\|27\|28\)>/complaint: /p' /tmp/networkd
        echo addresses: $(inside ip -o address show wg-tunnel scope global | awk '{ print $4 }')
        echo "route: $(inside ip route show 198.51.100.0/24)"
        inside wg show wg-tunnel dump | awk -v mtu="$(inside cat /sys/class/net/wg-tunnel/mtu)" 'NR == 2 {
            print "peer: " $3 ", " ($2 == "(none)" ? "no" : "preshared") " key, keepalive " $8 ", mtu " mtu }'
        for address in 10.0.0.1 fd00::1; do inside ping -c 1 -w 9 $address >/dev/null && echo "$address answers"; done
        kill $networkd
        cat /tmp/networkd
        """#
}
