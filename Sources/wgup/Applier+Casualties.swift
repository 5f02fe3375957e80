import Containers
import Planning
import Processes
import SystemIO
import Tunnel
import WireGuard

extension Applier {
    /// Waits until the workload or the device ends by itself.
    ///
    /// - Throws: ``WgupFailure/workloadEnded(_:)``, ``WgupFailure/deviceEnded(_:)`` or ``TunnelError/linkMissing(_:)``.
    func waitForCasualty() async throws {
        while true {
            // The workload first: with its network namespace it takes the link along, and the device ends of that.
            if let workloadProcess, !workloadProcess.isAlive { throw WgupFailure.workloadEnded(workloadDescription) }
            if let backend, !backend.isAlive { throw ending(of: backend) }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func ending(of backend: any TunnelBackend) -> any Error {
        backend.kind == .kernel
            ? TunnelError.linkMissing(interface.name.description) : WgupFailure.deviceEnded(interface.name)
    }

    private var workloadDescription: String {
        switch request.workload {
        case .container(_, let spec): return "\(spec.name)"
        case .command, .nginx:
            let log = RunDirectory.path(of: "workload.log", for: interface.name)
            let words = (try? LogFile.lastLines(of: log, count: 1))?.first
            return words.map { "command, last saying: \($0)" } ?? "command"
        case .none, .namespace: return ""
        }
    }
}
