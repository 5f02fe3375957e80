import Foundation
import TestSupport
import Testing

/// Peers that come and go are nobody else's business.
@Suite(
    "Transfers",
    .serialized,
    .timeLimit(.minutes(4)),
    .lab("A", "B", "C", "D", "E", "F")
)
struct TransferTests {
    @Test("of five peers lose no byte while fifty are added and twenty-five of them removed")
    func transfers() async throws {
        let lab = try lab()
        let clients = ["B", "C", "D", "E", "F"]
        try await lab.text("A", "wgkey", "gen")
        for client in clients {
            try await lab.text(client, "wgkey", "gen")
            try await lab.enrol(client)
        }
        let count = 50
        let make = "for n in $(seq \(count)); do wgkey gen --home /root/h$n >/root/id$n; done"
        try await lab.text("A", "sh", "-c", make)
        try await lab.text("A", "sh", "-c", "mkdir www; head -c 20000000 /dev/urandom >www/file")
        let sum = try await lab.text("A", "sh", "-c", "sha256sum <www/file")
        let serve = ["--", "python3", "-m", "http.server", "--directory", "/root/www", "80"]
        let server = try await lab.serve(["--engine", "process"] + serve)
        var tunnels: [BackgroundCommand] = []
        for client in clients { tunnels.append(try await lab.join(client, ["--engine", "process"])) }

        let fetch = "curl -s --limit-rate 2M --retry 0 --max-time 60 http://10.0.0.1/file | sha256sum"
        try await withThrowingTaskGroup { group in
            for client in clients {
                group.addTask {
                    try await lab.text(client, "ip", "netns", "exec", "wgseal-client", "sh", "-c", fetch)
                }
            }
            let change = """
                for n in $(seq \(count)); do
                    wgbundle seal --to "$(cat /root/id$n)" --name p$n -o /root/b$n
                    [ $((n % 2)) = 0 ] || rm /root/.config/wgseal/networks/default/peers/p$n.peer
                done 2>&1
                """
            try await lab.text("A", "sh", "-c", change)
            for try await transferred in group { #expect(transferred == sum) }
        }
        for number in stride(from: 2, through: count, by: 2) {
            try await server.waitForOutput("+ add peer p\(number) ")
        }
        let deadline = ContinuousClock.now + .seconds(10)
        var peers = 0
        while peers != clients.count + count / 2, ContinuousClock.now < deadline {
            peers = try await lab.wg("A", "show", "wg-tunnel", "peers").split(separator: "\n").count
        }
        #expect(peers == clients.count + count / 2)
        for tunnel in tunnels { try await tunnel.interrupt() }
        try await server.interrupt()
    }
}
