import Foundation
import TestSupport
import Testing

/// Inputs that are huge, endless or costly, given to the real programs.
@Suite("Huge inputs", .serialized, .timeLimit(.minutes(2)), .lab("A", "B"))
struct HugeInputTests {
    @Test("are read no further than the cap, within 64 MiB of memory")
    func memory() async throws {
        let lab = try lab()
        try await lab.prepare()
        let from = try await lab.fingerprint
        let endless = "/dev/zero"
        let lines = "yes wgid1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq | head -c 500000000"
        let armor =
            "(echo -----BEGIN WGSEAL BUNDLE-----; yes AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA | head -c 500000000)"
        let parts = "yes WGS1/01/99/00000000:BB8 | head -c 500000000"
        let inputs = [
            "wgup client - --engine none --from \(from) <\(endless)",
            "\(lines) | wgup client - --engine none --from \(from)",
            "\(armor) | wgup client - --engine none --from \(from)",
            "head -c 500000000 /dev/urandom | wgup client - --engine none --from \(from)",
            "\(parts) | wgup client - --engine none --from \(from)",
            "(\(parts)) | head -c 98304 | wgup client - --engine none --from \(from)",
            "wgbundle inspect - <\(endless)",
            "\(armor) | wgbundle inspect -",
            "\(lines) | wgbundle seal --to - -o /root/x",
            "wgbundle seal --to - -o /root/x <\(endless)",
            "\(lines) | wgkey import -",
            "wgkey trust $(head -c 100000 /dev/zero | tr '\\0' q) --name x",
            "head -c 500000000 /dev/zero >/root/huge; wgup client /root/huge --engine none --from \(from)",
            "wgbundle inspect /root/huge",
            "wgbundle seal --to /root/huge -o /root/x",
            "cp /root/huge /root/.config/wgseal/networks/default/workload.conf; wgup server --engine none",
            "rm /root/.config/wgseal/networks/default/workload.conf; cp /root/huge /root/.config/wgseal/networks/default/peers/x.peer; wgup server --engine none",
            "wgbundle peers",
            "rm /root/.config/wgseal/networks/default/peers/x.peer; cp /root/huge /root/.config/wgseal/trust/x.issuer; wgkey list",
        ]
        try await lab.text("A", "mkdir", "-p", "-m", "700", "/root/.config/wgseal/trust")
        for input in inputs {
            // The last line is of the program at the end of the pipe, whose largest size it is in KiB.
            let measured = input.replacing(#/wg(up|bundle|key) /#) { "env measure wg\($0.1) " }
            let script = """
                measure() { :; }
                cat >/tmp/measure <<'PY'
                import os, resource, subprocess, sys
                status = subprocess.run(sys.argv[1:]).returncode
                print("status", status, "KiB", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
                PY
                \(measured.replacing("env measure", with: "python3 /tmp/measure"))
                """
            let result = try await lab.run("A", "sh", "-c", script)
            let line = try #require(result.text.split(separator: "\n").last, "\(input): \(result.error)")
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            try #require(numbers.count == 2, "\(input): \(line)")
            #expect(numbers[0] > 0, "\(input)")
            #expect(numbers[1] < 65_536, "\(input): \(numbers[1]) KiB")
            #expect(result.error.contains("error: "), "\(input): \(result.error)")
        }
    }
}
