import TestSupport
import Testing

/// A container of a real Docker daemon whose tunnel the kernel's own WireGuard carries.
@Suite("Kernel lab with Docker", .serialized, .timeLimit(.minutes(10)))
struct KernelContainerTests {
    @Test("has the tunnel back whenever it was restarted, with the same key, port and addresses")
    func restarts() async throws {
        let images = try TemporaryDirectory()
        let path = images.path(of: "images")
        let built = try await Tool("\(SourceTree.root)/Tests/Lab/images").run([path])
        try #require(built.status == 0, "\(built.error)")
        let engine = ["containerd", "containerd-shim-runc-v2", "docker", "dockerd", "runc"]
        let programs = ["wgbundle", "wgkey", "wgup"].map { "\(BuiltPrograms.directory)/\($0)" }
        let result = try await KernelMachine.run(
            [Self.script(path)],
            programs: engine + programs + ["\(path)/nginx.tar"]
        )
        let report = result.text + result.error
        #expect(result.status == 0, "\(report)")
        let pages = report.matches(of: #/page (\d) after (\d+\.\d+) s/#)
        #expect(pages.count == 4, "\(report)")
        let links = Set(report.matches(of: #/link: (.*)/#).map { $0.1 })
        #expect(links.count == 1 && links.first?.contains("10.0.0.1/24") == true, "\(links)")
        #expect(report.contains("left: 0 links, 0 containers, 0 files\n"), "\(report)")
        print("kernel's WireGuard in a container of Docker: " + pages.map { String($0.0) }.joined(separator: ", "))
    }

    /// Host A is the machine itself, and host B a network namespace with a `/run` of its own.
    private static func script(_ images: String) -> String {
        #"""
        set -e
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        mkdir -p /var/lib/docker
        mount -t tmpfs tmpfs /var/lib/docker
        # What an initramfs is not, is the root of a file system that could be exchanged.
        DOCKER_RAMDISK=yes dockerd --bridge=none --iptables=false --storage-driver=vfs >/tmp/dockerd.log 2>&1 &
        until docker version >/dev/null 2>&1; do sleep 0.5; done
        docker import --change 'CMD ["nginx", "-g", "daemon off;"]' \#(images)/nginx.tar nginx:latest >/dev/null
        \#(KernelHosts.script)

        wgkey gen
        wgbundle seal --to "$(wgkey gen --home /root/b)" --endpoint 192.0.2.1 -o /root/bundle.bin
        # Docker has no network here, so the container's own is empty.
        wgup server --engine docker --backend kernel --engine-arg=--network=none >/tmp/server 2>&1 &
        until grep -q 'press ctrl-c' /tmp/server; do kill -0 $!; sleep 0.2; done
        ip netns exec b unshare --mount sh -c "mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib
            exec wgup client /root/bundle.bin --home /root/b --engine none --backend kernel --from $(wgkey show --fingerprint)" \
            >/tmp/client 2>&1 &
        client=$!
        until grep -q 'press ctrl-c' /tmp/client; do kill -0 $!; sleep 0.2; done
        seconds() { cut -d ' ' -f 1 /proc/uptime; }
        check() { # NUMBER START
            until ip netns exec b curl -sm 1 http://10.0.0.1 | grep -q 'Welcome to nginx!'; do sleep 0.1; done
            echo "page $1 after $(echo "$2 $(seconds)" | awk '{ print $2 - $1 + 0.001 }') s"
            pid=$(docker inspect --format '{{.State.Pid}}' wgseal-server)
            inside="nsenter --net --target $pid"
            echo "link: $($inside wg show wg-tunnel public-key) $($inside wg show wg-tunnel listen-port)" \
                $($inside ip -o address show wg-tunnel | awk '{ print $4 }')
        }
        check 0 "$(seconds)"
        for number in 1 2 3; do
            docker restart --time 0 wgseal-server >/dev/null
            check $number "$(seconds)"
        done
        kill $client
        wait $client || :
        wgup down
        echo "left: $(ip -o link show type wireguard | wc -l) links, $(docker ps --all --quiet | wc -l) containers," \
            "$(ls /run/wgseal 2>/dev/null | wc -l) files"
        cat /tmp/server /tmp/client
        """#
    }
}
