import Foundation
import TestSupport
import Testing

@Suite("Secrets of a tunnel", .serialized, .timeLimit(.minutes(2)), .labForEachTest("A", "B", withDocker: true))
struct SecretTests {
    @Test("are in no output, argument, environment, packet or log, and in no file but the key files")
    func nowhere() async throws {
        let lab = try lab()
        let evidence = try Evidence(lab)
        var secrets: [Secret] = []
        _ = try await lab.capture {
            try await makeKeys(evidence)
            let server = try evidence.start("A", "wgup", "server")
            try await server.waitForOutput("press ctrl-c")
            let client = try evidence.start("B", "wgup", "client", "bundle.bin", "--from", try await lab.fingerprint)
            try await client.waitForOutput("press ctrl-c")
            try await evidence.run("B", "docker", "exec", "wgseal-client", "curl", "http://10.0.0.1")
            secrets = try await lab.secrets(of: "A") + lab.secrets(of: "B") + [lab.presharedKeyRoot(of: "A")]
            try await useTunnel(evidence)
            let places = try await evidence.places(of: secrets)
            #expect(places == keyFiles, "while the tunnel is up")
            try await client.interrupt()
            try await server.interrupt()
            try evidence.keep(Array(server.output.utf8), of: "A")
            try evidence.keep(Array(client.output.utf8), of: "B")
        }
        for host in lab.hosts {
            let programs = try evidence.programs(startedOn: host)
            #expect(programs.filter { !$0.hasPrefix("/") } == [])
            let names = Set(programs.compactMap { $0.split(separator: "/").last })
            #expect(names.isSuperset(of: ["wgup", "docker", "wireguard-go"]), "what is traced is the whole of it")
            #expect(names.isDisjoint(with: ["sh", "bash", "dash", "busybox", "env"]))
        }
        let places = try await evidence.places(of: secrets)
        #expect(places == keyFiles, "after the tunnel was taken down")
    }

    private let keyFiles: Set = [
        "A:/root/.config/wgseal/identity.key", "A:/root/.config/wgseal/networks/default/preshared.key",
        "B:/root/.config/wgseal/identity.key",
    ]

    private func makeKeys(_ evidence: Evidence) async throws {
        try await evidence.run("A", "wgkey", "gen")
        let identity = try await evidence.run("B", "wgkey", "gen")
        try await evidence.run("A", "wgkey", "gen", status: 73)
        try await evidence.run("A", "wgkey", "show", "--json")
        try await evidence.run("A", "wgkey", "show", "--qr")
        try await evidence.run("A", "wgbundle", "seal", "--to", identity, "--json")
        try await evidence.run("A", "wgbundle", "peers", "--json")
        try await evidence.run("A", "wgbundle", "qr", "bundle.bin")
        try await lab().carry("bundle.bin", from: "A", to: "B")
        // What is damaged is named, and not quoted.
        let damage = "umask 077; mkdir damaged && sed '/^WG/s/...$//' .config/wgseal/identity.key >damaged/identity.key"
        try await evidence.run("B", "sh", "-c", damage)
        try await evidence.run("B", "wgkey", "show", "--home", "damaged", status: 78)
        try await evidence.run("B", "rm", "-r", "damaged")
    }

    private func useTunnel(_ evidence: Evidence) async throws {
        try await evidence.run("A", "wgup", "status")
        try await evidence.run("A", "wgup", "status", "--json")
        try await evidence.run("A", "wgup", "status", "--prometheus")
        let ask =
            "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/wgseal/wg-tunnel.status'); print(s.recv(65536))"
        try await evidence.run("A", "python3", "-c", ask)
        try await evidence.run("B", "wgup", "plan", "client", "bundle.bin", "--json")
        try await evidence.run("B", "wgkey", "list", "--json")
        try await evidence.run("B", "wgbundle", "inspect", "bundle.bin")
        try await evidence.run("B", "wgbundle", "inspect", "bundle.bin", "--json")
        for host in ["A", "B"] { try await evidence.look(at: host) }
    }

    @Test("are in no system call of wgup but those that speak with the device")
    func calls() async throws {
        let lab = try lab()
        try await lab.prepare()
        let trace = ["strace", "-f", "-qq", "-xx", "-s", "1000000", "-o", "/root/calls"]
        let server = try lab.start("A", trace + ["wgup", "server", "--engine", "none"])
        try await server.waitForOutput("press ctrl-c")
        let keys =
            try await [lab.text("A", "wg", "show", "wg-tunnel", "private-key")]
            + lab.text("A", "wg", "show", "wg-tunnel", "preshared-keys").split(separator: "\t").suffix(1).map(
                String.init
            )
        try await lab.text("A", "wgup", "down")
        #expect(try await server.waitForEnd() == 0)
        let calls = try await lab.text("A", "cat", "calls").split(separator: "\n")
        func escaped(_ bytes: some Sequence<UInt8>) -> String {
            bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        let device = try Self.device(in: calls)
        for key in keys {
            let bytes = [UInt8](try #require(Data(base64Encoded: key)))
            let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let forms = [
                escaped(bytes), escaped(hexadecimal.utf8), escaped(hexadecimal.uppercased().utf8), escaped(key.utf8),
            ]
            let found = calls.filter { call in
                forms.contains { call.contains($0) } && !device.contains(Self.process(of: call))
            }
            let names = Set(found.compactMap { $0.firstMatch(of: #/^\d+ +(?:<\.\.\. )?(\w+)/#).map { String($0.1) } })
            #expect(names == ["recvfrom", "sendto"])
        }
    }

    private static func process(of call: Substring) -> Substring { call.prefix { $0 != " " } }

    /// The processes and threads of `wireguard-go`.
    private static func device(in calls: [Substring]) throws -> Set<Substring> {
        let program = "wireguard-go".utf8.map { "\\x" + String($0, radix: 16) }.joined()
        let first = try #require(calls.first { $0.contains("execve(") && $0.contains(program) })
        var device: Set = [process(of: first)]
        for call in calls where device.contains(process(of: call)) {
            if let child = call.firstMatch(of: #/clone3?.* = (\d+)$/#) { device.insert(child.1) }
        }
        return device
    }

    @Test("are found wherever they are planted, in every form")
    func control() async throws {
        let lab = try lab()
        let evidence = try Evidence(lab)
        var generator = SystemRandomNumberGenerator()
        var key = (0..<32).map { _ in UInt8.random(in: 11...255, using: &generator) }
        // What a search for text would stumble over.
        key[1] = 0
        key[30] = 0x0A
        let hexadecimal = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let base64 = Data(key).base64EncodedString()
        let offBase64 = Data([1] + key + [2]).base64EncodedString()

        try await evidence.run("A", "echo", hexadecimal.uppercased())
        try await evidence.run("B", "sh", "-c", "echo '\(key)' >&2")
        let traced = try evidence.start("A", "sh", "-c", "env true $0; env true", base64)
        _ = try await traced.waitForEnd()
        let argument = try lab.start("A", ["sh", "-c", "echo up; while :; do sleep 9; done", hexadecimal])
        let variable = try lab.start("B", ["env", "A=\(offBase64)", "sh", "-c", "echo up; exec sleep 1000"])
        for process in [argument, variable] { try await process.waitForOutput("up") }
        for host in ["A", "B"] { try await lab.write(key, to: "/dev/shm/raw", on: host) }
        try await lab.write(
            Array("key: \(base64.prefix(20))\n\(base64.dropFirst(20))".utf8),
            to: "/etc/halves",
            on: "A"
        )
        try await lab.write(Array(hexadecimal.utf8), to: "/var/lib/hexadecimal", on: "A")
        try await lab.write(key, to: "/var/log/raw", on: "B")
        try await lab.write(key, to: "/var/tmp/raw", on: "B")
        try await lab.write(key, to: "identity.key", on: "B")
        try await lab.write(key, to: "/run/raw", on: "B")
        // The answer is that nobody listens there; then the packet has passed the wire.
        let packet = "exec 3<>/dev/udp/192.0.2.1/9; cat /run/raw >&3; ! read -t 9 -u 3"
        _ = try await lab.capture { try await lab.text("B", "bash", "-c", packet) }
        try await lab.text("A", "docker", "create", "--name", "planted", "--label", "key=\(base64)", "nginx")
        for host in ["A", "B"] { try await evidence.look(at: host) }

        let places = try await evidence.places(of: [Secret(key)])
        let planted: Set = [
            "evidence/A output", "evidence/A trace", "evidence/A processes", "evidence/A containers", "A:/dev/shm/raw",
            "A:/etc/halves", "A:/var/lib/hexadecimal", "evidence/B output", "evidence/B processes", "B:/dev/shm/raw",
            "B:/var/log/raw", "B:/var/tmp/raw", "B:/root/identity.key", "B:/run/raw",
            "capture.pcap",
        ]
        #expect(planted.subtracting(places) == [], "not found")
        // Docker keeps the label in a file of its own.
        let others = places.subtracting(planted)
        #expect(!others.isEmpty && others.allSatisfy { $0.hasPrefix("A:/var/lib/docker/") })
    }
}
