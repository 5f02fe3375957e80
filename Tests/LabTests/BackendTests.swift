import TestSupport
import Testing

/// The contract of the backends, which `TunnelTests` holds them to, on hosts that are thrown away.
@Suite("Backends", .serialized, .timeLimit(.minutes(10)))
struct BackendTests {
    @Test(
        "keep it on a host of the namespace lab",
        .lab("A"),
        arguments: ["TunnelTests/BackendContractTests", "TunnelTests/ManyPeersTests"]
    )
    func namespaceLab(suite: String) async throws {
        let lab = try lab()
        // A kernel that has WireGuard is held to the same.
        let hasWireGuard = try await lab.run("A", "ip", "link", "add", "probe", "type", "wireguard").status == 0
        if hasWireGuard { try await lab.text("A", "ip", "link", "delete", "probe") }
        let backends = hasWireGuard ? ["userspace", "kernel"] : ["userspace"]
        let line = TestBundle.command(suite, on: backends).joined(separator: " ")
        let result = try await lab.run("A", "sh", "-c", line)
        try TestBundle.expectSuccess(result, of: suite, caseCount: backends.count)
    }

    @Test("keep it in the kernel lab")
    func kernelLab() async throws {
        let suite = "TunnelTests/BackendContractTests"
        let command = TestBundle.command(suite, on: ["userspace", "kernel"])
        let result = try await KernelMachine.run(command, programs: ["wireguard-go"])
        try TestBundle.expectSuccess(result, of: suite, caseCount: 2)
    }
}

/// The story with the kernel's WireGuard, where there is no other: no `wireguard-go` is on that machine.
@Suite("Kernel lab", .serialized, .timeLimit(.minutes(10)))
struct KernelLabTests {
    private func play(_ suite: String, witnesses: [String] = []) async throws {
        let report = try await KernelMachine.play(suite, witnesses: witnesses)
        print(report.split(separator: "\n").filter { $0.hasPrefix("of the kernel's") }.joined(separator: "\n"))
    }

    @Test("plays the story of hosts that have no container engine")
    func story() async throws { try await play("LabTests/ProcessEngineTests") }

    @Test("sees every re-run change only what differs, and no session lost")
    func reruns() async throws {
        _ = try await Effects.compile()
        try await play("LabTests/RerunTests", witnesses: Effects.witnesses)
    }

    @Test("sees nothing left of what was killed before or after any message to the kernel")
    func crashes() async throws {
        _ = try await Effects.compile()
        try await play("LabTests/KernelCrashTests", witnesses: Effects.witnesses)
    }
}
